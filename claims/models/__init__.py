"""Claims of families: what they send, how long it runs, what was decided, where the money came from."""

from claims.models.assents import Assent
from claims.models.catalogues import DocumentRequirement, NotCoveredReason
from claims.models.claims import Claim, ClockSegment, Estimate
from claims.models.deciding import Accumulator, AccumulatorEntry, Decision, DecisionLine, Opening
from claims.models.filing import PURPOSE, ClaimFile, ClaimInvoice, ClaimLine, Submission
from claims.models.formats import Format, InsurerLink
from claims.models.further import AutomaticAnswer, DecisionWithdrawal, QualityCheck
from claims.models.hospitals import Hospital
from claims.models.openings import OpeningBalance
from claims.models.registrations import PolicyRegistration
from claims.models.requests import ClaimDue, ClaimMessage, DocumentRequest, DueKind, RequestItem
