"""What people join, who is covered, what they owe and paid."""

from memberships.models.access import pays_dues, titular_is
from memberships.models.cards import CardAttempt, CardLine, GatewayDoubt, GatewayEvent
from memberships.models.dates import BirthdayDue, PriceDue
from memberships.models.dues import Charge, DuesDue, DuesPayment, DuesPosting
from memberships.models.imss import ImssCheck, ImssConstancia, ImssSource
from memberships.models.memberships import Cover, Membership, StandingChange
from memberships.models.people import CoveredPerson, Member, Share
from memberships.models.plans import Plan, PlanPrice
from memberships.models.policies import Condition, CoverageTerms, MemberCoverage, PlanCoverage, PolicyYear
from memberships.models.refunds import Refund
from memberships.models.slips import ReferenceScheme, Slip, SlipKey, SlipLine
