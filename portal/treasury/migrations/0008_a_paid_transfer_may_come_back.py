"""A transfer that was paid may come back: it is `returned`, and its account begins another round of reviews."""

from django.conf import settings
from django.db import migrations, models

# Enough reviewers of the present round; a paid transfer may be returned, and nothing else is settled twice.
JUDGED = """
CREATE OR REPLACE FUNCTION treasury_account_judged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviews_needed < 2 AND NEW.state IN ('in_review', 'validated') AND EXISTS (
        SELECT 1 FROM treasury_bankaccount o WHERE o.party_id = NEW.party_id AND o.purpose = NEW.purpose
        AND o.id <> NEW.id AND o.usable_from IS NOT NULL) THEN
        RAISE EXCEPTION 'a change of account needs two reviewers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_change_needs_two';
    END IF;
    IF NEW.state = 'validated' AND (TG_OP = 'INSERT' OR OLD.state <> 'validated') AND
       (SELECT count(DISTINCT reviewer_id) FROM treasury_accountreview
        WHERE account_id = NEW.id AND decision = 'approved' AND round = NEW.round) < NEW.reviews_needed THEN
        RAISE EXCEPTION 'account % lacks reviewers', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_validated_by_enough';
    END IF;
    RETURN NEW;
END $$;
"""
FROZEN = """
CREATE OR REPLACE FUNCTION treasury_transfer_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE locked timestamptz;
BEGIN
    SELECT locked_at INTO locked FROM treasury_paymentbatch WHERE id = NEW.batch_id;
    IF locked IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.state = 'withdrawn') THEN
        RAISE EXCEPTION 'batch is locked' USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_of_locked_batch';
    END IF;
    IF NEW.state IN ('paid', 'rejected', 'returned') AND locked IS NULL THEN
        RAISE EXCEPTION 'batch is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_answered_after_lock';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NOT (
        (OLD.state = 'pending' AND NEW.state <> 'returned') OR (OLD.state = 'paid' AND NEW.state = 'returned')) THEN
        RAISE EXCEPTION 'transfer is settled' USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_settled_once';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.paid_on IS NOT NULL AND NEW.paid_on IS DISTINCT FROM OLD.paid_on THEN
        RAISE EXCEPTION 'transfer was paid' USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_settled_once';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0001_initial"),
        ("people", "0003_remembered_names_and_token_names"),
        ("treasury", "0007_a_statement_names_the_rfc"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="accountreview",
            name="one_review_per_reviewer",
        ),
        migrations.RemoveConstraint(
            model_name="bankaccount",
            name="one_account_under_way",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_paid_on",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_rejected_why",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_state_known",
        ),
        migrations.AddField(
            model_name="accountreview",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="transfer",
            name="returned_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="payable",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Por pagar"),
                    ("scheduled", "En un lote"),
                    ("paid", "Pagado"),
                    ("rejected", "El banco lo rechazó"),
                ],
                default="open",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Sin respuesta"),
                    ("paid", "Pagada"),
                    ("rejected", "Rechazada"),
                    ("returned", "Devuelta después de pagada"),
                    ("withdrawn", "Salió del lote"),
                ],
                default="pending",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="accountreview",
            constraint=models.UniqueConstraint(fields=("account", "reviewer", "round"), name="one_review_per_reviewer"),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("returned_at", None), ("state__in", ["captured", "in_review"])),
                fields=("party", "purpose"),
                name="one_account_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at", None), ("round", 1)),
                    models.Q(("returned_at__isnull", False), ("round__gte", 2)),
                    _connector="OR",
                ),
                name="account_round_begins_with_a_return",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_on__isnull", False), ("state__in", ["paid", "returned"])),
                    models.Q(models.Q(("state__in", ["paid", "returned"]), _negated=True), ("paid_on", None)),
                    _connector="OR",
                ),
                name="transfer_paid_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("returned_on__gte", models.F("paid_on")), ("returned_on__isnull", False), ("state", "returned")
                    ),
                    models.Q(models.Q(("state", "returned"), _negated=True), ("returned_on", None)),
                    _connector="OR",
                ),
                name="transfer_returned_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["rejected", "returned"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_rejected_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "paid", "rejected", "returned", "withdrawn"])),
                name="transfer_state_known",
            ),
        ),
        migrations.RunSQL(JUDGED, migrations.RunSQL.noop),
        migrations.RunSQL(FROZEN, migrations.RunSQL.noop),
    ]
