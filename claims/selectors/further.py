"""What follows a claim: who may complement or appeal it, until when, what was covered before, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from claims.models import AccumulatorEntry, Claim, Decision, DecisionLine, DecisionWithdrawal
from claims.rules.further import check_appeal, last_day_to_appeal
from claims.rules.kinds import STAGE_LABELS, Stage
from claims.rules.states import UNDER_WAY, ClaimState, PaymentState
from claims.selectors.family import may_file, sees_all_of
from portal import clock
from portal.errors import Conflict
from portal.money import ZERO
from portal.rulebook.selectors import whole

if TYPE_CHECKING:
    from portal.people.models import User


_MONEY_MOVED = frozenset({PaymentState.SCHEDULED, PaymentState.PAID})


def standing_decision(claim: Claim) -> Decision | None:
    """The final decision that stands, which nobody withdrew."""
    rows = claim.decisions.filter(final_at__isnull=False, ended_at=None, of_bill=False)
    return rows.select_related("document", "claim", "by", "looked_by").order_by("number").first()


def appeal_until(claim: Claim, decided_at: datetime) -> date:
    """The last day on which what was decided at an instant may be appealed, by the rule of that day."""
    on = clock.date_in(decided_at)
    return last_day_to_appeal(on, whole("claim.appeal_days", on=on))


def first_of(claim: Claim) -> Claim:
    """The folio whose expense this claim is of: itself, or what its appeals began with."""
    while claim.stage == Stage.APPEAL and claim.parent is not None:
        claim = claim.parent
    return claim


def expense_of(claim: Claim) -> set[UUID]:
    """Every claim of one expense: the folio that began it, its appeals, and theirs."""
    found, newest = set[UUID](), {first_of(claim).pk}
    while newest:
        found |= newest
        newest = {*Claim.objects.filter(parent__in=newest, stage=Stage.APPEAL).values_list("pk", flat=True)}
    return found


def open_appeal(claim: Claim) -> Claim | None:
    """The appeal of a claim's expense that waits for its answer, also one of an appeal: it is looked at once."""
    return Claim.objects.filter(pk__in=expense_of(claim), stage=Stage.APPEAL, state__in=UNDER_WAY).first()


def require_appeal(claim: Claim, *, on: date) -> Decision:
    """The decision that may be appealed on a day. Raises Conflict where there is none, or it is too late."""
    decision = standing_decision(claim)
    at = decision.final_at if decision else None
    running = open_appeal(claim)
    check_appeal(
        decided=claim.state == ClaimState.DECIDED,
        open_one=running.folio if running else "",
        until=appeal_until(claim, at) if at else None,
        on=on,
    )
    assert decision is not None
    return decision


def may_follow_up(user: User, claim: Claim, *, on: date) -> bool:
    """Whether somebody may complement or appeal a folio: theirs to file today, and seen whole."""
    return bool(claim.folio) and may_file(user, claim, on=on) and sees_all_of(user, claim, on=on)


def covered_before(claim: Claim) -> dict[int, Decimal]:
    """Of an appeal's lines by number, what final decisions that stand have covered of the same expense."""
    origins = {one.number: one.origin_id for one in claim.lines.all() if one.origin_id}
    if not origins:
        return {}
    of_line = Q(line__in=origins.values()) | Q(line__origin__in=origins.values())
    rows = DecisionLine.objects.filter(of_line, is_final=True, decision__ended_at=None).exclude(decision__claim=claim)
    covered: dict[int, Decimal] = {}
    for line, origin, amount in rows.values_list("line", "line__origin").annotate(Sum("covered")):
        key = origin or line
        covered[key] = covered.get(key, ZERO) + amount
    return {number: covered.get(origin, ZERO) for number, origin in origins.items()}


def stands_below(decision: Decision) -> bool:
    """Whether a later decision that stands counts with what this one covered: an appeal raised it, or its buckets."""
    if _is_raised(decision):
        return True
    mine = AccumulatorEntry.objects.filter(line__decision=decision, undoes=None, undone_by=None)
    last = mine.order_by("-pk").values_list("pk", flat=True).first()
    if not decision.of_bill and decision.claim.decisions.filter(of_bill=True, ended_at=None).exists():
        return True
    if last is None:
        return False
    later = AccumulatorEntry.objects.filter(accumulator__in=mine.values("accumulator"), pk__gt=last)
    return later.filter(undoes=None, undone_by=None).exclude(line__decision=decision).exists()


def _is_raised(decision: Decision) -> bool:
    """Whether an appeal of it covered, or authorised, something beyond it, and that stands."""
    rows = raised_after(decision)
    return not decision.of_bill and rows.filter(Q(covered__gt=0) | Q(authorised__isnull=False)).exists()


