"""What no row may break, kept by the database itself: balanced books, three people, frozen transfers (MO-02, MO-05)."""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted

BALANCES = """
-- Each line asks for its entry's sums, the entry once how many lines it has: of both nothing is asked twice.
CREATE FUNCTION treasury_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'treasury_ledgertransaction' THEN
        IF (SELECT count(*) FROM treasury_ledgerline WHERE transaction_id = NEW.id) < 2 THEN
            RAISE EXCEPTION 'entry % has fewer than two lines', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_has_two_lines';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM treasury_ledgerline WHERE transaction_id = NEW.transaction_id
                  GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'entry % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON treasury_ledgerline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION treasury_entry_balances();
CREATE CONSTRAINT TRIGGER ledger_entry_has_two_lines AFTER INSERT ON treasury_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION treasury_entry_balances();
ALTER TABLE treasury_ledgeraccount ADD CONSTRAINT ledger_account_with_currency UNIQUE (id, currency);
ALTER TABLE treasury_ledgerline ADD CONSTRAINT ledger_line_currency_of_account
    FOREIGN KEY (account_id, currency) REFERENCES treasury_ledgeraccount (id, currency);
"""

ACCOUNTS = """
CREATE FUNCTION treasury_account_judged() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER treasury_account_judged BEFORE INSERT OR UPDATE ON treasury_bankaccount
    FOR EACH ROW EXECUTE FUNCTION treasury_account_judged();
CREATE TRIGGER account_is_frozen BEFORE UPDATE ON treasury_bankaccount FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('account_is_frozen', 'party_id', 'purpose', 'clabe_index', 'last4', 'holder', 'statement_id');

CREATE FUNCTION treasury_review_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM treasury_bankaccount WHERE id = NEW.account_id
               AND NEW.reviewer_id IN (submitted_by_id, captured_by_id)) THEN
        RAISE EXCEPTION 'who hands an account in does not judge it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_reviewed_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_reviewed_by_another BEFORE INSERT ON treasury_accountreview
    FOR EACH ROW EXECUTE FUNCTION treasury_review_by_another();
"""

PEOPLE = """
CREATE FUNCTION treasury_three_people() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE batch treasury_paymentbatch%ROWTYPE;
BEGIN
    SELECT * INTO batch FROM treasury_paymentbatch WHERE id = NEW.batch_id;
    IF batch.locked_at IS NOT NULL OR batch.state <> 'prepared' THEN
        RAISE EXCEPTION 'batch % takes no more people', batch.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_people_before_lock';
    END IF;
    IF TG_TABLE_NAME = 'treasury_batchapproval' THEN
        IF NEW.approver_id = batch.prepared_by_id THEN
            RAISE EXCEPTION 'the preparer does not approve'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_preparer_does_not_approve';
        END IF;
        IF EXISTS (SELECT 1 FROM treasury_batchbarred WHERE batch_id = batch.id AND user_id = NEW.approver_id) THEN
            RAISE EXCEPTION 'a reviewer does not approve'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_reviewer_does_not_approve';
        END IF;
    ELSIF NEW.user_id = batch.prepared_by_id THEN
        RAISE EXCEPTION 'a reviewer does not prepare'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_reviewer_does_not_prepare';
    ELSIF EXISTS (SELECT 1 FROM treasury_batchapproval WHERE batch_id = batch.id AND approver_id = NEW.user_id) THEN
        RAISE EXCEPTION 'a reviewer does not approve'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_reviewer_does_not_approve';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_three_people BEFORE INSERT ON treasury_batchapproval
    FOR EACH ROW EXECUTE FUNCTION treasury_three_people();
CREATE TRIGGER treasury_three_people BEFORE INSERT ON treasury_batchbarred
    FOR EACH ROW EXECUTE FUNCTION treasury_three_people();
CREATE TRIGGER approval_is_frozen BEFORE UPDATE ON treasury_batchapproval FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('approval_is_frozen', 'batch_id', 'approver_id', 'at');
"""

