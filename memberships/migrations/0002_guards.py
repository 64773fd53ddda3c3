"""What the database itself refuses: what was paid, posted and priced is history."""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted


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
        frozen("memberships_duesdue", "dues_date_is_frozen", "anchor", "due_on", "rolled_on", "due_rule"),
        frozen("memberships_duesdue", "dues_date_is_met_once", "met_at", once="OLD.met_at IS NOT NULL"),
        never_deleted("memberships_duesdue"),
    ]
