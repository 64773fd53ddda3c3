"""Policies of insurers: years and terms by the desk, and what claims ask of them (issue 11 F, domain 2.11, 2.12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from memberships import selectors, services
from memberships.models import Condition, MemberCoverage, Plan
from memberships.rules import Kinship
from memberships.rules.policies import CoverageKind, Scope, Terms
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AccessEvent, AuditEvent
from portal.people.models import Grant
from tests.factories import memberships as m
from tests.factories import people
from tests.factories import policies as a

pytestmark = pytest.mark.django_db
MAJOR, MINOR = CoverageKind.MAJOR, CoverageKind.MINOR
SCOPES = {MAJOR: Scope.CONDITION_YEAR, MINOR: Scope.PERSON_YEAR}
TERMS = Terms(Decimal("8000.00"), Decimal("0.100000"), Decimal("30000.00"), None)
DAY = timedelta(days=1)


def added(**changes: Any) -> Plan:
    told = {"insurer": people.an_insurer(), "number": "GC-00417-02", "name": "Colectiva", "scopes": SCOPES} | changes
    return services.add_policy(by=people.user_with_role(Role.AFFILIATION_DESK), at=clock.now(), **told)


def year_of(plan: Plan, **changes: Any) -> Any:
    told = {"since": a.FIRST, "until": a.SECOND, "terms": {MAJOR: TERMS, MINOR: TERMS}} | changes
    return services.add_policy_year(plan=plan, by=people.user_with_role(Role.AFFILIATION_DESK), at=clock.now(), **told)


def test_a_policy_with_its_coverages_years_and_terms_is_recorded() -> None:
    plan = added()
    year = year_of(plan)
    scope, years = selectors.terms_of(plan.coverages.get(kind="major"))
    assert (scope, [(one.since, one.until, one.terms) for one in years]) == (
        Scope.CONDITION_YEAR,
        [(a.FIRST, a.SECOND, TERMS)],
    )
    page = selectors.policy_page(plan, a.FIRST)
    assert [one.label for one in page.coverages] == ["Gastos médicos mayores", "Gastos médicos menores"]
    assert (page.years[0][0], len(page.years[0][1]), page.certificates, page.people) == (year, 2, 0, 0)
    assert list(selectors.insurers()) == [plan.party]
    acts = [one.action for one in AuditEvent.objects.filter(action__startswith="memberships.policy")]
    assert sorted(acts) == ["memberships.policy_added", "memberships.policy_year_added"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "--"}, "policy_number"),
        ({"scopes": {}}, "coverage_missing"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        added(**changes)
    assert broken.value.code == code


def test_one_policy_number_per_insurer_whatever_case_and_signs() -> None:
    plan = added()
    with pytest.raises(Conflict):
        added(insurer=plan.party, number="gc 00417/02")
    assert added(number="gc 00417/02").pk != plan.pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": a.FIRST}, "year_reversed"),
        ({"terms": {MAJOR: TERMS}}, "terms_missing"),
        ({"terms": {MAJOR: Terms(Decimal("0.001"), Decimal(0)), MINOR: TERMS}}, "amount_wrong"),
        ({"terms": {MAJOR: Terms(Decimal(0), Decimal(0), Decimal("-1")), MINOR: TERMS}}, "amount_wrong"),
        ({"terms": {MAJOR: Terms(Decimal(0), Decimal("1.1")), MINOR: TERMS}}, "coaseguro_wrong"),
        ({"terms": {MAJOR: Terms(Decimal(0), Decimal("0.0000001")), MINOR: TERMS}}, "coaseguro_wrong"),
    ],
)
def test_a_year_that_cannot_be_is_refused_and_nothing_is_kept(changes: dict[str, Any], code: str) -> None:
    plan = added()
    with pytest.raises(RuleBroken) as broken:
        year_of(plan, **changes)
    assert broken.value.code == code and not plan.years.exists()


def test_years_touch_and_never_overlap() -> None:
    plan = added()
    year_of(plan)
    year_of(plan, since=a.SECOND, until=a.END)
    with pytest.raises(Conflict):
        year_of(plan, since=a.FIRST - DAY, until=a.FIRST + DAY)


def test_a_condition_is_registered_once_by_its_code_and_its_beginning_stays() -> None:
    person, by = m.a_covered_person(), people.user_with_role(Role.AFFILIATION_DESK)
    told: dict[str, Any] = {"person": person, "name": "Apendicitis", "began_on": a.FIRST, "by": by, "at": clock.now()}
    made = services.register_condition(code="k35", **told)
    assert services.register_condition(code="K35", **told) == made and made.code == "K35"
    with pytest.raises(Conflict):
        services.register_condition(code="K35", **{**told, "began_on": a.SECOND})
    with pytest.raises(RuleBroken):
        services.register_condition(code=" ", **told)
    assert [one.name for one in selectors.conditions_of(person)] == ["Apendicitis"]
    assert "Apendicitis" not in str(AuditEvent.objects.filter(action="memberships.condition_registered").values())


def test_s1_26_conditions_are_read_by_who_decides_and_not_by_the_desk_that_imported_them() -> None:
    a.a_condition()
    assert not Condition.objects.visible_to(people.user_with_role(Role.AFFILIATION_DESK)).exists()
    assert not Condition.objects.visible_to(people.user_with_role(Role.AUDITOR)).exists()
    analyst = people.analyst()
    assert Condition.objects.visible_to(analyst).count() == 1
    me, spouse = a.a_stay(), m.a_covered_person()
    Grant.objects.create(user=analyst, party=me.person.party, role=Role.MEMBER, since=clock.today())
    a.a_stay(membership=me.membership, person=spouse, kinship="spouse", until=a.SECOND)
    for one in (me.person, spouse):
        a.a_condition(person=one)
    analyst = type(analyst).objects.get(pk=analyst.pk)
    assert Condition.objects.visible_to(analyst).count() == 1, "their own, and who is or was of their family, are not"
    assert Condition.objects.visible_to(people.analyst()).count() == 3


def test_s1_26_what_a_condition_is_opens_one_by_one_with_a_reason_that_is_recorded() -> None:
    person, analyst = m.a_covered_person(given_name="Rosa"), people.analyst()
    kept = a.a_condition(person=a.a_stay(person=person).person)
    page, client = reverse("memberships:conditions"), people.signed_in(analyst)
    shown = client.get(f"{page}?poliza=gmm&buscar={kept.person.given_name}").content.decode()
    assert kept.person.as_printed in shown and "Apendicitis" not in shown and kept.code not in shown
    assert kept.person.as_printed not in client.get(f"{page}?poliza=otra").content.decode()
    assert kept.person.as_printed not in client.get(f"{page}?buscar=%23").content.decode()
    for handed in (f"{page}?formato=csv", "/api/v1/mesa/padecimientos/"):
        answer = client.get(handed)
        told = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "••••" in told.decode() and b"Apendicitis" not in told and kept.code.encode() not in told
    opened = reverse("listing:open", args=["conditions", "sealed", kept.pk])
    assert client.post(opened, {"reason": ""}).status_code == 422 and not _readings(kept)
    assert "Apendicitis (K35)" in client.post(opened, {"reason": "Reclamación de hoy"}).content.decode()
    (reading,) = _readings(kept)
    assert (reading.by, reading.party_id, "Reclamación de hoy" in reading.reason) == (
        analyst,
        kept.person.party_id,
        True,
    )
    for other in (people.affiliator(), people.auditor(), people.member()):
        browser = people.signed_in(other)
        assert (browser.get(page).status_code, browser.get(opened).status_code) == (403, 404)
    counted = people.signed_in(people.affiliator()).get(reverse("memberships:policy", args=[_policy_of(kept).pk]))
    assert "1 padecimiento" in " ".join(counted.content.decode().split())
    own = people.member(party=kept.person.party)
    mine = people.signed_in(own).get(reverse("memberships:person", args=[kept.person_id])).content.decode()
    assert "Apendicitis" in mine, "the affected person sees their own"


def _readings(kept: Condition) -> list[AccessEvent]:
    return list(AccessEvent.objects.filter(subject_id=str(kept.pk)).exclude(reason=""))


def _policy_of(kept: Condition) -> Any:
    return kept.person.stays.get().membership.plan


# --- what claims ask -------------------------------------------------------------------------------------------------


def a_family() -> tuple[Any, Any, Any]:
    """A titular with a child, both covered since the first year's first day, and their policy."""
    plan = a.a_whole_policy(policy_number="GC-00417-02")
    certificate = m.a_certificate(plan=plan)
    titular = m.a_covered_person(as_printed="NÚÑEZ PEÑA ROSA MARÍA", born_on=date(1991, 11, 3))
    child = m.a_covered_person(as_printed="Iván Ruiz Núñez", born_on=date(2012, 2, 29), rfc="RUNI120229AB1")
    a.a_stay(membership=certificate, person=titular)
    stay = a.a_stay(membership=certificate, person=child, kinship="child", until=a.SECOND)
    a.MemberCoverage.objects.create(member=stay, coverage=plan.coverages.get(kind="minor"), since=a.FIRST)
    return plan, titular, child


