"""An RFC that goes to its owner: accounts of before never come back, and a locked batch that pays them is cancelled."""

from django.db import migrations, models

END = """
UPDATE treasury_bankaccount AS account
SET state = 'stopped', usable_from = NULL, replaced_at = coalesce(account.replaced_at, party.rfc_moved_at)
FROM people_party AS party
WHERE party.id = account.party_id AND account.captured_at <= party.rfc_moved_at AND account.state = 'replaced'
"""
# What people said yes to leaves together with its whole batch, or not at all.
FROZEN = """
CREATE OR REPLACE FUNCTION treasury_transfer_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE batch treasury_paymentbatch%ROWTYPE;
BEGIN
    SELECT * INTO batch FROM treasury_paymentbatch WHERE id = NEW.batch_id;
    IF batch.locked_at IS NOT NULL AND (TG_OP = 'INSERT' OR (NEW.state = 'withdrawn' AND batch.state <> 'cancelled')) THEN
        RAISE EXCEPTION 'batch is locked' USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_of_locked_batch';
    END IF;
    IF NEW.state IN ('paid', 'rejected', 'returned') AND batch.locked_at IS NULL THEN
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
# What is locked is cancelled only when it pays an account that was stopped since, and nobody has its file.
CANCELLED = """
CREATE FUNCTION treasury_batch_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM treasury_bankfile WHERE batch_id = NEW.id AND downloads > 0) OR NOT EXISTS (
        SELECT 1 FROM treasury_transfer t JOIN treasury_bankaccount a ON a.id = t.account_id
        WHERE t.batch_id = NEW.id AND t.state = 'pending' AND a.state = 'stopped') THEN
        RAISE EXCEPTION 'batch_locked_by_state: % stays', NEW.folio
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_locked_by_state';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER batch_locked_by_state AFTER UPDATE ON treasury_paymentbatch
    FOR EACH ROW WHEN (NEW.state = 'cancelled' AND OLD.state <> 'cancelled' AND NEW.locked_at IS NOT NULL)
    EXECUTE FUNCTION treasury_batch_cancelled();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_an_rfc_is_a_claim"),
        ("treasury", "0010_payable_batch_state_known"),
    ]

    operations = [
        migrations.RunSQL(END, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="paymentbatch", name="batch_locked_by_state"),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("locked_at", None), ("state", "prepared"))
                | models.Q(("locked_at__isnull", False), ("state__in", ["approved", "exported", "posted"]))
                | models.Q(("state", "cancelled")),
                name="batch_locked_by_state",
            ),
        ),
        *[migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (FROZEN, CANCELLED)],
    ]
