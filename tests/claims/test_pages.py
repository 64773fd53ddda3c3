"""A family files and follows on the pages, without JavaScript: nothing lost, no dead end (S3.9-S3.34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from claims import selectors, services
from claims.models import Claim
from config.demo.samples import make_constancia_pdf
from memberships.models import MemberCoverage
from portal import clock
from portal.people.models import Consent
from portal.treasury.models import BankAccount
from tests.factories import claims as a
from tests.factories import people
from tests.pages import once

pytestmark = pytest.mark.django_db


def post(client: Client, address: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(address, once() | (data or {}))


def text(answer: Any) -> str:
    return answer.content.decode()


def test_a_family_files_from_the_first_page_to_its_folio_s3_11() -> None:
    family = a.a_family()
    Consent.objects.filter(user=family.user, proof="claim").delete()
    client = people.signed_in(family.user)
    before = client.get("/tramites/nuevo/")
    assert all(words in text(before) for words in ("Empezar", "unos 8 minutos", 'href="/formatos/"'))
    assert dict(before.context["needs"])["Reembolso"] == "Formato de trámite, informe médico, identificación oficial"
    assert len(before.context["needs"]) == 7, "each kind that they have, as the catalogue says it"
    began = post(client, "/tramites/nuevo/")
    claim = Claim.objects.get()
    page = f"/tramites/borradores/{claim.pk}/"
    assert began["Location"] == page
    major = family.plan.coverages.get(kind="major")
    assert post(client, page, {"choice": "nobody"}).status_code == 422
    kept = post(client, page, {"choice": f"{family.titular.pk}:{major.pk}", "condition": "pending"})
    assert kept["Location"] == f"{page}documentos/"
    asked = client.get(f"{page}documentos/")
    assert "Aceptar y subir documentos" in text(asked)
    assert post(client, f"{page}consentimiento/").status_code == 422
    boxes = {f"text_{one.pk}": "on" for one in asked.context["texts"]}
    assert post(client, f"{page}consentimiento/", boxes).status_code == 302
    documents = text(client.get(f"{page}documentos/"))
    assert "Facturas: XML y PDF" in documents
    assert (
        documents.count("Tomar foto") == documents.count('capture="environment"') == documents.count("Elegir archivos")
    )
    assert post(client, f"{page}archivos/claim_form/").status_code == 422
    wrong = post(client, f"{page}archivos/claim_form/", {"files": SimpleUploadedFile("a.pdf", b"")})
    assert wrong.status_code == 422
    assert "No guardamos «a.pdf»" in text(wrong)
    two = [SimpleUploadedFile(f"{name}.pdf", make_constancia_pdf(name=name, rfc="X", on=a.ON)) for name in ("a", "b")]
    several = post(client, f"{page}archivos/other/", {"files": [*two, SimpleUploadedFile("c.pdf", b"x")]})
    assert (several.status_code, [one.name for one in several.context["problems"]]) == (422, ["c.pdf"])
    assert "No guardamos «c.pdf»" in text(several)
    assert [one.file.display_name for one in several.context["files"]] == ["a.pdf", "b.pdf"], (
        "a bad one costs no good one"
    )


def test_who_has_minor_expenses_alone_is_offered_no_event_s3_14() -> None:
    family = a.a_family()
    MemberCoverage.objects.filter(coverage__kind="major").delete()
    client, claim = people.signed_in(family.user), a.a_draft(family)
    assert [what for what, _papers in client.get("/tramites/nuevo/").context["needs"]] == ["Gastos menores"]
    page = f"/tramites/borradores/{claim.pk}/"
    assert 'name="what"' not in text(client.get(page))
    assert post(client, page, {"choice": f"{claim.affected_id}:{claim.coverage_id}"}).status_code == 302
    assert Claim.objects.get().kind == "minor"


def test_so_many_drafts_are_kept_at_once_and_the_refusal_leads_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    family = a.a_family()
    assert selectors.most_drafts(a.ON) == 20
    monkeypatch.setattr(selectors, "most_drafts", lambda _on: 2)
    client, first = people.signed_in(family.user), a.a_draft(family)
    services.start_complement(claim=a.bare(family), by=family.user, at=a.AT)  # one a folio: it does not count
    assert post(client, "/tramites/nuevo/").status_code == 302
    refused = post(client, "/tramites/nuevo/")
    assert (refused.status_code, Claim.objects.drafts_of(family.user).count()) == (409, 3)
    assert "Envía o descarta uno" in text(refused) and '<a href="/tramites/">Ver mis borradores</a>' in text(refused)
    services.discard_claim(claim=first, by=family.user, at=a.AT)
    assert post(client, "/tramites/nuevo/").status_code == 302


def test_a_whole_draft_is_checked_sent_once_and_followed_s3_18() -> None:
    family = a.a_family()
    client, claim = people.signed_in(family.user), a.a_draft(family)
    page = f"/tramites/borradores/{claim.pk}/"
    for document in a.DOCUMENTS:
        a.a_file(claim, document)
    invoice = a.an_invoice(claim, "1000.00")
    assert post(client, f"{page}facturas/{invoice.pk}/", {}).status_code == 302
    assert "BBVA" in text(client.get(f"{page}pago/"))
    check = client.get(f"{page}revisar/")
    assert "Enviar y generar folio" in text(check)
    assert post(client, f"{page}revisar/").status_code == 422
    sent = post(client, f"{page}revisar/", {"consent": "on"})
    claim.refresh_from_db()
    assert sent["Location"] == f"/tramites/{claim.folio}/listo/"
    assert claim.folio in text(client.get(sent["Location"]))
    again = post(client, f"{page}revisar/", {"consent": "on"})
    assert (again.status_code, claim.folio in text(again)) == (409, True)
    assert client.get(page)["Location"] == f"/tramites/{claim.folio}/"
    followed = text(client.get(f"/tramites/{claim.folio}/"))
    assert "Lo recibimos y espera a quien lo dictamina" in followed
    assert "Retirar trámite" in followed
    assert claim.folio in text(client.get("/tramites/"))
    of_policy_alone = [reverse("memberships:home"), reverse("memberships:share"), "/inicio/"]
    assert [client.get(address).status_code for address in of_policy_alone] == [200, 200, 200]
    assert client.get(f"/f/{claim.folio}/")["Location"] == f"/tramites/{claim.folio}/"


def test_what_lacks_leads_to_where_it_is_given_and_without_an_account_the_way_to_it() -> None:
    family = a.a_family()
    BankAccount.objects.all().delete()
    claim = a.a_draft(family)
    client, page = people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/"
    assert "Registrar mi cuenta bancaria" in text(client.get(f"{page}pago/"))
    check = text(client.get(f"{page}revisar/"))
    assert f'href="{page}documentos/"' in check
    assert f'href="{page}pago/"' in check
    assert "Enviar y generar folio" not in check


def test_files_are_taken_out_and_put_back_and_a_draft_is_dropped_after_asking() -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    item = a.a_file(claim, "other")
    client, page = people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/"
    assert post(client, f"{page}archivos/{item.pk}/quitar/").status_code == 302
    assert "Quitado" in text(client.get(f"{page}documentos/"))
    assert post(client, f"{page}archivos/{item.pk}/devolver/").status_code == 302
    asked = post(client, f"{page}descartar/", {"ask": "descartar"})
    assert "¿Descartar este borrador?" in text(asked)
    assert post(client, f"{page}descartar/").status_code == 302
    assert client.get(page).status_code == 404


def test_a_claim_is_withdrawn_by_who_filed_it_after_asking() -> None:
    family = a.a_family()
    claim = a.sent(family)
    client = people.signed_in(family.user)
    assert "¿Retirar el trámite" in text(post(client, f"/tramites/{claim.folio}/retirar/", {"ask": "retirar"}))
    assert post(client, f"/tramites/{claim.folio}/retirar/").status_code == 302
    assert "Lo retiraste" in text(client.get(f"/tramites/{claim.folio}/"))
    assert claim.folio in text(client.get("/tramites/historial/"))


def test_who_may_not_see_the_rest_sees_folio_state_and_amounts_ac_05() -> None:
    family = a.a_family()
    claim = a.bare(family, affected=family.adult, submitted_at=clock.now() - timedelta(days=1))
    client = people.signed_in(family.user)
    assert "Lo que ha pasado" in text(client.get(f"/tramites/{claim.folio}/"))
    people.member(party=family.adult.party)
    seen = text(client.get(f"/tramites/{claim.folio}/"))
    assert ("Lo que ha pasado" in seen, claim.folio in seen, "$1,000.00" in seen) == (False, True, True)


def test_nobody_reaches_what_is_anothers_and_whoever_has_no_coverage_is_told_whom_to_ask() -> None:
    family, other = a.a_family(), a.a_family()
    draft, sent = a.a_draft(family), a.bare(family)
    client = people.signed_in(other.user)
    pages = [f"/tramites/borradores/{draft.pk}/{tail}" for tail in ("", "documentos/", "pago/", "revisar/")]
    assert {client.get(page).status_code for page in (*pages, f"/tramites/{sent.folio}/")} == {404}
    assert Client().get("/tramites/").status_code == 302
    alone = people.signed_in(people.member())
    assert "Escribir a la mesa" in text(alone.get("/tramites/nuevo/"))
    assert post(alone, "/tramites/nuevo/").status_code == 422
    assert "Aquí verás tus trámites en curso" in text(alone.get("/tramites/"))
    assert "Aquí quedarán los trámites terminados" in text(alone.get("/tramites/historial/"))


def test_under_way_and_history_are_filtered_and_home_shows_what_is_under_way_s3_9_s3_28() -> None:
    family = a.a_family()
    draft, mine = a.a_draft(family), a.bare(family)
    over = a.bare(family, state="decided", decided_at=a.AT, elapsed_minutes=60, affected=family.child)
    client = people.signed_in(family.user)
    for query, there in (("tipo=minor", False), ("estado=submitted", True), (f"buscar={mine.folio}", True)):
        assert (mine.folio in text(client.get(f"/tramites/?{query}"))) is there
    assert over.folio in text(client.get("/tramites/historial/?buscar=Leo"))
    home = text(client.get("/inicio/"))
    six = ("/tramites/nuevo/", "/tramites/", "/formatos/", "/red-medica/", "/cuenta/", "/contacto/")
    assert [one for one in six if f'<li><a href="{one}' not in home.replace("\n", "")] == [], "six options (S3.9)"
    assert (mine.folio in home, f"/tramites/borradores/{draft.pk}/" in home) == (True, True)


def test_the_estimate_is_told_with_its_record_and_past_it_says_so() -> None:
    from claims.models import ClockSegment, Estimate
    from claims.selectors.pages import _estimate

    claim = a.bare(a.a_family())
    told = {
        "p50_minutes": 1,
        "p80_minutes": 2,
        "p50_due": a.AT + timedelta(days=2),
        "p80_due": a.AT + timedelta(days=4),
    }
    Estimate.objects.create(claim=claim, cases=40, tested=20, hits=17, **told)
    assert "El tiempo está en pausa" in _estimate(claim, at=a.AT)
    ClockSegment.objects.create(claim=claim, since=a.AT, promised_at=a.AT, promise_rule=a.RULE)
    assert "Acertamos 85 % de 20." in _estimate(claim, at=a.AT)
    assert _estimate(claim, at=a.AT + timedelta(days=5)).startswith("Ya tardó más")
    services.withdraw_claim(claim=claim, by=claim.filed_by, at=a.AT)