def test_s3_3_registration_finds_who_is_covered_that_day_and_whose_row_agrees() -> None:
    plan, titular, child = a_family()
    typed = (plan.party, "gc 00417/02", "Rosa María Núñez Peña", date(1991, 11, 3))
    assert selectors.match_certificate(*typed, a.FIRST) == [titular]
    assert selectors.match_certificate(*typed, a.FIRST - DAY) == []
    wrong = [(people.an_insurer(), *typed[1:]), (typed[0], "GC-1", *typed[2:]), (*typed[:2], "Rosa Núñez", typed[3])]
    wrong += [(*typed[:3], date(1991, 11, 4)), (typed[0], "-", *typed[2:]), (*typed[:2], "…", typed[3])]
    assert [selectors.match_certificate(*one, a.FIRST) for one in wrong] == [[]] * 6
    named = (plan.party, "GC0041702", "ivan ruiz nunez", child.born_on)
    assert selectors.match_certificate(*named, a.SECOND - DAY) == [child]
    assert selectors.match_certificate(*named, a.SECOND) == [], "the last day is the first that is not covered"


def test_registration_does_the_same_work_for_nobody(django_assert_num_queries: Any) -> None:
    plan, _titular, _child = a_family()
    for policy in ("GC-00417-02", "otra"):
        with django_assert_num_queries(2):
            selectors.match_certificate(plan.party, policy, "Rosa María Núñez Peña", date(1991, 11, 3), a.FIRST)


