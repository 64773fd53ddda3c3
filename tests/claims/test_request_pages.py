"""The pages of a request: the desk asks, the family answers thing by thing, both write (S3.33, S3.34, N14, N18)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from claims import queues
from claims.models import Claim, ClaimFile, ClaimMessage, DocumentRequest
from config.demo import samples
from portal import clock
from portal.design.saving import HEADER
from portal.work import services as work
from tests.claims.test_requests import asked, hold, taken
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def pdf(name: str) -> bytes:
    return samples.make_constancia_pdf(name=name, rfc="MUESTRA", on=a.ON)


def test_n14_the_desk_asks_for_everything_in_one_form() -> None:
    one = taken()
    desk, _mine, page, _own = _pages(one)
    assert "Pedir documentos" in desk.get(page).content.decode()
    wrong = desk.post(f"{page}documentos/", once())
    assert (wrong.status_code, "Elige al menos un documento" in wrong.content.decode()) == (422, True)
    told = {"why_prescription": "lacks", "why_medical_report": "unsigned", "detail_medical_report": "Página 2"}
    assert desk.post(f"{page}documentos/", once() | told)["Location"] == queues.CLAIMS.list_address
    assert Claim.objects.get().state == "pending_documents"


def _pages(one: Any) -> tuple[Any, Any, str, str]:
    folio = one.claim.folio
    return people.signed_in(one.analyst), people.signed_in(one.user), f"/mesa/tramites/{folio}/", f"/tramites/{folio}/"


def test_s3_33_what_is_asked_stands_at_home_on_the_claims_page_and_on_its_own() -> None:
    one = asked(things=[("medical_report", "unsigned", "Página 2"), ("prescription", "lacks", "")])
    _desk, mine, _page, own = _pages(one)
    home = mine.get("/inicio/", follow=True).content.decode()
    assert f'Faltan documentos de tu trámite <span class="nowrap">{one.claim.folio}</span>' in home, (
        "S3.33: on the home page"
    )
    followed = mine.get(own).content.decode()
    assert all(said in followed for said in ("Subir documentos pendientes", "Te toca a ti", "Te pedimos documentos"))
    shown = mine.get(f"{own}pendientes/").content.decode()
    assert all(
        said in shown for said in ("Informe médico", "no está firmado", "Página 2", "Ejemplo:", "Revisar y enviar")
    )
    check = mine.get(f"{own}pendientes/listo/").content.decode()
    assert "Falta algo para enviarlo" in check and "Ya completé lo solicitado" not in check


def test_s3_34_each_thing_is_answered_with_files_or_a_word_and_read_once_it_was_sent() -> None:
    one = asked()
    desk, mine, page, own = _pages(one)
    hold(one.claim, one.analyst)
    request = DocumentRequest.objects.get()
    report, recipe = request.items.order_by("place")
    answer = f"{own}pendientes/{report.pk}/"
    assert mine.post(answer, once()).status_code == 422, "neither file nor word"
    upload: dict[str, Any] = {"files": a.upload("informe.pdf", pdf("Informe firmado")), "note": "Ya viene firmado."}
    assert mine.post(answer, once() | upload).status_code == 302
    report.refresh_from_db()
    assert report.note == "Ya viene firmado.", "both in one go"
    file = ClaimFile.objects.get(asked=report)
    assert "informe.pdf" not in desk.get(page).content.decode(), "nobody reads an answer that was not sent"
    for act, stands in (("quitar", False), ("devolver", True)):
        address = f"{own}pendientes/archivos/{file.pk}/{act}/"
        assert [mine.post(address, once()).status_code for _twice in range(2)] == [302, 302]
        file.refresh_from_db()
        assert (file.removed_at is None) is stands
    early = mine.post(f"{own}pendientes/listo/", once())
    assert (early.status_code, "Falta contestar: receta" in early.content.decode()) == (422, True)
    assert mine.post(f"{own}pendientes/{recipe.pk}/", once() | {"note": "No me la dieron."}).status_code == 302
    check = mine.get(f"{own}pendientes/listo/").content.decode()
    whole = ("informe.pdf", "No me la dieron.", "Ya completé lo solicitado", f"{own}pendientes/#pedido-{report.place}")
    assert all(said in check for said in whole) and "Falta" not in check
    assert mine.post(f"{own}pendientes/listo/", once())["Location"] == own
    assert mine.post(f"{own}pendientes/listo/", once()).status_code == 409
    assert mine.get(f"{own}pendientes/listo/")["Location"] == own
    assert mine.get(f"{own}pendientes/")["Location"] == own
    assert Claim.objects.get().state == "in_review"
    hold(one.claim, one.analyst)
    read = desk.get(page).content.decode()
    assert all(said in read for said in ("informe.pdf", "No me la dieron.", "La familia completó los documentos"))
    assert "Por qué hace falta pedir más" in read


def test_n18_an_observation_is_saved_by_itself_and_says_so_as_often_as_it_is_changed() -> None:
    one = asked()
    mine, item = people.signed_in(one.user), one.request.items.first()
    address = f"/tramites/{one.claim.folio}/pendientes/{item.pk}/"
    for note in ("No lo", "No lo tengo"):
        told = mine.post(address, once() | {"note": note}, headers={HEADER: "1"})
        assert (told.status_code, json.loads(told.content)["said"][:11]) == (200, "Guardado a ")
        item.refresh_from_db()
        assert item.note == note
    wrong = mine.post(address, once() | {"note": "x" * 1001}, headers={HEADER: "1"})
    assert (wrong.status_code, [*json.loads(wrong.content)["wrong"]]) == (422, ["note"])


def test_n14_another_analyst_finds_the_proposal_and_says_yes_or_no_on_the_page() -> None:
    one, other = asked(), people.analyst()
    for again in (1, 2):
        answerer = people.signed_in(one.user)
        request = one.claim.requests.get(state="open")
        own = f"/tramites/{one.claim.folio}/pendientes/"
        for item in request.items.all():
            answerer.post(f"{own}{item.pk}/", once() | {"note": "No hay."})
        answerer.post(f"{own}listo/", once())
        hold(one.claim, one.analyst)
        desk, page = people.signed_in(one.analyst), f"/mesa/tramites/{one.claim.folio}/"
        silent = desk.post(f"{page}documentos/", once() | {"why_other": "unclear"})
        assert (silent.status_code, "por qué hace falta pedir más" in silent.content.decode()) == (422, True)
        told = {"why_other": "unclear", "detail_other": "La fecha.", "reason": f"Falta aclarar {again}."}
        assert desk.post(f"{page}documentos/", once() | told)["Location"] == page
        assert "No hace falta" not in desk.get(page).content.decode(), "who proposed it does not decide it"
        proposal = one.claim.requests.get(state="proposed")
        assert proposal in queues.REQUESTS.rows(other, clock.now())
        assert proposal not in queues.REQUESTS.rows(one.analyst, clock.now())
        client = people.signed_in(other)
        work.take(queue=queues.REQUESTS, thing=proposal, by=other, at=clock.now())
        read = client.get(page).content.decode()
        assert all(said in read for said in ("No hace falta", f"Falta aclarar {again}.", "Pedir los documentos"))
        if again == 1:
            assert (
                "¿Pedir más documentos"
                in client.post(f"{page}documentos/otra-vez/", {"ask": "autorizar"}).content.decode()
            )
            assert client.post(f"{page}documentos/otra-vez/", once() | {"act": "allow"}).status_code == 302
        else:
            assert client.post(f"{page}documentos/otra-vez/", once() | {"act": "decline"}).status_code == 422
            said = {"act": "decline", "note": "Con eso basta."}
            assert client.post(f"{page}documentos/otra-vez/", once() | said).status_code == 302
        assert client.post(f"{page}documentos/otra-vez/", once() | {"act": "allow"}).status_code == 409
    assert list(one.claim.requests.order_by("number").values_list("state", flat=True)) == [
        "answered",
        "answered",
        "declined",
    ]


def test_what_did_not_come_waits_in_a_queue_and_goes_on_with_what_there_is() -> None:
    one = asked()
    due = one.request.due
    assert one.claim not in queues.OVERDUE.rows(one.analyst, a.AT)
    late = a.AT + (due.due_on - a.ON) + DAY
    assert one.claim in queues.OVERDUE.rows(one.analyst, late)
    hold(one.claim, one.analyst, "claims.overdue")
    desk, page = people.signed_in(one.analyst), f"/mesa/tramites/{one.claim.folio}/"
    in_time = due.due_on >= clock.today()
    assert ("Seguir con lo que hay" in desk.get(page).content.decode()) is not in_time
    assert desk.post(f"{page}documentos/seguir/", once()).status_code == (422 if in_time else 302)


def test_both_write_on_their_pages_and_a_message_moves_nothing() -> None:
    one = taken()
    desk, mine = people.signed_in(one.analyst), people.signed_in(one.user)
    page, own = f"/mesa/tramites/{one.claim.folio}/", f"/tramites/{one.claim.folio}/"
    assert mine.post(f"{own}mensajes/", once()).status_code == 422
    assert mine.post(f"{own}mensajes/", once() | {"text": "¿Ya casi?"}).status_code == 302
    assert desk.post(f"{page}mensajes/", once()).status_code == 422
    assert desk.post(f"{page}mensajes/", once() | {"text": "Mañana."}).status_code == 302
    assert (
        desk.post(f"{page}mensajes/", once() | {"text": "Preguntar al hospital.", "internal": "on"}).status_code == 302
    )
    read = mine.get(own).content.decode()
    assert [said in read for said in ("¿Ya casi?", "Mañana.", "Preguntar al hospital.")] == [True, True, False]
    assert "Nota interna" in desk.get(page).content.decode()
    assert (Claim.objects.get().state, ClaimMessage.objects.count()) == ("in_review", 3)


def test_one_file_is_told_once_and_never_twice_under_another_name() -> None:
    one = asked()
    mine, own = people.signed_in(one.user), f"/tramites/{one.claim.folio}/pendientes/"
    first, second = one.request.items.order_by("place")
    same = pdf("La misma hoja")
    assert mine.post(f"{own}{first.pk}/", once() | {"files": a.upload("a.pdf", same)}).status_code == 302
    again = mine.post(f"{own}{second.pk}/", once() | {"files": a.upload("b.pdf", same)})
    assert (again.status_code, "ya contesta «Informe médico»" in again.content.decode()) == (422, True)
    assert ClaimFile.objects.filter(asked__request=one.request).count() == 1


def test_n18_each_choice_of_a_draft_is_kept_as_it_is_made_and_a_session_that_ended_finds_it_again() -> None:
    family = a.a_family()
    claim, mine = a.a_draft(family), people.signed_in(family.user)
    page = f"/tramites/borradores/{claim.pk}/"
    major = claim.coverage
    illness = p.a_condition(person=family.titular)
    first = f"{family.titular.pk}:{major.pk}"

    def save(**told: str) -> Any:
        return mine.post(page, once() | {"what": "", **told}, headers={HEADER: "1"})

    kept = json.loads(save(choice=first, condition=str(illness.pk)).content)
    assert (kept["again"], kept["said"][:11]) == (False, "Guardado a ")
    other = json.loads(save(choice=f"{family.child.pk}:{major.pk}", condition=str(illness.pk)).content)
    assert other["again"] is True, "the illnesses that are offered are another person's now"
    claim.refresh_from_db()
    assert (claim.affected, claim.condition) == (family.child, None)
    wrong = save(choice="nobody")
    assert (wrong.status_code, [*json.loads(wrong.content)["wrong"]]) == (422, ["choice"])
    mine.logout()
    assert save(choice=first).status_code == 302, "the session ended: who they are is asked first"
    again = people.signed_in(family.user).get(page).content.decode()
    assert f'value="{family.child.pk}:{major.pk}" selected' in again, "the same step, as it was"


def test_n18_a_file_that_was_kept_stands_whatever_became_of_the_session_that_sent_it() -> None:
    one = asked()
    item = one.request.items.first()
    own = f"/tramites/{one.claim.folio}/pendientes/"
    lost, key = people.signed_in(one.user), once()
    sent = {"files": a.upload("informe.pdf", pdf("Informe"))}
    assert lost.post(f"{own}{item.pk}/", key | sent).status_code == 302
    lost.logout()  # tab, session or network gone before the answer was read
    back = people.signed_in(one.user)
    assert "informe.pdf" in back.get(own).content.decode()
    sent = {"files": a.upload("informe.pdf", pdf("Informe"))}
    assert back.post(f"{own}{item.pk}/", key | sent).status_code == 302, "sent again under its key it counts once"
    assert ClaimFile.objects.filter(asked=item, removed_at=None).count() == 1
