"""Every write of the treasury, by concept: accounts, ledger, payables, batches, bank."""

from portal.treasury.services.accounts import (
    apply_account_decision,
    capture_account,
    end_accounts,
    review_account,
    submit_account,
    undo_account_decision,
)
from portal.treasury.services.bank import (
    ANSWERS,
    apply_answer,
    export_bank_file,
    find_answered,
    import_bank_result,
    judge_answer,
    note_answer,
    note_download,
    read_bank_result,
)
from portal.treasury.services.batches import approve_batch, cancel_batch, prepare_batch
from portal.treasury.services.changes import cancel_change
from portal.treasury.services.ledger import post_entry, reverse_entry
from portal.treasury.services.locks import hold_transfer, hold_treasury
from portal.treasury.services.payables import cancel_payable, open_payable
