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
    note_sent,
    read_bank_result,
)
from portal.treasury.services.batches import approve_batch, cancel_batch, prepare_batch
from portal.treasury.services.changes import cancel_change
from portal.treasury.services.deposits import (
    discard_deposit,
    match_deposit,
    settle_channel,
    undo_allocation,
    undo_deposit,
)
from portal.treasury.services.ledger import Draft, post_entries, post_entry, reverse_entry
from portal.treasury.services.locks import hold_transfer, hold_treasury
from portal.treasury.services.matching import LEASE as MATCH_LEASE
from portal.treasury.services.matching import match_file
from portal.treasury.services.movements import (
    MOVEMENTS,
    apply_file,
    apply_movements,
    find_account,
    judge_file,
    load_shipped_accounts,
    note_file,
    read_movements_file,
)
from portal.treasury.services.payables import cancel_payable, open_payable
from portal.treasury.services.withdrawing import withdraw_transfer
