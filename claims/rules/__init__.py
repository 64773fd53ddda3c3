"""What a family's claim asks, lacks, waits and is paid. Pure.

Ask by module (`missing`, `settlement`, `deciding`, `papers`…); machines and books stand here too.
"""

from claims.rules.ledger import LEDGER, LEDGER_CODES
from claims.rules.states import CLAIM, PAYMENT, ClaimState, PaymentState
