"""Lists of memberships: those that people work with, and the reports."""

from memberships.listings.reports import (
    ACTIVE_BY_PLAN,
    COLLECTED,
    DUES_AGED,
    DUES_PAYMENTS,
    JOINS_AND_ENDS,
    SCHEMES,
    SUSPENDED,
)
from memberships.listings.working import (
    AFFILIATIONS,
    CARD_ATTEMPTS,
    CHARGES,
    CONDITIONS,
    GATEWAY_EVENTS,
    PLANS,
    POLICIES,
    REFUNDS,
    STATEMENT,
)
