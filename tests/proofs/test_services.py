"""Papers that prove an RFC, and RFCs that go to their owner: services, pages, who may (AC-11)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.demo import samples
from config.demo.uploads import upload_of
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers import services as papers
from portal.papers.models import StoredFile
from portal.people import selectors as people_selectors
from portal.people import services as accounts
from portal.people.models import Grant, Party, User
from portal.proofs import rules, selectors, services
from portal.proofs.models import RfcMove, RfcPaper
from tests.factories import people

pytestmark = pytest.mark.django_db
OWN, QUEUE, MOVES = "/medico/rfc/", "/mesa/acreditaciones/", "/mesa/rfc/"
WHY = "La Constancia está recortada y no se lee el nombre."


def unproved() -> tuple[User, Party]:
    doctor = people.physician(party=people.a_party(proved=False))
    return doctor, people.own_party(doctor)


def constancia(rfc: str) -> Any:
    made = samples.make_constancia_pdf(name="NORA LUNA", rfc=rfc, on=clock.today())
    return upload_of("constancia.pdf", made)


def handed_in(doctor: User, party: Party, upload: Any = None) -> RfcPaper:
    return services.hand_in_paper(
        party=party, kind="constancia", upload=upload or constancia(party.rfc), by=doctor, at=clock.now()
    )


def asked(party: Party, by: User | None = None, **changes: Any) -> RfcMove:
    told = {
        "rfc": party.rfc,
        "email": "duena@ejemplo.mx",
        "name": "Nora Luna",
        "evidence": "Llamó y confirmó; QS-2026-7.",
        "upload": constancia(party.rfc),
        "by": by or people.administrator(),
        "at": clock.now(),
    }
    return services.ask_move(**told | changes)


def key(number: int = 1) -> str:
    return f"clave-de-prueba-{number:04d}"


# --- papers ------------------------------------------------------------------------------------------------------


def test_a_constancia_that_a_reviewer_accepts_proves_the_rfc() -> None:
    doctor, party = unproved()
    paper, reviewer = handed_in(doctor, party), people.reviewer()
    assert [finding.code for finding in paper.found] == ["rfc_named"]
    assert selectors.is_in_review(party)
    with pytest.raises(Conflict) as waits:
        handed_in(doctor, party)
    assert waits.value.code == "rfc_paper_waits"
    assert not Party.objects.get(pk=party.pk).is_rfc_proved
    services.accept_paper(paper=paper, by=reviewer, at=clock.now())
    party.refresh_from_db()
    assert (party.rfc_proof, party.rfc_proved_by) == ("constancia", reviewer)
    for again in (services.accept_paper, services.return_paper):
        more = {"reason": WHY} if again is services.return_paper else {}
        with pytest.raises(Conflict, match="Alguien ya decidió"):
            again(paper=paper, by=people.reviewer(), at=clock.now(), **more)
    with pytest.raises(Conflict) as proved:
        handed_in(doctor, party)
    assert proved.value.code == "rfc_proved"


def test_a_returned_paper_says_why_and_another_may_follow() -> None:
    doctor, party = unproved()
    paper = handed_in(doctor, party)
    with pytest.raises(RuleBroken) as short:
        services.return_paper(paper=paper, reason="no", by=people.reviewer(), at=clock.now())
    assert short.value.field == "reason"
    services.return_paper(paper=paper, reason=WHY, by=people.reviewer(), at=clock.now())
    assert Notice.objects.get(user=doctor, kind="rfc_paper_returned")
    assert WHY in people.signed_in(doctor).get(OWN).content.decode()
    assert handed_in(doctor, party).pk != paper.pk
    assert not Party.objects.get(pk=party.pk).is_rfc_proved


def test_a_paper_of_another_rfc_or_an_invoice_keeps_nothing() -> None:
    doctor, party = unproved()
    statement = samples.make_statement_pdf(
        clabe="012180015678912344", bank="BBVA", holder="OTRA", rfc="OERL850612AA9", closing_on=clock.today()
    )
    for wrong in (constancia("OERL850612AA9"), upload_of("estado.pdf", statement), upload_of("a.pdf", b"%PDF-nada")):
        with pytest.raises(RuleBroken) as refused:
            handed_in(doctor, party, wrong)
        assert refused.value.field == "file"
    big = papers_too_big()
    with pytest.raises(RuleBroken) as refused:
        papers.require_accepted(big, field="file")
    assert refused.value.code == "too_big"
    assert not RfcPaper.objects.exists() and not StoredFile.objects.exists()


def papers_too_big() -> Any:
    from portal.papers.services import Examined

    return Examined(name="g.pdf", kind="pdf", verdict="pending")


def test_nobody_judges_a_paper_of_their_own() -> None:
    doctor, party = unproved()
    paper = handed_in(doctor, party)
    related = people.reviewer()
    Grant.objects.create(user=related, party=party, role="physician-assistant", since=people.LONG_AGO)
    for judge in (doctor, related):
        with pytest.raises(RuleBroken) as refused:
            services.accept_paper(paper=paper, by=judge, at=clock.now())
        assert refused.value.code == "own_paper"
    assert list(selectors.papers_to_review(User.objects.get(pk=related.pk))) == []
    assert list(selectors.papers_to_review(people.reviewer())) == [paper]
    for text in people_selectors.missing_consents(User.objects.get(pk=related.pk)):
        accounts.accept_consent(by=related, text=text, purposes=["necessary"], proof="session", at=clock.now())
    page = people.signed_in(related).get(f"{QUEUE}{paper.pk}/").content.decode()
    assert "espera a otra persona" in page


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rfc_paper_state_known", {"state": "lost", "decided_at": clock.real_now()}),
        ("rfc_paper_kind_known", {"kind": "cfdi"}),
        ("rfc_paper_decided_by_somebody", {"state": "accepted"}),
        ("rfc_paper_returned_says_why", {"state": "returned", "decided_at": clock.real_now()}),
    ],
)
def test_the_database_keeps_papers_whole(name: str, values: dict[str, Any]) -> None:
    doctor, party = unproved()
    paper = handed_in(doctor, party)
    if "decided_at" in values:
        values = values | {"decided_by": people.reviewer()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RfcPaper.objects.filter(pk=paper.pk).update(**values)


def test_the_database_refuses_two_papers_in_review_and_a_judge_of_ones_own() -> None:
    doctor, party = unproved()
    paper = handed_in(doctor, party)
    copy = RfcPaper.objects.get(pk=paper.pk)
    copy.pk = None
    with pytest.raises(IntegrityError, match="one_rfc_paper_in_review"), transaction.atomic():
        copy.save(force_insert=True)
    own = {"state": "accepted", "decided_by": doctor, "decided_at": clock.now()}
    with pytest.raises(IntegrityError, match="rfc_paper_decided_by_another"), transaction.atomic():
        RfcPaper.objects.filter(pk=paper.pk).update(**own)


def test_the_physician_hands_in_and_the_desk_decides_on_their_pages() -> None:
    doctor, party = unproved()
    assistant, stranger, client = people.assistant_of(doctor), people.stranger(), people.signed_in(doctor)
    nobodys = people.a_party(proved=False)
    without = people.user_with_role(Role.PHYSICIAN, nobodys)
    Party.objects.filter(pk=nobodys.pk).update(rfc="")
    sheet = {"doc-kind": "constancia", "doc-file": constancia(party.rfc), "idempotency_key": key(7)}
    for actor, status in ((assistant, 403), (people.reviewer(), 403), (people.member(), 403), (without, 404)):
        assert people.signed_in(actor).get(OWN).status_code == status
        assert people.signed_in(actor).post(f"{OWN}documento/", sheet).status_code == status
    assert people.signed_in(None).get(OWN).status_code == 302 and not RfcPaper.objects.exists()
    assert party.rfc in client.get(OWN).content.decode()
    assert client.post(f"{OWN}documento/", {"idempotency_key": key()}).status_code == 422
    made = samples.make_constancia_pdf(name="NORA", rfc=party.rfc, on=clock.today())
    for number, status in ((1, 302), (1, 302), (2, 302)):
        posted = {"doc-kind": "constancia", "doc-file": upload_of("c.pdf", made), "idempotency_key": key(number)}
        kept = client.post(f"{OWN}documento/", posted)
        assert kept.status_code == status
    looked = client.get(check := kept["Location"]).content.decode()
    assert not RfcPaper.objects.exists(), "looked at once more before it is sent"
    assert all(said in looked for said in (party.rfc, "Constancia de Situación Fiscal", "c.pdf", "Cambiar"))
    sent = [client.post(check, {"idempotency_key": key(20)})["Location"] for _ in range(2)]
    assert sent == [f"{OWN}documento/enviado/"] * 2
    assert "Tu documento está en revisión" in client.get(check).content.decode()
    paper = RfcPaper.objects.get()
    _the_desk_alone_decides_once(paper, closed_to=(doctor, assistant, stranger))
    assert "Tu RFC está acreditado" in client.get(OWN).content.decode()
    posted = {"doc-kind": "constancia", "doc-file": upload_of("c.pdf", made), "idempotency_key": key(8)}
    assert client.post(f"{OWN}documento/", posted).status_code == 302
    assert RfcPaper.objects.count() == 1
    assert people.signed_in(people.administrator()).get(f"/archivos/{paper.file_id}/").status_code in {403, 404}


def _the_desk_alone_decides_once(paper, *, closed_to) -> None:
    doctor, assistant, stranger = closed_to
    page = f"{QUEUE}{paper.pk}/"
    for actor, status in ((None, 302), (doctor, 403), (assistant, 403), (stranger, 403), (people.support(), 403)):
        assert people.signed_in(actor).get(page).status_code == status
        assert people.signed_in(actor).get(QUEUE).status_code == status
        assert (
            people.signed_in(actor).post(page, {"decision": "accept", "idempotency_key": key(9)}).status_code == status
        )
    assert RfcPaper.objects.get().state == "in_review"
    desk = people.signed_in(people.reviewer())
    assert paper.rfc in desk.get(f"{QUEUE}?estado=in_review").content.decode()
    assert paper.rfc in desk.get(f"{QUEUE}?estado=in_review&formato=csv").getvalue().decode("utf-8-sig")
    assert desk.get(page).status_code == 200
    assert desk.get("/mesa/").status_code == 200
    assert desk.post(page, {"idempotency_key": key(3)}).status_code == 422
    assert desk.post(page, {"decision": "return", "idempotency_key": key(4)}).status_code == 422
    for _ in range(2):
        assert desk.post(page, {"decision": "accept", "idempotency_key": key(5)}).status_code == 302
    assert (
        people.signed_in(people.reviewer()).post(page, {"decision": "accept", "idempotency_key": key(6)}).status_code
        == 409
    )


def test_a_refused_paper_comes_back_with_its_findings() -> None:
    doctor, _ = unproved()
    posted = {"doc-kind": "constancia", "doc-file": constancia("OERL850612AA9"), "idempotency_key": key()}
    page = people.signed_in(doctor).post(f"{OWN}documento/", posted)
    assert page.status_code == 422
    assert "otro RFC" in page.content.decode()


def test_a_code_is_typed_on_the_page_and_guesses_get_429(still_clock: None) -> None:
    doctor, party = unproved()
    accounts.keep_rfc_codes(
        issuer=people.an_insurer(), codes=[(party.rfc, "AB12CD34")], by=people.a_person(), at=clock.now()
    )
    client, page = people.signed_in(doctor), f"{OWN}codigo/"
    assert client.post(page, {"code": ""}).status_code == 422
    for number in range(4):
        assert client.post(page, {"code": f"00000{number}"}).status_code == 422
    for actor, status in ((None, 302), (people.assistant_of(doctor), 403), (people.reviewer(), 403)):
        assert people.signed_in(actor).post(page, {"code": "AB12CD34"}).status_code == status
    assert (
        people.signed_in(people.stranger(party=people.a_party(proved=False)))
        .post(page, {"code": "AB12CD34"})
        .status_code
        == 422
    )
    assert client.post(page, {"code": "ab12-cd34"}).status_code == 302
    assert Party.objects.get(pk=party.pk).rfc_proof == "code"
    assert client.post(page, {"code": "ab12-cd34"}).status_code == 302
    other, _ = unproved()
    guesser = people.signed_in(other)
    answers = [guesser.post(page, {"code": f"11111{number}"}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def asked_page(client: Any, address: str, question: str, **more: str) -> str:
    answer = client.post(address, {"ask": question, "idempotency_key": key(99), **more})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_paper_that_opens_names_of_patients_is_asked_first_with_the_rfc_and_who_gets_it() -> None:
    doctor, party = unproved()
    paper, desk = handed_in(doctor, party), people.signed_in(people.reviewer())
    page = f"{QUEUE}{paper.pk}/"
    shown = desk.get(page).content.decode()
    assert 'data-ask="aceptar_documento"' in shown and 'data-ask="devolver_documento"' in shown
    accepting = asked_page(desk, page, "aceptar_documento")
    for words in (
        f"¿Acreditar el RFC {party.rfc} a {party.name}?",
        doctor.email,
        "nombres de sus pacientes",
        "No se puede deshacer",
        'name="decision" value="accept"',
    ):
        assert words in accepting
    returning = asked_page(desk, page, "devolver_documento", reason=WHY)
    assert f"¿Devolver el documento del RFC {party.rfc}?" in returning and 'name="decision" value="return"' in returning
    assert WHY in returning, "what was typed travels along"
    assert people.signed_in(people.support()).post(page, {"ask": "aceptar_documento"}).status_code == 403
    paper.refresh_from_db()
    assert paper.state == "in_review" and not Party.objects.get(pk=party.pk).is_rfc_proved


def test_an_rfc_that_goes_to_its_owner_is_asked_first_with_who_gets_and_who_loses_it() -> None:
    doctor, party = unproved()
    helper = people.assistant_of(doctor)
    move, desk = asked(party), people.signed_in(people.administrator())
    page, decide = f"{MOVES}{move.pk}/", f"{MOVES}{move.pk}/decidir/"
    shown = desk.get(page).content.decode()
    assert 'data-ask="entregar_rfc"' in shown and 'data-ask="no_entregar_rfc"' in shown
    confirming = asked_page(desk, decide, "entregar_rfc")
    for words in (
        f"¿Entregar el RFC {party.rfc} a Nora Luna?",
        "duena@ejemplo.mx",
        doctor.email,
        helper.email,
        "No se puede deshacer",
        'name="decision" value="confirm"',
    ):
        assert words in confirming
    assert 'name="decision" value="refuse"' in asked_page(desk, decide, "no_entregar_rfc")
    move.refresh_from_db()
    assert move.decided_at is None
    party.grants.all().delete()
    assert "Hoy nadie actúa con él" in asked_page(desk, decide, "entregar_rfc")


# --- to its owner ------------------------------------------------------------------------------------------------


def test_two_administrators_give_an_rfc_to_its_owner() -> None:
    doctor, party = unproved()
    paper = handed_in(doctor, party)
    first, second = people.administrator(), people.administrator()
    move = asked(party, first)
    assert Notice.objects.filter(user=second, kind="rfc_move_asked").exists()
    assert not Notice.objects.filter(user=first, kind="rfc_move_asked").exists()
    with pytest.raises(Conflict) as waits:
        asked(party, second)
    assert waits.value.code == "move_waits"
    with pytest.raises(RuleBroken) as own:
        services.decide_move(move=move, accept=True, by=first, at=clock.now())
    assert own.value.code == "own_move"
    services.decide_move(move=move, accept=True, by=second, at=clock.now())
    with pytest.raises(Conflict) as decided:
        services.decide_move(move=move, accept=False, by=second, at=clock.now())
    assert decided.value.code == "move_decided"
    paper.refresh_from_db()
    assert paper.state == rules.PaperState.ENDED
    owner = User.objects.get(email="duena@ejemplo.mx")
    assert RfcPaper.objects.visible_to(owner).count() == 0
    assert StoredFile.objects.visible_to(owner).count() == 0, "what the other left there is not theirs"
    assert StoredFile.objects.visible_to(second).filter(pk=move.file_id).exists()
    assert {"proofs.move_asked", "proofs.move_confirmed", "people.rfc_moved", "proofs.paper_ended"} <= set(
        AuditEvent.objects.filter(party_id=party.pk).values_list("action", flat=True)
    )


def test_a_move_that_is_refused_changes_nothing() -> None:
    doctor, party = unproved()
    move, second = asked(party), people.administrator()
    with pytest.raises(RuleBroken) as short:
        services.decide_move(move=move, accept=False, by=second, at=clock.now())
    assert short.value.field == "reason"
    services.decide_move(move=move, accept=False, by=second, at=clock.now(), reason="La Constancia es de otra persona.")
    assert User.objects.get(pk=doctor.pk).live_grants
    assert asked(party).pk != move.pk


def test_what_cannot_be_asked_for() -> None:
    doctor, party = unproved()
    stake = people.administrator()
    Grant.objects.create(
        user=stake, party=party, role="physician-assistant", since=people.LONG_AGO, until=people.LONG_AGO
    )
    cases = (
        ({"rfc": people.rfc_number(990)}, "rfc_unknown"),
        ({"rfc": "X"}, "rfc_too_short"),
        ({"rfc": ""}, "rfc_empty"),
        ({"rfc": "CALN900121"}, "rfc_without_homoclave"),
        ({"rfc": "CALN901321CC0"}, "rfc_date"),
        ({"rfc": "CALN900121C-O"}, "rfc_too_short"),
        ({"rfc": "C4LN900121CC0"}, "rfc_shape"),
        ({"rfc": people.an_insurer().rfc}, "not_a_person"),
        ({"email": doctor.email}, "owner_has_a_role"),
        ({"by": stake}, "own_rfc"),
        ({"upload": constancia("OERL850612AA9")}, "rfc_of_another"),
    )
    for change, code in cases:
        with pytest.raises(RuleBroken) as refused:
            asked(party, **change)
        assert refused.value.code == code
    assert not RfcMove.objects.exists()
    move, other = asked(party), people.administrator()
    for who, offered in ((move.asked_by, []), (stake, []), (other, [move])):
        assert list(selectors.moves_to_decide(who)) == offered, "nobody is offered what they may not decide"
    assert not Notice.objects.filter(user=stake).exists()


@pytest.mark.parametrize(
    "name",
    ["one_open_move_per_rfc", "rfc_move_state_known", "rfc_move_decided_by_another", "rfc_move_decision_whole"]
    + ["rfc_move_says_its_evidence"],
)
def test_the_database_keeps_moves_whole(name: str) -> None:
    _, party = unproved()
    move = asked(party)
    at = clock.now()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        if name == "one_open_move_per_rfc":
            move.pk = None
            move.save(force_insert=True)
        RfcMove.objects.filter(pk=move.pk).update(
            **{
                "rfc_move_decided_by_another": {"decided_by": move.asked_by, "decided_at": at, "state": "refused"},
                "rfc_move_state_known": {"state": "lost", "decided_by": people.administrator(), "decided_at": at},
                "rfc_move_decision_whole": {"decided_at": at},
                "rfc_move_says_its_evidence": {"evidence": ""},
            }[name]
        )


def _who_acted_there_once_is_told_so(party: Party, page: str) -> None:
    once, held = people.administrator(), {"since": people.LONG_AGO, "until": clock.today()}
    Grant.objects.create(user=once, party=party, role=Role.PHYSICIAN_ASSISTANT, **held)
    told = people.signed_in(once).get(page).content.decode()
    assert "tuviste permisos con ese RFC" in told and "Tú lo pediste" not in told


def test_the_pages_of_a_move() -> None:
    doctor, party = unproved()
    first, second = people.administrator(), people.administrator()
    desk = people.signed_in(first)
    form = {
        "rfc": party.rfc.lower(),
        "email": "duena@ejemplo.mx",
        "name": "Nora Luna",
        "evidence": "Llamó y confirmó.",
        "idempotency_key": key(),
    }
    for actor, status in ((None, 302), (doctor, 403), (people.reviewer(), 403), (people.support(), 403)):
        assert people.signed_in(actor).get(MOVES).status_code == status
        assert people.signed_in(actor).post(f"{MOVES}nuevo/", form).status_code == status
    assert desk.get(MOVES).status_code == desk.get(f"{MOVES}nuevo/").status_code == 200
    assert desk.post(f"{MOVES}nuevo/", form).status_code == 422
    wrong = desk.post(f"{MOVES}nuevo/", form | {"file": constancia("OERL850612AA9")})
    assert wrong.status_code == 422 and "otro RFC" in wrong.content.decode()
    for _ in range(2):
        made = desk.post(f"{MOVES}nuevo/", form | {"file": constancia(party.rfc)})
        assert made.status_code == 302
    move = RfcMove.objects.get()
    page = f"{MOVES}{move.pk}/"
    assert made["Location"] == page
    assert "Tú lo pediste" in desk.get(page).content.decode()
    _who_acted_there_once_is_told_so(party, page)
    assert desk.post(f"{page}decidir/", {"decision": "confirm", "idempotency_key": key(2)}).status_code == 422
    other = people.signed_in(second)
    assert party.rfc in other.get(MOVES).content.decode()
    assert "RFC por entregar" in other.get("/mesa/").content.decode()
    assert doctor.email in other.get(page).content.decode()
    assert other.post(f"{page}decidir/", {"idempotency_key": key(3)}).status_code == 422
    assert other.post(f"{page}decidir/", {"decision": "refuse", "idempotency_key": key(4)}).status_code == 422
    stale = people.signed_in(second, fresh_at=clock.real_now().timestamp() - 360)
    assert stale.post(f"{page}decidir/", {"decision": "confirm"}).url.startswith("/cuenta/seguridad/confirmar/")
    for _ in range(2):
        assert other.post(f"{page}decidir/", {"decision": "confirm", "idempotency_key": key(5)}).status_code == 302
    assert "Entregado" in other.get(page).content.decode()
    assert other.post(f"{page}decidir/", {"decision": "confirm", "idempotency_key": key(6)}).status_code == 409
    assert people.own_party(User.objects.get(email="duena@ejemplo.mx")) == party
