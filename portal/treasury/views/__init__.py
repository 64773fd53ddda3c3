"""Screens of the treasury."""

from portal.treasury.views.accounts import (
    account_review,
    account_reviews,
    account_sent,
    cancel_change,
    capture_account,
    my_account,
    submit_account,
)
from portal.treasury.views.batches import (
    approve_batch,
    batch,
    batches,
    cancel_batch,
    payable,
    payables,
    payables_by_day,
    withdraw_transfer,
)
from portal.treasury.views.collections import (
    apply_movements,
    deposit,
    deposits,
    deposits_by_age,
    discard_deposit,
    match_deposit,
    movement_file,
    movement_files,
    read_movements,
    settle_channel,
    undo_deposit,
)
from portal.treasury.views.exchange import (
    bank_result,
    download_bank_file,
    export_bank_file,
    note_sent,
    read_result,
)
from portal.treasury.views.preparing import agenda, new_batch
