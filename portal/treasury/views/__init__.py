"""Screens of the treasury."""

from portal.treasury.views.accounts import (
    account_review,
    account_reviews,
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
    new_batch,
    payables,
    payables_by_day,
)
from portal.treasury.views.exchange import bank_result, download_bank_file, export_bank_file, read_result
