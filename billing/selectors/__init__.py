"""Reads of billing; the front door for other rooms, by concept in the modules beside this one."""

from billing.selectors.balance import Balance, balance_of, physician_of, waiting_for_proof
from billing.selectors.due import (
    OFFICE,
    ComplementRule,
    Promised,
    complement_rule,
    payment_due,
    reminders_of,
    review_due,
)
from billing.selectors.expectations import (
    complement_expectation,
    expectation_of,
    handed_in,
    invoice_expectation,
    lines_of,
)
from billing.selectors.papers import SLOTS, receipt_context, removed_files, sheet_context, standing_complement
from billing.selectors.payables import accepted_by, advice_lines, explanation_of, reviewers_of
from billing.selectors.schemes import (
    Scheme,
    assignment_on,
    limits_of_cfdi,
    oldest_invoice,
    scheme_by_code,
    scheme_for,
    schemes_for,
    schemes_in_force,
)
from billing.selectors.transfers import NextLink, deposits_of, invoices_of_transfer, next_link
