"""The judgement of invoices and complements: facts and expectations in, findings out. Pure, no clock, no database."""

from portal.fiscal.rules.complement import judge_complement
from portal.fiscal.rules.invoice import judge_invoice
from portal.fiscal.rules.withholding import WithheldLine, match_scheme, withhold
