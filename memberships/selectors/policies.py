"""What claims and the desk ask of policies: who is covered by what, on which day, under which terms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from memberships.models import (
    Condition,
    CoverageTerms,
    CoveredPerson,
    Member,
    MemberCoverage,
    Plan,
    PlanCoverage,
    PolicyYear,
)
from memberships.rules import Kinship, PlanKind
from memberships.rules.certificates import policy_key
from memberships.rules.policies import Scope, Terms
from portal.access import Permission, Role
from portal.names import word_key
from portal.people.models import Grant, Party
from portal.prepared import prepared

if TYPE_CHECKING:
    from portal.people.models import User

_NOBODY = UUID(int=0)


def insurers() -> QuerySet[Party]:
    """Insurers that have a policy here, by name."""
    policies = Plan.objects.filter(party=OuterRef("pk"), kind=PlanKind.POLICY.value)
    return Party.objects.filter(Exists(policies)).order_by("name", "pk")


def insurer_choices() -> QuerySet[Party]:
    """Organisations whose policies may stand here: all but the operator, by name."""
    return Party.objects.filter(kind=Party.Kind.ORGANISATION, is_operator=False).exclude(rfc="").order_by("name", "pk")


def match_certificate(insurer: Party, policy: str, name: str, born_on: date, on: date) -> list[CoveredPerson]:
    """People covered that day by that insurer's policy whose certificate says what was typed (domain 6).

    Whoever finds nobody did the same work: policies are compared, the people born that day read, their names compared.
    """
    wanted, key = policy_key(policy), word_key(name)
    plans = Plan.objects.filter(party=insurer, kind=PlanKind.POLICY.value).values_list("pk", "policy_number")
    found = [pk for pk, number in plans if policy_key(number) == wanted and wanted] or [_NOBODY]
    stays = Member.objects.filter(_covers(on), membership__plan__in=found, person__born_on=born_on)
    people = {one.person_id: one.person for one in stays.select_related("person").order_by("pk")}
    return [one for one in people.values() if key and word_key(one.as_printed) == key]


def people_covered(user: User, since: date, until: date) -> list[CoveredPerson]:
    """Whom somebody may file for: of their certificates everybody, where they are the titular, else themselves.

    Covered on any day from `since` to `until`, both included; by name.
    """
    return _people_covered(tuple(user.party_ids(Permission.SEE_OWN_MEMBERSHIP)), since, until)


@prepared
def _people_covered(own: tuple[UUID, ...], since: date, until: date) -> QuerySet[CoveredPerson]:
    during = Q(since__lte=until) & (Q(until=None) | Q(until__gt=since))
    stays = Member.objects.filter(during, membership__kind=PlanKind.POLICY.value)
    mine = stays.filter(_in_certificate_of(own), Q(person__party__in=own) | Q(_headed_by(own, during)))
    return CoveredPerson.objects.filter(pk__in=mine.values("person")).order_by("as_printed", "pk")


def _in_certificate_of(own: Collection[UUID]) -> Q:
    """Stays in a certificate in which one of these parties ever was: few, whatever the size of their policy."""
    return Q(membership__in=Member.objects.filter(person__party__in=own).values("membership"))


def _headed_by(own: Collection[UUID], during: Q) -> Exists:
    """A stay that shared a day with a titular's who is one of these parties: who came after they left is not theirs."""
    titular = Member.objects.filter(during, membership=OuterRef("membership"), person__party__in=own)
    together = Q(since__lt=Coalesce(OuterRef("until"), Value(date.max)))
    together &= Q(until=None) | Q(until__gt=OuterRef("since"))
    return Exists(titular.filter(together, kinship=Kinship.TITULAR.value))


@dataclass(frozen=True, slots=True)
class Relative:
    """One of a family as claims see them; `rfc` is "" where it is not known."""

    person: CoveredPerson
    kinship: Kinship
    born_on: date
    rfc: str
    has_account: bool


def family_of(person: CoveredPerson, on: date) -> list[Relative]:
    """Everybody of the certificates that cover a person on a day, the titular first."""
    covering = Member.objects.filter(_covers(on), person=person, membership__kind=PlanKind.POLICY.value)
    stays = Member.objects.filter(_covers(on), membership__in=covering.values("membership"))
    stays = stays.select_related("person__party").annotate(has_account=_has_account(on)).order_by("since", "pk")
    told = {
        one.person_id: Relative(one.person, Kinship(one.kinship), one.person.born_on, one.person.rfc, one.has_account)
        for one in stays
    }
    return sorted(told.values(), key=lambda one: list(Kinship).index(one.kinship))


def coverages_on(person: CoveredPerson, on: date) -> list[PlanCoverage]:
    """The coverages that somebody has on a day, major before minor."""
    return coverages_between([person], on, on)[person.pk]