LOCK = """
CREATE FUNCTION treasury_batch_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE yes integer; amount numeric; number integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.locked_at IS NOT NULL THEN
            RAISE EXCEPTION 'a batch is not born locked'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_locked_by_enough_approvals';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.locked_at IS NOT NULL AND (NEW.locked_at, NEW.folio, NEW.total, NEW.count, NEW.approvals_needed)
        IS DISTINCT FROM (OLD.locked_at, OLD.folio, OLD.total, OLD.count, OLD.approvals_needed) THEN
        RAISE EXCEPTION 'batch % is locked', OLD.folio
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_locked_is_frozen';
    END IF;
    IF OLD.locked_at IS NULL AND NEW.locked_at IS NOT NULL THEN
        SELECT count(*) INTO yes FROM treasury_batchapproval WHERE batch_id = NEW.id AND voided_at IS NULL;
        IF yes < NEW.approvals_needed THEN
            RAISE EXCEPTION 'batch % lacks approvals', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_locked_by_enough_approvals';
        END IF;
        SELECT coalesce(sum(t.amount), 0), count(*) INTO amount, number
            FROM treasury_transfer t WHERE t.batch_id = NEW.id AND t.state = 'pending';
        IF amount <> NEW.total OR number <> NEW.count OR EXISTS (
            SELECT 1 FROM treasury_transfer t WHERE t.batch_id = NEW.id AND t.state = 'pending' AND t.amount <>
            (SELECT coalesce(sum(i.amount), 0) FROM treasury_transferitem i WHERE i.transfer_id = t.id AND i.live)) THEN
            RAISE EXCEPTION 'batch % does not add up', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_total_is_sum';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_batch_lock BEFORE INSERT OR UPDATE ON treasury_paymentbatch
    FOR EACH ROW EXECUTE FUNCTION treasury_batch_lock();
CREATE TRIGGER batch_is_frozen BEFORE UPDATE ON treasury_paymentbatch FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('batch_is_frozen', 'currency', 'prepared_by_id', 'prepared_at');

CREATE FUNCTION treasury_transfer_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER treasury_transfer_frozen BEFORE INSERT OR UPDATE ON treasury_transfer
    FOR EACH ROW EXECUTE FUNCTION treasury_transfer_frozen();
CREATE TRIGGER transfer_is_frozen BEFORE UPDATE ON treasury_transfer FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('transfer_is_frozen', 'batch_id', 'number', 'account_id', 'party_id', 'clabe_index', 'last4',
                    'holder', 'rfc', 'amount', 'currency', 'tracking', 'numeric_reference', 'concept');
CREATE TRIGGER payable_is_frozen BEFORE UPDATE ON treasury_payable FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('payable_is_frozen', 'party_id', 'amount', 'currency', 'kind', 'subject_type', 'subject_id', 'liability');

CREATE FUNCTION treasury_bank_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM treasury_paymentbatch WHERE id = NEW.batch_id AND locked_at IS NOT NULL
                   AND prepared_by_id = NEW.exported_by_id) THEN
        RAISE EXCEPTION 'the preparer exports a locked batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_file_by_preparer_after_lock';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bank_file_by_preparer_after_lock BEFORE INSERT ON treasury_bankfile
    FOR EACH ROW EXECUTE FUNCTION treasury_bank_file();
CREATE TRIGGER bank_file_is_frozen BEFORE UPDATE ON treasury_bankfile FOR EACH ROW EXECUTE FUNCTION
    cauce_frozen('bank_file_is_frozen', 'batch_id', 'number', 'file_id', 'sha256', 'exported_by_id', 'exported_at');
CREATE TRIGGER bank_file_download_is_frozen BEFORE UPDATE ON treasury_bankfile FOR EACH ROW
    WHEN (OLD.downloads > 0) EXECUTE FUNCTION
    cauce_frozen('bank_file_download_is_frozen', 'downloaded_by_id', 'downloaded_at');
CREATE TRIGGER bank_file_sending_is_frozen BEFORE UPDATE ON treasury_bankfile FOR EACH ROW
    WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION cauce_frozen('bank_file_sending_is_frozen', 'sent_by_id', 'sent_at');
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

# What moved is never edited; what became of a deposit is undone, never changed.
MOVED = ("account_id", "file_id", "row", "on", "amount", "currency", "text", "reference", "tracking", "identity")
SAID = ("movement_id", "act", "result", "score", "message", "comment", "settles_id", "fee", "at", "by_id")


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (BALANCES, ACCOUNTS, PEOPLE, LOCK, CANCELLED)),
        *append_only("treasury_ledgeraccount"),
        *append_only("treasury_ledgertransaction"),
        *append_only("treasury_ledgerline"),
        *append_only("treasury_accountreview"),
        *append_only("treasury_batchbarred"),
        frozen("treasury_movement", "movement_is_frozen", *MOVED),
        never_deleted("treasury_movement"),
        frozen("treasury_allocation", "allocation_is_frozen", *SAID),
        frozen(
            "treasury_allocation",
            "allocation_is_undone_once",
            "undone_at",
            "undone_by_id",
            once="OLD.undone_at IS NOT NULL",
        ),
        never_deleted("treasury_allocation"),
        *append_only("treasury_allocationshare"),
    ]
