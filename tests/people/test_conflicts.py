"""Which roles one person may not hold together (AC-07, AU-08): the table, asking, confirming, pages and list."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal import access, clock
from portal.access import CONFLICTS, PERMISSION_LABELS, ROLES, STAFF_ROLES, Clash, Permission, Role, conflict_of
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.ids import uuid7
from portal.people import selectors, services
from portal.people.models import Grant, GrantProposal, Party, User
from portal.people.services import grants
from tests.factories import people
from tests.factories.threads import at_once

R = Role
WHY = "Cubre a quien está de vacaciones."
DESK = {
    *(R.REVIEWER, R.CLAIMS_ANALYST, R.SERVICE_ADVISER, R.AFFILIATION_DESK, R.COLLECTIONS_DESK),
    *(R.PAYMENT_PREPARER, R.PAYMENT_APPROVER),
    *(R.SUPPORT, R.COMPLAINTS_DESK, R.AUDITOR, R.ADMINISTRATOR),
}
PORTABILITY = {
    *(R.LIAISON, R.VALIDATING_PHYSICIAN, R.DIRECTOR_ASSISTANT),
    *(R.DEPARTMENT_HEAD, R.AREA_DIRECTOR, R.GENERAL_DIRECTOR),
}
# The regulation, by hand: (one, each of these) -> what the portal does. Every other pair goes together.
TOGETHER: list[tuple[Role, set[Role], Clash]] = [
    (R.PAYMENT_PREPARER, {R.PAYMENT_APPROVER}, Clash.REFUSED),
    (R.AUDITOR, DESK - {R.AUDITOR}, Clash.REFUSED),
    (R.ADMINISTRATOR, {R.PAYMENT_PREPARER, R.PAYMENT_APPROVER}, Clash.REFUSED),
    (R.REVIEWER, {R.PAYMENT_PREPARER, R.PAYMENT_APPROVER}, Clash.COUNTERSIGNED),
    (R.CLAIMS_ANALYST, {R.PAYMENT_PREPARER, R.PAYMENT_APPROVER}, Clash.COUNTERSIGNED),
    (R.COLLECTIONS_DESK, {R.PAYMENT_APPROVER}, Clash.COUNTERSIGNED),
    *((own, DESK, Clash.TOLD) for own in (R.PHYSICIAN, R.PHYSICIAN_ASSISTANT, R.MEMBER, R.PROVIDER)),
]


def kind_of(one: Role, other: Role) -> Clash | None:
    line = conflict_of(one, other)
    return line.kind if line else None


def test_every_pair_of_roles_is_judged_as_the_regulation_says() -> None:
    expected: dict[frozenset[Role], Clash | None] = {frozenset(pair): None for pair in combinations(Role, 2)}
    for one, others, kind in TOGETHER:
        for other in others:
            expected[frozenset({one, other})] = kind
    assert {frozenset(pair): kind_of(*pair) for pair in combinations(Role, 2)} == expected
    assert [pair for pair in combinations(Role, 2) if conflict_of(*pair) is not conflict_of(*pair[::-1])] == []
    assert [kind_of(role, role) for role in Role] == [None] * len(Role)
    weights = [list(Clash).index(line.kind) for line in CONFLICTS]
    assert weights == sorted(weights), "the first line that two roles meet is the heaviest"


def test_every_permission_and_every_line_has_its_words_and_staff_is_said_of_the_role() -> None:
    assert set(PERMISSION_LABELS) == set(Permission) and len(set(PERMISSION_LABELS.values())) == len(Permission)
    assert len({line.code for line in CONFLICTS} | {line.could for line in CONFLICTS}) == 2 * len(CONFLICTS)
    assert set(access.CLASH_LABELS) == set(Clash)
    assert STAFF_ROLES == DESK | PORTABILITY
    assert {role for role in Role if Permission.SEE_DESK in ROLES[role]} == {role for role in DESK if ROLES[role]}


@dataclass
class Town:
    first: User
    second: User
    operator: Party

    def ask(self, user: User, role: Role, reason: str = "", by: User | None = None) -> GrantProposal:
        return services.propose_grant(
            user=user, party=self.operator, role=role, by=by or self.first, at=clock.now(), reason=reason
        )

    def confirm(self, proposal: GrantProposal, *, accept: bool = True) -> Grant | None:
        return services.decide_grant(proposal=proposal, accept=accept, by=self.second, at=clock.now())


@pytest.fixture
def town(db: None) -> Town:
    return Town(people.administrator(name="Adriana"), people.administrator(name="Óscar"), people.the_operator())


def give(user: User, role: Role, party: Party | None = None) -> Grant:
    """Held already, whatever the table says of it."""
    where = party or people.the_operator()
    return Grant.objects.create(user=user, party=where, role=role, since=people.LONG_AGO)


REFUSED: list[tuple[Role, Role, str, str]] = [
    # held, asked for with this reason -> code
    (R.PAYMENT_PREPARER, R.PAYMENT_APPROVER, WHY, "roles_refused"),
    (R.REVIEWER, R.AUDITOR, WHY, "roles_refused"),
    (R.AUDITOR, R.CLAIMS_ANALYST, WHY, "roles_refused"),
    (R.ADMINISTRATOR, R.PAYMENT_PREPARER, WHY, "roles_refused"),
    (R.REVIEWER, R.PAYMENT_APPROVER, "", "conflict_needs_reason"),
    (R.COLLECTIONS_DESK, R.PAYMENT_APPROVER, "", "conflict_needs_reason"),
]


@pytest.mark.parametrize(("held", "role", "reason", "code"), REFUSED)
def test_a_role_is_refused_when_it_is_asked_for_with_cause_and_cure_AC_07(
    town: Town, held: Role, role: Role, reason: str, code: str
) -> None:
    user, line = people.user_with_role(held), conflict_of(held, role)
    for _twice in range(2):
        with pytest.raises(RuleBroken) as refused:
            town.ask(user, role, reason)
        assert (refused.value.code, refused.value.field) == (code, "role" if reason else "reason")
        assert line is not None and line.could in refused.value.message
        assert access.ROLE_LABELS[role] in refused.value.message
    assert not GrantProposal.objects.exists()


GIVEN: list[tuple[Role | None, Role, str, str]] = [
    # held, asked for with this reason -> what is stored of it
    (R.REVIEWER, R.PAYMENT_APPROVER, WHY, "countersigned"),
    (R.COLLECTIONS_DESK, R.PAYMENT_APPROVER, WHY, "countersigned"),
    (R.PAYMENT_PREPARER, R.REVIEWER, WHY, "countersigned"),
    (R.PHYSICIAN, R.REVIEWER, "", "told"),
    (R.SUPPORT, R.REVIEWER, "", ""),
    (R.LIAISON, R.AUDITOR, "", ""),
    (None, R.PAYMENT_APPROVER, "", ""),
]


@pytest.mark.parametrize(("held", "role", "reason", "stored"), GIVEN)
def test_a_role_is_given_with_its_reason_on_record_and_only_once_AC_07(
    town: Town, held: Role | None, role: Role, reason: str, stored: str
) -> None:
    user = people.user_with_role(held) if held else people.a_person()
    proposal = town.ask(user, role, reason)
    assert (proposal.conflict, proposal.reason) == (stored, reason)
    with pytest.raises(Conflict):
        town.ask(user, role, reason)
    event = AuditEvent.objects.get(action="people.grant_proposed")
    assert (event.reason, event.details["conflict"]) == (reason, stored)
    grant = town.confirm(proposal)
    assert grant is not None and (grant.granted_by, grant.confirmed_by) == (town.first, town.second)
    assert AuditEvent.objects.get(action="people.granted").reason == reason
    with pytest.raises(Conflict):
        town.confirm(proposal)


def test_the_list_tells_the_reason_of_that_very_grant_not_of_one_for_another_insurer(town: Town) -> None:
    user, insurers = people.user_with_role(R.PAYMENT_PREPARER), [None, people.an_insurer(), people.an_insurer()]
    for place, insurer in enumerate(insurers):
        said: dict[str, Any] = {"user": user, "party": town.operator, "role": R.REVIEWER, "scope": insurer}
        Grant.objects.create(**said, since=clock.today())
        GrantProposal.objects.create(
            **said,
            reason=f"Motivo {place}",
            state="accepted",
            proposed_by=town.first,
            proposed_at=clock.now(),
            decided_by=town.second,
            decided_at=clock.now() + timedelta(minutes=place),
        )
    held = {grant.scope: grant.reason for grant in selectors.conflicting_grants(on=clock.today())}
    assert held == {insurer: f"Motivo {place}" for place, insurer in enumerate(insurers)}


def test_what_was_only_asked_for_counts_until_it_is_refused(town: Town) -> None:
    user = people.a_person()
    waiting = town.ask(user, R.PAYMENT_PREPARER)
    with pytest.raises(RuleBroken, match="se pidió"):
        town.ask(user, R.PAYMENT_APPROVER, WHY, by=town.second)
    town.confirm(waiting, accept=False)
    assert town.ask(user, R.PAYMENT_APPROVER).conflict == ""


@pytest.mark.parametrize(
    ("meanwhile", "reason", "code"),
    [
        (R.PAYMENT_PREPARER, WHY, "roles_refused"),
        (R.REVIEWER, "", "conflict_needs_reason"),
        (R.REVIEWER, WHY, ""),
        (R.PHYSICIAN, "", ""),
    ],
)
def test_what_conflicts_by_the_time_it_is_confirmed_is_judged_again(
    town: Town, meanwhile: Role, reason: str, code: str
) -> None:
    user = people.a_person()
    proposal = town.ask(user, R.PAYMENT_APPROVER, reason)
    give(user, meanwhile, None if meanwhile in STAFF_ROLES else people.a_party())
    told = [held for held, _line in selectors.asked_conflicts([proposal], on=clock.today())[proposal.pk]]
    assert told == [meanwhile], "who confirms reads it"
    if not code:
        assert town.confirm(proposal) is not None
        return
    for _twice in range(2):
        with pytest.raises(RuleBroken) as refused:
            town.confirm(proposal)
        assert refused.value.code == code
    proposal.refresh_from_db()
    assert proposal.decided_at is None and user.grants.count() == 1
    assert town.confirm(proposal, accept=False) is None, "to refuse it is always possible"


def test_roles_given_in_other_ways_are_judged_too(db: None) -> None:
    both = [("una@ejemplo.mx", "Una"), ("otra@ejemplo.mx", "Otra")]
    payer = people.approver(email="una@ejemplo.mx")
    with pytest.raises(RuleBroken) as refused:
        services.bootstrap_administrators(people=both, at=clock.now())
    assert refused.value.code == "roles_refused" and not User.objects.filter(email="otra@ejemplo.mx").exists()
    payer.grants.update(until=clock.today())
    doctor = give(payer, R.PHYSICIAN, people.a_party())
    (first, _secret), (second, _other) = services.bootstrap_administrators(people=both, at=clock.now())
    assert first == payer and doctor.until is None, "of one's own: told, no obstacle"
    given = {"party": people.the_operator(), "by": first, "confirmed_by": second, "at": clock.now()}
    auditor = people.auditor()
    with pytest.raises(RuleBroken) as refused:
        grants.grant_role(user=auditor, role=R.SUPPORT, **given)
    assert refused.value.code == "roles_refused"
    reviewer = people.reviewer()
    with pytest.raises(RuleBroken) as refused:
        grants.grant_role(user=reviewer, role=R.PAYMENT_PREPARER, **given)
    assert refused.value.code == "conflict_needs_reason"
    assert grants.grant_role(user=reviewer, role=R.PAYMENT_PREPARER, reason=WHY, **given).pk


def test_a_closed_account_is_judged_by_what_it_holds_when_it_is_opened_again(town: Town) -> None:
    user = people.preparer(disabled_at=clock.now())
    with pytest.raises(RuleBroken) as refused:
        town.ask(user, R.PAYMENT_APPROVER)
    assert refused.value.code == "roles_refused"


@pytest.mark.django_db
@pytest.mark.parametrize("conflict", ["refused", "lost"])
def test_what_is_refused_is_never_stored(conflict: str) -> None:
    with pytest.raises(IntegrityError, match="countersigned_for_a_reason"), transaction.atomic():
        GrantProposal.objects.create(
            user=people.a_person(),
            party=people.the_operator(),
            role=R.REVIEWER,
            conflict=conflict,
            reason=WHY,
            proposed_by=people.administrator(),
            proposed_at=clock.now(),
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["asked", "confirmed"])
def test_of_two_that_conflict_with_each_other_at_once_one_is_kept(step: str) -> None:
    town = Town(people.administrator(), people.administrator(), people.the_operator())
    user, pair = people.a_person(), (R.PAYMENT_PREPARER, R.PAYMENT_APPROVER)

    def tried(act: Callable[[], Any]) -> Callable[[], bool]:
        def one() -> bool:
            try:
                act()
            except RuleBroken:
                return False
            return True

        return one

    if step == "asked":
        acts = [tried(lambda role=role: town.ask(user, role, WHY)) for role in pair]
    else:
        waiting = [
            GrantProposal.objects.create(
                user=user, party=town.operator, role=role, proposed_by=town.first, proposed_at=clock.now()
            )
            for role in pair
        ]
        acts = [tried(lambda proposal=proposal: town.confirm(proposal)) for proposal in waiting]
    assert sorted(at_once(acts)) == [False, True]
    assert (GrantProposal if step == "asked" else Grant).objects.filter(user=user).count() == 1


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_both_administrators_read_what_the_two_roles_could_do_and_why(town: Town) -> None:
    user = people.reviewer(name="Zoraida Única")
    first, second = people.signed_in(town.first), people.signed_in(town.second)
    page, asking = reverse("desk:person", args=[user.pk]), reverse("desk:propose_grant", args=[user.pk])
    line = conflict_of(R.REVIEWER, R.PAYMENT_APPROVER)
    assert line is not None
    shown = words(first.get(page))
    assert "Pide un motivo: Preparación de pagos, Autorización de pagos, con Revisión" in shown and line.could in shown
    assert "No van juntos: Auditoría, con Revisión" in shown
    for name in ("payment-approver", "auditor"):
        for _twice in range(2):
            refused = first.post(asking, {"role": name})
            assert refused.status_code == 422 and "na misma persona" in words(refused), "cause and cure at the field"
    assert not GrantProposal.objects.exists()
    assert first.post(asking, {"role": "payment-approver", "reason": WHY}).url == page
    assert first.post(asking, {"role": "payment-approver", "reason": WHY}).status_code == 422
    proposal = GrantProposal.objects.get()
    deciding, listed = reverse("desk:decide_grant", args=[proposal.pk]), words(second.get(reverse("desk:people")))
    asked = words(second.post(deciding, {"ask": f"confirmar_{proposal.pk}"}))
    for said in (listed, asked):
        assert (
            "Pide un motivo: ya tiene Revisión" in said and line.could in said and f"Motivo: «{WHY.rstrip('.')}" in said
        )
    assert first.post(deciding, {"decision": "confirm"}).status_code == 422
    assert second.post(deciding, {"decision": "confirm"}).status_code == 302
    assert second.post(deciding, {"decision": "confirm"}).status_code == 409
    shown = words(second.get(page))
    assert "Pide un motivo: Revisión, Autorización de pagos, desde el" in shown


def test_a_person_s_page_says_in_words_what_they_may_do_where_and_since_when(town: Town) -> None:
    doctor = people.physician(party=people.a_party(name="ZORAIDA ÚNICA"))
    give(doctor, R.SUPPORT)
    administrator, support = people.signed_in(town.first), people.signed_in(people.support())
    page = reverse("desk:person", args=[doctor.pk])
    shown, seen = words(administrator.get(page)), words(support.get(page))
    for said in (shown, seen):
        assert "En ZORAIDA ÚNICA" in said and f"En {town.operator}" in said
        for permission in ROLES[R.PHYSICIAN] | ROLES[R.SUPPORT]:
            assert PERMISSION_LABELS[permission] in said
        assert PERMISSION_LABELS[Permission.APPROVE_PAYMENTS] not in said
        assert "Soporte, desde el 1 ene 2020" in said and "Se avisa: Médico, Soporte" in said
    assert "No van juntos" in shown and "No van juntos" not in seen, "what may be asked for is of who asks"
    assert "no tiene permisos" in words(administrator.get(reverse("desk:person", args=[people.a_person().pk])))


def test_the_auditor_has_the_list_of_who_holds_what_conflicts_and_nobody_else(town: Town) -> None:
    user = people.reviewer(name="Zoraida Única")
    town.confirm(town.ask(user, R.PAYMENT_APPROVER, WHY))
    older = people.preparer(name="Bruno Antes")
    give(older, R.PAYMENT_APPROVER)
    ended = people.auditor(name="Gabriel Ya No")
    give(ended, R.SUPPORT)
    services.end_grant(grant=ended.grants.get(role=R.SUPPORT), by=town.first, at=clock.now())
    closed = people.preparer(name="Clara Cerrada", disabled_at=clock.now())
    give(closed, R.PAYMENT_APPROVER)
    own = people.physician(name="Iván Propio")
    later = Grant.objects.create(user=own, party=town.operator, role=R.SUPPORT, since=clock.today() + timedelta(days=1))
    url, auditor = reverse("desk:conflicts"), people.signed_in(people.auditor())

    def rows(**asked: str) -> list[list[str]]:
        return [[cell.text for cell in row] for row in auditor.get(url, asked).context["page"].rows]

    both = [
        [user.name, user.email, "Pide un motivo", "Revisión", "Autorización de pagos", WHY, "Adriana", "Óscar"],
        [older.name, older.email, "No van juntos", "Preparación de pagos", "Autorización de pagos", *["—"] * 3],
    ]
    assert [row[:5] + row[7:] for row in rows()] == both
    assert [[row[0] for row in rows(tipo=kind)] for kind in Clash] == [[older.name], [user.name], []]
    assert [row[0] for row in rows(buscar="zoraida")] == [user.name]
    later.since = people.LONG_AGO
    later.save()
    assert [row[0] for row in rows(tipo="told")] == [own.name]
    assert "Permisos que chocan" in words(auditor.get(url)) and url in words(auditor.get(reverse("desk:audit")))
    for kind in (people.reviewer, people.support, people.approver, people.physician):
        assert people.signed_in(kind()).get(url).status_code == 403
    assert people.signed_in(town.first).get(url).status_code == 200


def test_by_the_api_the_same_is_said_and_refused(town: Town) -> None:
    user = people.reviewer()
    first, second = people.signed_in(town.first), people.signed_in(town.second)
    here = f"/api/v1/mesa/personas/{user.pk}/"

    def post(client: Client, path: str, **sent: str) -> tuple[int, Any]:
        key = {"Idempotency-Key": f"{uuid7()}"}
        answer = client.post(path, sent, content_type="application/json", headers=key)
        return answer.status_code, answer.json()

    for _twice in range(2):
        status, refused = post(first, f"{here}permisos/", role="payment-approver")
        assert (status, refused["code"], refused["field"]) == (422, "conflict_needs_reason", "reason")
        status, refused = post(first, f"{here}permisos/", role="auditor", reason=WHY)
        assert (status, refused["code"], refused["field"]) == (422, "roles_refused", "role")
    status, asked = post(first, f"{here}permisos/", role="payment-approver", reason=WHY)
    told = {"kind": "countersigned", "role": "payment-approver", "other_role": "reviewer"}
    assert status == 201 and asked["reason"] == WHY and [told | asked["conflicts"][0]] == asked["conflicts"]
    assert post(second, f"/api/v1/mesa/permisos/{asked['id']}/decidir/", decision="confirm")[0] == 200
    person = second.get(here).json()
    assert [told | person["conflicts"][0]] == person["conflicts"]
    given = {one["permission"]: one for one in person["may"]}
    assert set(given) == ROLES[R.REVIEWER] | ROLES[R.PAYMENT_APPROVER]
    assert given["treasury.approve_payments"]["words"] == "Autorizar pagos"
    listed = people.signed_in(people.auditor()).get("/api/v1/mesa/auditoria/permisos/").json()
    (row,) = listed["rows"]
    assert (row["kind"], row["conflict"], row["reason"]) == ("countersigned", "review_and_pay", WHY)
    assert people.signed_in(people.reviewer()).get("/api/v1/mesa/auditoria/permisos/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(PORTABILITY))
def test_portability_is_staff_without_a_desk_AU_08(role: Role) -> None:
    user = people.user_with_role(role, email="ana@ejemplo.mx")
    assert user.is_back_office and people.signed_in(user).get(reverse("desk:queue")).status_code == 403
    by_password = people.signed_in(user, factor="password")
    assert by_password.get(reverse("people:account")).url == reverse("people:security"), "a second factor first"
    now = clock.real_now()
    rested = {
        "began_at": (now - timedelta(minutes=20)).timestamp(),
        "seen_at": (now - timedelta(minutes=16)).timestamp(),
    }
    assert people.signed_in(user, **rested).get(reverse("people:account")).url.startswith("/entrar/"), "15 minutes"
    doctor = people.physician()
    assert people.signed_in(doctor, **rested).get(reverse("people:account")).status_code == 200, "30 for others"
    party = people.own_party(doctor)
    grant = services.invite_assistant(
        party=party, role=R.PHYSICIAN_ASSISTANT, email=user.email, name="Ana", by=doctor, at=clock.now()
    )
    assert grant.is_withheld and not selectors.acts_for(user, people.the_operator(), on=clock.today())
    with pytest.raises(RuleBroken, match="otra persona"):
        grants.grant_role(
            user=people.a_person(), party=people.the_operator(), role=role, by=people.administrator(), at=clock.now()
        )
    with pytest.raises(IntegrityError, match="desk_grant_needs_two"), transaction.atomic():
        Grant.objects.create(
            user=people.a_person(),
            party=people.the_operator(),
            role=role,
            since=people.LONG_AGO,
            granted_by=people.administrator(),
        )
