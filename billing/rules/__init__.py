"""Rules of billing: states, labels, transitions, what is missing, sums. Pure: neither Django nor a clock.

Money is `Decimal` in the order's currency (MXN, two decimals); rates are fractions.
Sources: S0.9-S0.23, C1-C4, domain 1.
"""

from billing.rules.complements import check_covers, complement_due_on, folios_in_words, next_reminder
from billing.rules.handing_in import (
    REASON_LABELS,
    ReturnReason,
    check_reasons,
    check_same_insurer,
    check_same_physician,
    concept_text,
    missing_to_submit,
)
from billing.rules.intake import ACCOUNT_PATTERN, CURRENCY, OrderRow, RowError, check_control, check_order
from billing.rules.ledger import LEDGER, OF_PARTY, entry
from billing.rules.reviewing import for_reviewer
from billing.rules.states import (
    BALL_LABELS,
    COMPLEMENT_LABELS,
    COMPLEMENT_TONES,
    COMPLEMENT_TRANSITIONS,
    ORDER_LABELS,
    ORDER_TONES,
    ORDER_TRANSITIONS,
    PAYMENT_LABELS,
    PAYMENT_TONES,
    PAYMENT_TRANSITIONS,
    REVIEW_DESK_LABELS,
    REVIEW_LABELS,
    REVIEW_TONES,
    REVIEW_TRANSITIONS,
    Ball,
    ComplementState,
    OrderState,
    PaymentState,
    ReviewState,
    ball,
    check_transition,
)
from billing.rules.story import EVENT_LABELS, HANDOVERS, UNHAPPY_EVENTS
from billing.rules.taxes import REGIME_LABELS, STATE_LABELS, SchemeComponent, WithholdingSum, withhold
from portal.fiscal.rules.withholding import WithheldLine

__all__ = [
    "ACCOUNT_PATTERN",
    "BALL_LABELS",
    "COMPLEMENT_LABELS",
    "COMPLEMENT_TONES",
    "COMPLEMENT_TRANSITIONS",
    "CURRENCY",
    "EVENT_LABELS",
    "HANDOVERS",
    "LEDGER",
    "OF_PARTY",
    "ORDER_LABELS",
    "ORDER_TONES",
    "ORDER_TRANSITIONS",
    "PAYMENT_LABELS",
    "PAYMENT_TONES",
    "PAYMENT_TRANSITIONS",
    "REASON_LABELS",
    "REGIME_LABELS",
    "REVIEW_DESK_LABELS",
    "REVIEW_LABELS",
    "REVIEW_TONES",
    "REVIEW_TRANSITIONS",
    "STATE_LABELS",
    "UNHAPPY_EVENTS",
    "Ball",
    "ComplementState",
    "OrderRow",
    "OrderState",
    "PaymentState",
    "ReturnReason",
    "ReviewState",
    "RowError",
    "SchemeComponent",
    "WithheldLine",
    "WithholdingSum",
    "ball",
    "check_control",
    "check_covers",
    "check_order",
    "check_reasons",
    "check_same_insurer",
    "check_same_physician",
    "check_transition",
    "complement_due_on",
    "concept_text",
    "entry",
    "missing_to_submit",
    "folios_in_words",
    "for_reviewer",
    "next_reminder",
    "withhold",
]
