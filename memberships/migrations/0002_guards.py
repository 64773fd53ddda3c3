"""What the database itself refuses: what was paid, posted and priced is history."""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted

_DATE = ("anchor", "due_on", "rolled_on", "due_rule")


class Migration(migrations.Migration):
    dependencies = [("memberships", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        *append_only("memberships_planprice"),
        frozen(
            "memberships_duespayment",
            "dues_payment_is_frozen",
            *("membership_id", "amount", "value_on", "means", "source_type", "source_id", "received_at"),
        ),
        frozen(
            "memberships_duespayment",
            "dues_payment_is_taken_back_once",
            *("taken_back_on", "taken_back_at", "lost"),
            once="OLD.taken_back_on IS NOT NULL",
        ),
        never_deleted("memberships_duespayment"),
        frozen("memberships_duesposting", "dues_posting_is_frozen", "charge_id", "act", "on", "amount"),
        never_deleted("memberships_duesposting"),
        frozen("memberships_standingchange", "standing_change_is_frozen", "membership_id", "on", "standing"),
        never_deleted("memberships_standingchange"),
        never_deleted("memberships_charge"),
        frozen("memberships_duesdue", "dues_date_is_frozen", *_DATE),
        frozen("memberships_duesdue", "dues_date_is_met_once", "met_at", once="OLD.met_at IS NOT NULL"),
        never_deleted("memberships_duesdue"),
        frozen("memberships_birthdaydue", "birthday_is_frozen", *_DATE, "person_id"),
        frozen("memberships_birthdaydue", "birthday_is_met_once", "met_at", once="OLD.met_at IS NOT NULL"),
        never_deleted("memberships_birthdaydue"),
        frozen("memberships_pricedue", "price_date_is_frozen", *_DATE, "price_id"),
        frozen("memberships_pricedue", "price_date_is_met_once", "met_at", once="OLD.met_at IS NOT NULL"),
        never_deleted("memberships_pricedue"),
        frozen(
            "memberships_slip",
            "slip_is_frozen",
            *("folio", "code", "party_id", "scheme_id", "reference", "amount", "made_at", "made_by_id", "expires_on"),
            *("days_rule", "document_id", "replaces_id"),
        ),
        never_deleted("memberships_slip"),
        *append_only("memberships_slipline"),
        *append_only("memberships_slipkey"),
        frozen(
            "memberships_cardattempt",
            "card_attempt_is_frozen",
            *("folio", "code", "membership_id", "party_id", "amount", "started_at", "started_by_id", "expires_at"),
        ),
        never_deleted("memberships_cardattempt"),
        *append_only("memberships_cardline"),
        *append_only("memberships_gatewayevent"),
        frozen("memberships_refund", "refund_is_of_its_family", "membership_id", "party_id", "wanted_by_id", "note"),
        frozen(
            "memberships_refund",
            "refund_asked_is_frozen",
            *("folio", "amount", "means", "attempt_id", "slip_id", "reason", "asked_by_id", "asked_at", "asked_on"),
            *("due_on", "due_rule"),
            once="OLD.asked_on IS NOT NULL",
        ),
        never_deleted("memberships_refund"),
    ]
