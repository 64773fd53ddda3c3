"""Rules of billing: states, labels, transitions, what is missing, sums. Pure: neither Django nor a clock.

Money is `Decimal` in the order's currency (MXN, two decimals); rates are fractions.
Sources: S0.9-S0.23, C1-C4, domain 1.
"""

from billing.rules.complements import (
    DEPOSIT_RETURNED,
    check_covers,
    check_once,
    check_withdraws,
    complement_due_on,
    folios_in_words,
    kept_as,
    reminders,
)
from billing.rules.events import EVENT_LABELS, HANDOVERS, OF_THE_DESK, UNHAPPY_EVENTS
from billing.rules.intake import ACCOUNT_PATTERN, CURRENCY, OrderRow, check_order, checked_rfc
from billing.rules.ledger import ACCEPTED, DIGITAL_ORDERS, LEDGER, LEDGER_CODES, OF_PARTY, OWED, entry
from billing.rules.reviewing import (
    COMPLEMENT_DECIDED,
    COMPLEMENT_THEY_DECIDED,
    DECIDED,
    DECISION_WAITS,
    THEY_DECIDED,
    Billed,
    changed,
    check_unopened,
    for_reviewer,
    gravest_first,
    hold_orders,
    is_clean,
    is_drawn,
)
from billing.rules.states import (
    COMPLEMENT,
    ORDER,
    PAYMENT,
    REJECTED_AGAIN,
    REJECTED_OVER,
    REVIEW,
    ComplementState,
    OrderState,
    PaymentState,
    ReviewState,
    can_cancel,
    invoice_stand,
)
from billing.rules.submitting import (
    MOST_ORDERS,
    REASON_LABELS,
    ReturnReason,
    check_how_many,
    check_reasons,
    check_same_insurer,
    check_same_physician,
    concept_text,
    missing_to_submit,
    read_sentences,
    shows_uuid,
    stays_with,
)
from billing.rules.taxes import REGIME_LABELS, STATE_LABELS, SchemeComponent, WithholdingSum, withhold, withhold_each
from portal.fiscal.rules.withholding import WithheldLine
