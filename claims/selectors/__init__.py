"""Reading claims: the front door for other rooms' reads."""

from claims.selectors.assents import asked_of, assent_of, needs_assent, text_of, waits_for_assent
from claims.selectors.catalogues import reasons_on, requirements_on
from claims.selectors.family import (
    NO_LONGER,
    Choice,
    choices_of,
    conditions_for,
    may_file,
    payee_of,
    require_filing,
    sees_all_of,
    who_are_asked,
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
    without_rfc,
)
from claims.selectors.further import (
    Related,
    appeal_until,
    appeals_of_own,
    covered_before,
    first_of,
    is_appealed,
    is_reopened,
    last_decision,
    may_follow_up,
    may_withdraw,
    open_appeal,
    open_withdrawal,
    raised_after,
    related_to,
    require_appeal,
    require_standing,
    require_withdrawal,
    said_of_origin,
    standing_decision,
    stands_below,
    who_decided_before,
)
from claims.selectors.limits import (
    draft_days,
    draft_warn_days,
    envelope_limits,
    estimate_limits,
    most_drafts,
    oldest_expense,
    report_months,
)
from claims.selectors.papers import Explained, benefits_context, explained_lines, receipt_context
from claims.selectors.requests import (
    asked_rows,
    items_of,
    may_answer,
    messages_of,
    open_request,
    proposed_request,
    request_context,
    require_proposed,
    thread_of,
)
from claims.selectors.running import (
    OFFICE,
    Promised,
    documents_due,
    elapsed_minutes,
    forecast_of,
    legal_due,
    payment_due,
    promise_minutes,
    promised_again,
    reading_at_sending,
    reminders_of,
)
from claims.selectors.scheduled import agreed_hospitals, authorised_before, billed_before, is_event, letter_context
