"""Reads of the treasury; the front door for other rooms, by concept in the modules beside this one."""

from portal.treasury.selectors.accounts import (
    STATEMENT,
    MyAccount,
    account_events,
    account_in_short,
    account_page,
    accounts_to_review,
    decision_about,
    hold_figure,
    kept_statement,
    my_account,
    owners,
    purposes_of,
    returned_to,
    reviews_of,
    same_clabe,
    standing,
    statement_age,
    stoppable,
)
from portal.treasury.selectors.batches import (
    Acts,
    acts_on,
    approvals_figure,
    bank_file_of,
    barred_from,
    batches_to_approve,
    batches_to_send,
    called,
    paid_parties,
    people_of,
    results_of,
)
from portal.treasury.selectors.books import (
    PAYMENT,
    Movements,
    balance,
    books_are_whole,
    movements,
    unbalanced_currencies,
)
from portal.treasury.selectors.choosing import MOST as MOST_CHOICES
from portal.treasury.selectors.choosing import Choice, choices_for_batch
from portal.treasury.selectors.collections import collection_account, proposals
from portal.treasury.selectors.transfers import (
    batch_folios,
    deposit,
    deposits,
    folios_of,
    is_downloaded,
    locked_transfers_to,
    payees,
    stopped_transfers,
    subjects_of,
    transfers_of,
    under_way_to,
)
