"""Reading memberships: the front door for other rooms' reads."""

from memberships.selectors.alerts import users_of_titulars
from memberships.selectors.cards import (
    attempts_to_ask,
    card_page,
    card_way,
    doubt_facts,
    doubts_open,
    has_doubtful_capture,
    open_attempt,
)
from memberships.selectors.covered import certificates_of
from memberships.selectors.deposits import find_for_deposits, offered_to_deposits, targets_of_deposits
from memberships.selectors.desk import family_at_desk, invitable, offered_plans, papers_at_desk, price_on, prices_of
from memberships.selectors.dues import (
    birthday_reminders,
    dues_of_many,
    dues_terms,
    kept_prices,
    month_price,
    price_reminders,
    reminders_of,
    terms_of_days,
)
from memberships.selectors.family import (
    can_cancel,
    families_of,
    has_account,
    may_see,
    money_facts,
    person_page,
    seen_clinically,
    shares_of,
    sights,
    stay_to_manage,
    why_it_stands,
    with_account,
)
from memberships.selectors.figures import money_figures, slip_figures
from memberships.selectors.imss import contact, imss_check, imss_page, imss_sources
from memberships.selectors.imss_steps import imss_steps
from memberships.selectors.joining import (
    draft_of,
    is_covered_elsewhere,
    joining_answers,
    joining_initial,
    keeps_identity,
    own_person,
    person_facts,
    relatives_of,
)
from memberships.selectors.paying import look_up, month_choices, months_to_pay, own_to_pay
from memberships.selectors.policies import (
    Relative,
    YearOfTerms,
    conditions_of,
    coverages_between,
    coverages_on,
    family_of,
    files_expense_of,
    insurer_choices,
    insurers,
    match_certificate,
    people_covered,
    policy_page,
    stays_to_file,
    terms_of,
)
from memberships.selectors.refunds import (
    AFTER_WISHING,
    Way,
    asked_by_of,
    attempt_facts,
    family_refunds,
    given_up,
    may_be_refunded,
    most_back,
    not_covered,
    part_given_back,
    refund_due,
    refund_facts,
    refund_of_attempt,
    refund_told,
    refund_wanted,
    refundable,
    refunds_of,
    refunds_to_approve,
    refunds_to_ask,
    refunds_under_way,
    refunds_wanted,
    regained_by,
    state_of_refund,
    was_done,
    ways_back,
    ways_shown,
    who_knows,
    wish_answers,
    wish_facts,
)
from memberships.selectors.refunds import KIND as REFUND_KIND
from memberships.selectors.slips import (
    barcode,
    expected_slip,
    family_to_pay_again,
    month_told,
    open_slips,
    paid_state_of,
    payable_by_slip,
    schemes_in_use,
    slip_page,
    slip_target,
    slips_of,
    slips_short_of_credit,
)
from memberships.selectors.told import (
    card_told,
    family_told,
    family_told_at_desk,
    person_told,
    policy_told,
    refund_told_at_desk,
    slip_told,
)
