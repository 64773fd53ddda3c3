"""Reads of the treasury; the front door for other rooms, by concept in the modules beside this one."""

from portal.treasury.selectors.accounts import (
    STATEMENT,
    MyAccount,
    account_events,
    account_facts,
    account_page,
    accounts_in_short,
    accounts_to_review,
    answers_of,
    decision_about,
    hold_figure,
    kept_statement,
    my_account,
    owners,
    returned_to,
    reviews_of,
    same_clabe,
    sent_facts,
    standing,
    statement_age,
    stoppable,
)
from portal.treasury.selectors.attention import Attention, look_first
from portal.treasury.selectors.batches import (
    Acts,
    acts_on,
    bank_file_of,
    barred_from,
    batch_told,
    batches_to_approve,
    batches_to_send,
    called,
    facts_of_file,
    figures_of_batch,
    paid_parties,
    payable_told,
    people_of,
    results_of,
    why_stays,
)
from portal.treasury.selectors.books import (
    PAYMENT,
    Movements,
    balance,
    books_are_whole,
    movements,
    unbalanced_currencies,
)
from portal.treasury.selectors.choosing import EVERYTHING, Choice, Due, choices_for_batch
from portal.treasury.selectors.choosing import MOST as MOST_CHOICES
from portal.treasury.selectors.collections import (
    by_kind,
    collection_account,
    deposit_of,
    find_targets,
    known_keys,
    matcher,
    parts_of,
    proposals,
    shared_out,
    targets_of,
)
from portal.treasury.selectors.deposits import (
    BETWEEN,
    GONE,
    allocation_figure,
    channels_for,
    choices_for,
    deposit_events,
    file_standing,
    file_told,
    is_ahead,
    live_allocation,
    parts_for,
    proposal_told,
    shares_beside,
    shares_by_id,
)
from portal.treasury.selectors.planning import NOBODY, Authorising, Day, agenda, agenda_told, late_told, who_authorises
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
    tries_of,
    under_way_to,
)
from portal.treasury.selectors.uses import Use, names_of, page_of, use_of, uses_asked_for, uses_of
