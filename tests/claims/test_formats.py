"""Formats, seven kinds and two stages, prefilled and versioned; the way out to an insurer's network (S3.35, S3.36)."""

from __future__ import annotations

from typing import Any

import pytest

from claims import services
from claims.models import Format, InsurerLink
from claims.rules.formats import WHAT_LABELS, check_address
from memberships import selectors as memberships
from portal.errors import RuleBroken
from portal.papers.models import IssuedDocument
from portal.papers.services import render_document
from tests.api.callers import Caller, own_token, told
from tests.factories import claims as a
from tests.factories import people
from tests.pages import once

pytestmark = pytest.mark.django_db
NEW = {"what": "therapy.initial", "asked": "Qué terapia\nCuántas sesiones", "declaration": "Es verdad."}


def test_s3_35_each_of_seven_kinds_has_a_format_for_a_first_sending_and_a_complement() -> None:
    rows = Format.objects.current()
    assert {(one.what, one.stage) for one in rows} == {
        (str(what), stage) for what in WHAT_LABELS for stage in ("initial", "complement")
    }
    assert len(rows) == 14 and all(one.asked and one.declaration for one in rows)


def test_s3_35_a_format_comes_with_what_the_portal_knows_and_is_its_makers_alone() -> None:
    family, other = a.a_family(), a.a_family()
    client = people.signed_in(family.user)
    page = client.get("/formatos/")
    assert "Cirugía programada, complemento" in page.content.decode()
    choice = next(key for key, _label in page.context["people"] if key.startswith(f"{family.child.pk}:"))
    wrong = client.post("/formatos/", once() | {"what": "surgery.appeal", "choice": choice})
    assert wrong.status_code == 422
    made = client.post("/formatos/", once() | {"what": "surgery.complement", "choice": choice})
    document = IssuedDocument.objects.get(kind="claim_format")
    assert made["Location"] == f"/documentos/{document.pk}/"
    context = document.context
    assert (context["affected"], context["titular"]) == (family.child.as_printed, family.titular.as_printed)
    assert (context["version"], context["asked"][0]) == (1, "Folio del trámite que se complementa")
    render_document(document=document, at=a.AT)
    assert client.get(f"/documentos/{document.pk}/").status_code == 200
    assert people.signed_in(other.user).get(f"/documentos/{document.pk}/").status_code == 404
    foreign = client.post("/formatos/", once() | {"what": "surgery.initial", "choice": f"{other.child.pk}:1"})
    assert foreign.status_code == 422


@pytest.mark.parametrize(
    ("what", "of", "code"), [("surgery.appeal", "child", "not_a_format"), ("surgery.initial", "nobody", "not_a_choice")]
)
def test_s3_35_only_a_format_and_a_person_of_the_lists_make_a_paper(what: str, of: str, code: str) -> None:
    family = a.a_family()
    choices = {"child": f"{family.child.pk}:{family.plan.coverages.get(kind='major').pk}", "nobody": "0:0"}
    with pytest.raises(RuleBroken) as refused:
        services.make_format(what=what, choice=choices[of], by=family.user, at=a.AT)
    assert refused.value.code == code and not IssuedDocument.objects.filter(kind="claim_format").exists()


def test_s3_35_no_version_is_published_of_a_format_that_there_is_not() -> None:
    asked = NEW | {"what": "surgery.appeal"}
    with pytest.raises(RuleBroken) as refused:
        services.publish_format(**asked, by=people.administrator(), at=a.AT)
    assert refused.value.code == "not_a_format" and Format.objects.count() == 14


def test_s3_35_a_change_is_a_version_of_its_own_and_the_same_text_is_none() -> None:
    client = people.signed_in(people.administrator())
    listed = client.get("/mesa/formatos/").content.decode()
    assert "?formato=therapy.initial" in listed and "Publicar versión" not in listed
    stands = Format.objects.current().get(what="therapy", stage="initial")
    begun = client.get("/mesa/formatos/?formato=therapy.initial").content.decode()
    assert "\n".join(stands.asked) in begun and stands.declaration in begun, "what is in force is where one begins"
    key = once()
    for _twice in range(2):
        assert client.post("/mesa/formatos/", key | NEW).status_code == 302
    same = client.post("/mesa/formatos/", once() | NEW)
    assert same.status_code == 422 and "ya dice eso" in same.content.decode()
    empty = client.post("/mesa/formatos/", once() | NEW | {"asked": "\n".join("?" * 13)})
    assert empty.status_code == 422
    versions = Format.objects.filter(what="therapy", stage="initial").order_by("version")
    assert [one.version for one in versions] == [1, 2]
    assert Format.objects.current().get(what="therapy", stage="initial").asked == ["Qué terapia", "Cuántas sesiones"]
    assert people.signed_in(people.analyst()).post("/mesa/formatos/", once() | NEW).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["http://red.mx/", "javascript:alert(1)", "https://localhost/", "https://u:p@red.mx/", "//red.mx", "red.mx"],
)
def test_s3_36_a_networks_address_is_a_page_of_the_open_web(address: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_address(address)
    assert refused.value.code == "address_unsafe"


def test_s3_36_one_is_told_before_leaving_for_the_page_of_ones_own_insurer() -> None:
    family, admin = a.a_family(), people.signed_in(people.administrator())
    insurer, client = family.plan.party, people.signed_in(family.user)
    assert insurer in memberships.insurer_choices()
    assert "Todavía no tenemos la dirección" in client.get("/red-medica/").content.decode()
    sent: dict[str, Any] = {"insurer": str(insurer.pk), "address": "https://red.ejemplo.mx/medicos"}
    wrong = admin.post("/mesa/red-medica/", once() | sent | {"address": "http://red.ejemplo.mx/"})
    assert wrong.status_code == 422 and not InsurerLink.objects.exists()
    assert admin.post("/mesa/red-medica/", once() | sent).status_code == 302
    page = client.get("/red-medica/").content.decode()
    assert "Sales de este portal" in page and 'href="https://red.ejemplo.mx/medicos"' in page
    assert "noopener noreferrer" in page
    assert people.signed_in(people.physician()).get("/red-medica/").status_code == 403


def test_formats_and_networks_by_calls() -> None:
    family = a.a_family()
    mine, admin = Caller(own_token(family.user)), Caller(client=people.signed_in(people.administrator()))
    assert len(told(mine.get("formatos/"))["formats"]) == 14
    choice = f"{family.titular.pk}:{family.plan.coverages.get(kind='major').pk}"
    told(mine.post("formatos/", {"what": "minor.initial", "choice": choice}), 202)
    assert told(mine.post("formatos/", {"what": "minor.appeal", "choice": choice}), 422)["errors"]["what"]
    assert told(admin.post("mesa/formatos/", NEW), 201)["version"] == 2
    sent = {"insurer": str(family.plan.party_id), "address": "https://red.ejemplo.mx/"}
    assert told(admin.post("mesa/red-medica/", sent))["insurer"] == family.plan.party.name
    assert told(mine.get("red-medica/"))["networks"][0]["address"] == "https://red.ejemplo.mx/"


def test_papers_are_not_made_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claims.services.formats.MOST_MADE", 1)
    client = people.signed_in(a.a_family().user)
    choice = client.get("/formatos/").context["people"][0][0]
    for status in (302, 429):
        assert client.post("/formatos/", once() | {"what": "surgery.initial", "choice": choice}).status_code == status
    assert IssuedDocument.objects.filter(kind="claim_format").count() == 1
