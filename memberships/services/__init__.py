"""Writing memberships: the front door for other rooms' writes."""

from memberships.services.accounts import accept_link, invite_adult, invite_member, link_account
from memberships.services.affiliations import (
    AFFILIATIONS_DRAFT,
    AFFILIATIONS_KIND,
    BY_FAMILY,
    apply_affiliations,
    judge_affiliations,
    keep_affiliations_file,
    read_affiliations,
)
from memberships.services.cards import begin_attempt, hear_gateway, receive_event, settle_doubt, start_card
from memberships.services.certificates import (
    BY_CERTIFICATE,
    CERTIFICATES_DRAFT,
    KIND,
    apply_certificates,
    judge_certificates,
    keep_certificates_file,
    read_certificates,
    receive_certificates,
)
from memberships.services.choosing import begin_payment
from memberships.services.dates import remind_birthday, remind_price
from memberships.services.days import pass_days, pass_many_days, remind_dues
from memberships.services.deposits import hear_matched, hear_undone
from memberships.services.families import Paid, affiliate_family, cancel_membership, keep_rfc
from memberships.services.imss import keep_imss_answers, set_imss_source, tick_imss_papers
from memberships.services.joining import (
    add_to_draft,
    begin_joining,
    drop_from_draft,
    finish_joining,
    keep_titular,
)
from memberships.services.members import add_member, end_member
from memberships.services.papers import keep_imss_constancia, reissue_card
from memberships.services.payments import receive_payment, take_back
from memberships.services.plans import add_plan, change_plan, set_price
from memberships.services.policies import add_policy, add_policy_year, register_condition
from memberships.services.refunds import KIND as REFUND_KIND
from memberships.services.refunds import (
    approve_refund,
    ask_refund,
    decline_refund,
    may_be_given_up,
    note_paid,
    note_scheduled,
    note_waits,
    want_refund,
)
from memberships.services.schemes import add_scheme, change_scheme
from memberships.services.sharing import set_shares
from memberships.services.shipped_rows import load_shipped_rows
from memberships.services.slips import cancel_slip, expire_slip, make_slip, make_slip_of
