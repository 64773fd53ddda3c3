"""Rules of memberships. Pure: neither Django nor a clock.

Ask by module (`references`, `dues`, `imss`, `family`, `states`, `ledger`); machines and books stand here too.
"""

from memberships.rules.card import CARD, CardState
from memberships.rules.ledger import LEDGER, LEDGER_CODES, OF_PARTY
from memberships.rules.refunds import REFUND, RefundState
from memberships.rules.slips import SLIP, SlipState
from memberships.rules.states import (
    CERTIFICATE,
    CHARGE,
    KINSHIP_LABELS,
    LIVE,
    MEANS_LABELS,
    MEMBERSHIP,
    OWED_LABELS,
    CertificateState,
    ChargeState,
    Kinship,
    Means,
    MembershipState,
    PlanKind,
    Sex,
)