def coverages_between(people: Collection[CoveredPerson], since: date, until: date) -> dict[UUID, list[PlanCoverage]]:
    """Person -> the coverages that they had on any day from `since` to `until`, both included, major before minor."""
    found: dict[UUID, dict[Any, PlanCoverage]] = {one.pk: {} for one in people}
    for row in _coverages_between(tuple(found), since, until):
        found[row.member.person_id].setdefault(row.coverage_id, row.coverage)
    return {person: list(coverages.values()) for person, coverages in found.items()}


@prepared
def _coverages_between(people: tuple[UUID, ...], since: date, until: date) -> QuerySet[MemberCoverage]:
    days = Q(since__lte=until) & (Q(until=None) | Q(until__gt=since))
    rows = MemberCoverage.objects.filter(days, member__person__in=people)
    return rows.select_related("member", "coverage__plan").order_by("coverage__kind", "coverage", "pk")


def files_expense_of(user: User, person: CoveredPerson, on: date) -> bool:
    """Whether an expense of that day is somebody's to ask for: their own, of whom they headed the certificate that day,
    or of a day on which nobody of theirs was covered, which is the desk's to judge.
    """
    own = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    if person.party_id in own:
        return True
    stays = Member.objects.filter(_covers(on), person=person, membership__kind=PlanKind.POLICY.value)
    return not stays.exists() or stays.filter(_headed_by(own, _covers(on))).exists()


def stays_to_file(user: User, people: Collection[CoveredPerson], since: date, until: date) -> list[Member]:
    """Those people's stays of those days in certificates that the user heads, or the user's own, the earliest first."""
    own = tuple(user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
    return _stays_to_file(own, tuple(one.pk for one in people), since, until)


@prepared
def _stays_to_file(own: tuple[UUID, ...], people: tuple[UUID, ...], since: date, until: date) -> QuerySet[Member]:
    during = Q(since__lte=until) & (Q(until=None) | Q(until__gt=since))
    mine = Q(person__party__in=own) | Q(_headed_by(own, during))
    stays = Member.objects.filter(during, _in_certificate_of(own), mine, person__in=people).select_related(
        "membership__titular"
    )
    return stays.order_by("since", "pk")


@dataclass(frozen=True, slots=True)
class YearOfTerms:
    """A half-open policy year with what a coverage gives in it."""

    since: date
    until: date
    terms: Terms


def terms_of(coverage: PlanCoverage) -> tuple[Scope, list[YearOfTerms]]:
    """What shares a deductible in a coverage, and every year of it with its terms, the earliest first."""
    rows = _terms_of(coverage.pk)
    return Scope(coverage.scope), [YearOfTerms(one.year.since, one.year.until, _given(one)) for one in rows]


@prepared
def _terms_of(coverage: UUID) -> QuerySet[CoverageTerms]:
    return CoverageTerms.objects.filter(coverage=coverage).select_related("year").order_by("year__since")


def conditions_of(person: CoveredPerson) -> list[Condition]:
    """The registered conditions of somebody, the earliest first. Who may read them is `may_see`'s to say."""
    return list(person.conditions.order_by("began_on", "pk"))


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One policy at the desk: its coverages, its years with the terms of each, how much it covers."""

    coverages: list[PlanCoverage]
    years: list[tuple[PolicyYear, list[CoverageTerms]]]
    certificates: int
    people: int
    conditions: int  # how many; which, only who decides on claims reads (S1.26)


def policy_page(plan: Plan, on: date) -> PolicyPage:
    """Everything about a policy but whom it covers by name; the newest year first."""
    years = plan.years.prefetch_related("terms__coverage").order_by("-since")
    told = [(year, sorted(year.terms.all(), key=lambda one: one.coverage.kind)) for year in years]
    counted = Plan.objects.filter(pk=plan.pk).aggregate(
        certificates=Count("memberships", filter=Q(memberships__certificate_state="active"), distinct=True),
        people=Count("memberships__members", filter=_covers(on, "memberships__members__"), distinct=True),
    )
    covered = Member.objects.filter(_covers(on), membership__plan=plan).values("person")
    conditions = Condition.objects.filter(person__in=covered).count()
    return PolicyPage(
        list(plan.coverages.order_by("kind")), told, counted["certificates"], counted["people"], conditions
    )


def _covers(on: date, path: str = "") -> Q:
    """Stays (at `path`) that hold on a day."""
    open_end = Q(**{f"{path}until": None}) | Q(**{f"{path}until__gt": on})
    return Q(**{f"{path}since__lte": on}) & open_end


def _has_account(on: date) -> Exists:
    """Whether somebody signs in for themselves: a live grant of a member on the person's own party (2.12)."""
    live = Grant.objects.in_force(on=on).filter(role=Role.MEMBER.value, user__disabled_at=None)
    return Exists(live.filter(party=OuterRef("person__party")))


def _given(one: CoverageTerms) -> Terms:
    return Terms(one.deductible, one.coaseguro_rate, one.coaseguro_cap, one.sum_insured)
