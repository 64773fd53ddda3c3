"""The judgement of invoices and complements: facts and expectations in, findings out. Pure, no clock, no database."""

from portal.fiscal.rules.claim_invoice import expense_lines, guessed, judge_claim_invoice, needs_payment_proof
from portal.fiscal.rules.complement import judge_complement
from portal.fiscal.rules.invoice import judge_invoice
from portal.fiscal.rules.withholding import Match, WithheldLine, match_scheme, withhold
