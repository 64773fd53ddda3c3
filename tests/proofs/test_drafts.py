"""A right paper waits for the rest of its form; a wrong one is told with it (AC-11, D24)."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.papers import services as papers
from portal.papers.models import DraftFile, StoredFile
from portal.people.models import Party
from portal.proofs import rules, services
from portal.proofs.models import RfcMove, RfcPaper
from tests.factories import people

from .test_services import asked, constancia, unproved

pytestmark = pytest.mark.django_db


def test_a_paper_is_held_against_the_rfc_before_it_is_kept() -> None:
    doctor, party = unproved()
    told: dict[str, Any] = {"party": party, "by": doctor, "at": clock.now()}
    assert services.keep_paper(upload=constancia(party.rfc), **told).form == rules.PURPOSE
    with pytest.raises(RuleBroken, match="trae otro RFC"):
        services.keep_paper(upload=constancia(unproved()[1].rfc), **told)


@pytest.mark.parametrize("typed", ["", "NADA", people.rfc_number(9_998)])
def test_evidence_is_held_against_the_rfc_if_that_is_somebodys(typed: str) -> None:
    _doctor, party = unproved()
    told: dict[str, Any] = {"by": people.administrator(), "at": clock.now()}
    assert services.keep_evidence(rfc=typed, upload=constancia(party.rfc), **told).form == rules.EVIDENCE
    with pytest.raises(RuleBroken, match="trae otro RFC"):
        services.keep_evidence(rfc=unproved()[1].rfc, upload=constancia(party.rfc), **told)
    assert DraftFile.objects.count() == 1 and not StoredFile.objects.exists()


def test_a_document_is_kept_alone_taken_out_put_back_and_sent_with_its_kind() -> None:
    """As the script of uploads sends it: one request for the file, the form's button for the rest (UX D5)."""
    doctor, party = unproved()
    owner, content = people.signed_in(doctor), constancia(party.rfc).read()

    def post(name: str, **data: Any) -> Any:
        return owner.post(reverse(f"proofs:{name}"), {"idempotency_key": uuid.uuid4().hex, **data})

    def page() -> str:
        return re.sub(r"\s+", " ", owner.get(reverse("proofs:own")).content.decode())

    assert f'data-upload="{reverse("proofs:keep_file")}"' in page()
    assert post("keep_file").status_code == 422
    for name, wrong in (("foto.pdf", b"%PDF-1.7 roto"), ("otro.pdf", constancia(unproved()[1].rfc).read())):
        refused = post("keep_file", **{"doc-file": SimpleUploadedFile(name, wrong)})
        assert refused.status_code == 422 and "data-upload-answer" in refused.content.decode()
    kept = post("keep_file", **{"doc-file": SimpleUploadedFile("constancia.pdf", content)})
    assert kept["Location"] == f"{reverse('proofs:own')}#documento" and "/quitar/" in page()
    for name, sees, lacks in (("remove_file", "Deshacer", "/quitar/"), ("put_file_back", "/quitar/", "Deshacer")):
        assert [post(name).status_code for _ in range(2)] == [302, 302]
        assert sees in page() and lacks not in page()
    post("remove_file")
    told = AuditEvent.objects.filter(action__in=["papers.draft_removed", "papers.draft_put_back"])
    assert told.count() == 3, "done twice it is recorded once"
    assert post("hand_in", **{"doc-kind": "constancia"}).status_code == 422, "what was taken out is not sent"
    post("put_file_back")
    check = post("hand_in", **{"doc-kind": "statement"})["Location"]
    shown = owner.get(check).content.decode()
    back = re.search(r'href="([^"#]+)#con-documento"', shown)
    assert "Estado de cuenta" in shown and back, "«Cambiar» comes back to what was chosen"
    assert re.search(r'value="statement"[^>]*checked', owner.get(back[1]).content.decode())
    assert "Acredita tu RFC" in owner.get(f"{reverse('proofs:check_paper')}?documento=otro").content.decode()
    other = owner.post(f"{reverse('proofs:check_paper')}?documento=otro", {"idempotency_key": uuid.uuid4().hex})
    assert other["Location"] == reverse("proofs:own")
    sent = owner.post(check, {"idempotency_key": uuid.uuid4().hex})["Location"]
    assert sent == reverse("proofs:paper_sent")
    confirmed = owner.get(sent).content.decode()
    assert all(said in confirmed for said in ("Recibimos tu documento", "constancia.pdf", "Te avisamos por correo"))
    assert RfcPaper.objects.get().file.display_name == "constancia.pdf" and not DraftFile.objects.exists()


def test_who_asks_for_the_same_rfc_at_the_same_moment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other's request came while this one's paper was examined: nothing of this one stays."""
    _doctor, party = unproved()
    examine = papers.examine_upload

    def meanwhile(**said: Any) -> Any:
        monkeypatch.setattr(papers, "examine_upload", examine)
        asked(party)
        return examine(**said)

    monkeypatch.setattr(papers, "examine_upload", meanwhile)
    with pytest.raises(Conflict) as waits:
        asked(party, evidence="Otra llamada y su credencial.")
    assert (waits.value.code, waits.value.field, RfcMove.objects.count()) == ("move_waits", "rfc", 1)
    with pytest.raises(Conflict):
        asked(party)


def test_a_paper_that_is_refused_at_last_says_why_and_one_that_waits_already_is_told() -> None:
    """Between the last look and the sending: the RFC was corrected, or another paper of the same came."""
    doctor, party = unproved()
    owner, told = people.signed_in(doctor), {"party": party, "by": doctor, "at": clock.now()}
    check = f"{reverse('proofs:check_paper')}?documento=constancia"

    def send() -> Any:
        return owner.post(check, {"idempotency_key": uuid.uuid4().hex})

    services.keep_paper(upload=constancia(party.rfc), **told)
    Party.objects.filter(pk=party.pk).update(rfc=unproved()[1].rfc[:-1] + "0")
    refused = send()
    assert refused.status_code == 422 and "trae otro RFC" in refused.content.decode()
    Party.objects.filter(pk=party.pk).update(rfc=party.rfc)
    services.hand_in_paper(kind="constancia", upload=constancia(party.rfc), **told)
    assert send()["Location"] == reverse("proofs:own") and not DraftFile.objects.exists()
    assert RfcPaper.objects.count() == 1
