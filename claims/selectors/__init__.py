"""Reading claims: the front door for other rooms' reads."""

from claims.selectors.family import (
    Choice,
    choices_of,
    conditions_for,
    may_file,
    payee_of,
    sees_all_of,
    who_file_alone,
)
from claims.selectors.filing import (
    account_standing,
    condition_standing,
    files_of,
    filing_of,
    first_submission,
    invoice_expectation,
    invoices_of,
    lacking_consents,
    lacks_of,
    removed_files_of,
)
from claims.selectors.limits import envelope_limits, estimate_limits, oldest_expense, report_months
from claims.selectors.papers import Explained, benefits_context, explained_lines, receipt_context
from claims.selectors.running import (
    Promised,
    elapsed_minutes,
    payment_due,
    promise_minutes,
    reading_at_sending,
)