def raised_after(decision: Decision) -> QuerySet[Decision]:
    """Final decisions that stand of the same expense, by appeals, taken after this one."""
    appeals = Claim.objects.filter(pk__in=expense_of(decision.claim), stage=Stage.APPEAL).exclude(pk=decision.claim_id)
    later = Decision.objects.filter(claim__in=appeals, ended_at=None, of_bill=False, pk__gt=decision.pk)
    return later.exclude(final_at=None)


def is_reopened(claim: Claim) -> bool:
    """Whether what an appeal asked again is in review: its decision was withdrawn."""
    return claim.stage == Stage.APPEAL and claim.parent is not None and claim.parent.state != ClaimState.DECIDED


def open_withdrawal(claim: Claim) -> DecisionWithdrawal | None:
    """What was asked of a claim's decision and waits for another analyst."""
    rows = DecisionWithdrawal.objects.filter(decision__claim=claim, agreed=None)
    return rows.select_related("by", "decision__claim").first()


def require_withdrawal(claim: Claim) -> DecisionWithdrawal:
    """What was asked of a claim's decision and waits for an answer. Raises Conflict where nothing does."""
    found = open_withdrawal(claim)
    if found is None:
        raise Conflict("No hay un retiro por confirmar en este trámite. Recarga la página.", code="nothing_asked")
    return found


def last_decision(claim: Claim) -> Decision | None:
    """What is withdrawn first: the last bill of a hospital, then the letter that it stands on."""
    bills = claim.decisions.filter(of_bill=True, ended_at=None).select_related("document", "claim", "by", "looked_by")
    return bills.order_by("-number").first() or standing_decision(claim)


def is_appealed(decision: Decision) -> bool:
    """Whether an appeal of a decision's expense runs; a hospital's bill is not what a family appeals."""
    return not decision.of_bill and open_appeal(decision.claim) is not None


def require_standing(claim: Claim) -> Decision:
    """The last final decision that stands. Raises Conflict where there is none."""
    found = last_decision(claim)
    if found is None:
        raise Conflict("Este trámite no tiene una decisión que retirar. Recarga la página.", code="not_decided")
    return found


def may_withdraw(claim: Claim) -> bool:
    """Whether a final decision of it may be withdrawn now, as its page offers it; the service asks again."""
    decision = last_decision(claim)
    if decision is None or claim.state != ClaimState.DECIDED or claim.payment_state in _MONEY_MOVED:
        return False
    return not (is_appealed(decision) or stands_below(decision) or (is_reopened(claim) and not decision.of_bill))


def said_of_origin(claim: Claim) -> dict[int, tuple[Decimal, str]]:
    """Of an appeal's lines by number, all that is covered by now and why the last decision left out the rest."""
    origins = {one.number: one.origin_id for one in claim.lines.all() if one.origin_id}
    of_line = Q(line__in=origins.values()) | Q(line__origin__in=origins.values())
    rows = DecisionLine.objects.filter(of_line, is_final=True, decision__ended_at=None).select_related("line")
    last = {one.line.origin_id or one.line_id: one.why for one in rows.order_by("decision__final_at", "pk")}
    before = covered_before(claim)
    return {number: (before[number], last.get(origin, "")) for number, origin in origins.items()}


def who_decided_before(claim: Claim) -> set[UUID]:
    """Who decided, or looked at, what an appeal asks again: another person decides that."""
    people, one = set[UUID](), claim
    while one.stage == Stage.APPEAL and one.parent is not None:
        one = one.parent
        rows = one.decisions.exclude(final_at=None).values_list("by", "looked_by")
        people |= {who for row in rows for who in row if who is not None}
    return people


def appeals_of_own(user: User) -> QuerySet[Claim]:
    """Appeals of what this person decided or looked at, also at an appeal of before."""
    mine = Decision.objects.exclude(final_at=None).filter(Q(by=user) | Q(looked_by=user)).values("claim")
    appeals = Claim.objects.filter(stage=Stage.APPEAL)
    return appeals.filter(Q(parent__in=mine) | Q(parent__stage=Stage.APPEAL, parent__parent__in=mine))


@dataclass(frozen=True, slots=True)
class Related:
    """A claim before or after another: what it is of it, and the claim."""

    what: str
    claim: Claim


def related_to(claim: Claim, among: QuerySet[Claim]) -> list[Related]:
    """The folio that a claim follows and those that follow it, of those that the reader sees."""
    before: Sequence[Claim] = list(among.filter(pk=claim.parent_id)) if claim.parent_id else []
    after = among.filter(parent=claim).order_by("submitted_at", "pk")
    what = "Complementa" if claim.stage == Stage.COMPLEMENT else "Apela"
    return [
        *(Related(f"{what} el folio", one) for one in before),
        *(Related(STAGE_LABELS[Stage(one.stage)], one) for one in after),
    ]
