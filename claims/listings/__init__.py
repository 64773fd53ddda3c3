"""Lists of claims: those that people work with, and the reports."""

from claims.listings.catalogues import REASONS, REQUIREMENTS
from claims.listings.reports import ACCUMULATORS, AMOUNTS, DECISION_TIMES, LOOKS, OPEN_BY_AGE, ROUNDS
from claims.listings.working import (
    ADVICE,
    DESK,
    DIFFERING,
    HISTORY,
    HOSPITALS,
    TO_DECIDE,
    TO_WITHDRAW,
    UNDER_WAY_LIST,
    under_way,
)