def test_family_coverages_and_whom_somebody_may_file_for() -> None:
    plan, titular, child = a_family()
    user = people.user_with_role(Role.MEMBER, titular.party)
    Grant.objects.filter(user=user).update(since=a.FIRST)
    other = people.user_with_role(Role.MEMBER, child.party)
    Grant.objects.filter(user=other).update(since=a.SECOND)
    family = selectors.family_of(child, a.FIRST)
    assert [(one.person, one.kinship, one.rfc, one.has_account) for one in family] == [
        (titular, Kinship.TITULAR, "", True),
        (child, Kinship.CHILD, "RUNI120229AB1", False),
    ]
    assert [one.person for one in selectors.family_of(titular, a.SECOND)] == [titular]
    assert [one.kind for one in selectors.coverages_on(child, a.FIRST)] == ["minor"]
    assert selectors.coverages_on(child, a.FIRST - DAY) == [] == selectors.coverages_on(titular, a.FIRST)
    Grant.objects.filter(user__in=[user, other]).update(since=date(2020, 1, 1))
    for one in (user, other):
        one.__dict__.pop("live_grants", None)
    assert set(selectors.people_covered(user, a.FIRST, a.FIRST)) == {titular, child}, "a titular files for all"
    assert selectors.people_covered(other, a.FIRST, a.FIRST) == [child], "others for themselves"
    assert selectors.people_covered(user, a.SECOND, a.SECOND) == [titular], "the child's cover ended"
    assert set(selectors.people_covered(user, a.SECOND - DAY, a.END)) == {titular, child}, "on any day between"
    assert selectors.people_covered(user, a.FIRST - DAY, a.FIRST - DAY) == []
    stay = titular.stays.get()
    stay.until, child_stay = a.SECOND - DAY, child.stays.get()
    stay.save()
    child_stay.since, child_stay.until = a.SECOND - DAY, None
    child_stay.save()
    assert selectors.people_covered(user, a.FIRST, a.END) == [titular], (
        "who came after their titular left is not theirs"
    )
    assert selectors.stays_to_file(user, [child], a.FIRST, a.END) == []


def test_n17_a_certificate_on_the_family_desk_says_policy_people_and_coverages_and_no_money() -> None:
    on = clock.today()
    plan = m.a_policy(name="COLECTIVA")
    a.a_year(plan=plan, since=on - DAY, until=on + 9 * DAY)
    born = {"Ada": date(1980, 1, 1), "Leo": on - 4000 * DAY, "Eva": date(1981, 1, 1)}
    persons = {name: m.a_covered_person(given_name=name, born_on=day) for name, day in born.items()}
    certificate = m.a_certificate(plan=plan, titular=persons["Ada"])
    kinships = {"Ada": "titular", "Leo": "child", "Eva": "spouse"}
    stays = {name: a.a_stay(membership=certificate, person=persons[name], kinship=kinships[name]) for name in born}
    for stay in stays.values():
        coverage = plan.coverages.first() or a.a_coverage(plan=plan)
        MemberCoverage.objects.create(member=stay, coverage=coverage, since=a.FIRST)
    ada, eva = (people.signed_in(people.member(party=stays[name].person.party)) for name in ("Ada", "Eva"))
    seen = {}
    for name, client in (("Ada", ada), ("Eva", eva)):
        shown = " ".join(client.get(reverse("memberships:home")).content.decode().split())
        said = ("COLECTIVA", plan.party.name, plan.policy_number, certificate.certificate_number, "Año de la póliza")
        assert all(one in shown for one in (*said, *(str(stay.person) for stay in stays.values()))), name
        assert not any(one in shown for one in ("Saldo a favor", "Pagar mensualidad", "Todavía no tienes")), name
        told = client.get("/api/v1/membresias/").json()
        assert told["families"] == [] and told["certificates"][0]["policy_number"] == plan.policy_number
        seen[name] = {one["name"].split()[0]: one["coverages"] for one in told["certificates"][0]["people"]}
        assert shown.count("Gastos médicos mayores") == sum(bool(one) for one in seen[name].values())
    assert seen["Ada"] == {"Ada": ["major"], "Leo": ["major"], "Eva": []}, "an adult with an account shares or not"
    assert seen["Eva"] == {"Ada": [], "Leo": [], "Eva": ["major"]}
    stranger = people.signed_in(people.member())
    assert "COLECTIVA" not in stranger.get(reverse("memberships:home")).content.decode()
