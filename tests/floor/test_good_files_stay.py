"""A right file is never thrown away with a wrong field: every form of the house that has a file beside something (D24).

Sent with one wrong field it answers 4xx in our words; the page shows the file it has kept; sent again without choosing
it, the form goes through. A file that is wrong too is told in the same breath, and is not kept.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.urls import reverse

from config.demo import samples
from config.demo.uploads import upload_of
from portal import clock
from portal.design import samples as samples_of_design
from portal.history.models import AuditEvent
from portal.papers import services as papers
from portal.papers.models import DraftFile, StoredFile
from portal.people.models import Grant, Party
from portal.proofs import services as proofs
from tests.design.test_sentences import _built, _ours
from tests.factories import billing as a
from tests.factories import people
from tests.factories.threads import at_once
from tests.floor.test_no_transaction_while_examined import (
    Sent,
    _affiliations,
    _certificates,
    _constancia,
    _evidence,
    _invoice,
    _orders,
    _statement,
    post,
)

pytestmark = pytest.mark.django_db
KEPT = "Ya está guardado. Súbelo solo si"


def another_party() -> Party:
    return people.own_party(people.physician(party=people.a_party(proved=False)))


def asked_before(_sent: Sent) -> str:
    """An RFC that waits for a second administrator already."""
    party = another_party()
    made = samples.make_constancia_pdf(name="OTRA", rfc=party.rfc, on=clock.today())
    told = {"rfc": party.rfc, "email": "otra@ejemplo.mx", "name": "Otra", "evidence": "Vino con su credencial."}
    proofs.ask_move(**told, upload=upload_of("c.pdf", made), by=people.administrator(), at=clock.now())
    return party.rfc


def own(sent: Sent) -> str:
    """An RFC for which the administrator had permissions themselves."""
    party = another_party()
    Grant.objects.filter(party=party).update(user=sent.by, until=clock.today())
    return party.rfc


def _families() -> Sent:
    """A file of one family of two, with the totals that were announced."""
    return replace(_affiliations(), fields={"families": "1", "people": "2"})


def _announced() -> Sent:
    """A file of one certificate of one person, with the totals that were announced."""
    return replace(_certificates(), fields={"certificates": "1", "people": "1"})


# Form → how it is sent whole, the page that shows it, and what is wrong in it: (field, value, what is said of it).
Wrong = tuple[str, str | bytes | Callable[[Sent], str], str]
FORMS: dict[str, tuple[Callable[[], Sent], str, list[Wrong]]] = {
    "InvoiceFilesForm": (
        _invoice,
        "billing:draft",
        [
            ("xml", b"<?xml version='1.0'?><a/>", "Tu PDF quedó guardado: sube solo el XML."),
            ("pdf", b"hola", "Tu XML quedó guardado: sube solo el PDF."),
        ],
    ),
    "PaperForm": (_constancia, "proofs:own", [("doc-kind", "", "Elige qué documento subes.")]),
    "MoveForm": (
        _evidence,
        "proofs:ask_move",
        [
            ("name", "", "Escribe el nombre de su dueño."),
            ("email", "ana@localhost", "Escribe un correo completo"),
            ("evidence", "", "Escribe cómo comprobaste que el RFC es suyo."),
            ("rfc", "", "Escribe el RFC que se va a entregar."),
            ("rfc", "NADA", "RFC"),
            ("rfc", people.rfc_number(9_999), "Nadie se ha registrado con ese RFC"),
            ("rfc", asked_before, "Ese RFC ya espera que otra persona lo confirme."),
            ("rfc", own, "Tuviste permisos con ese RFC"),
        ],
    ),
    "AccountForm": (
        _statement,
        "treasury:capture_account",
        [("clabe", "", "Escribe tu CLABE"), ("clabe", "0121", "corrige la CLABE")],
    ),
    "OrdersFileForm": (
        _orders,
        "billing:import_orders",
        [
            ("insurer", "", "Elige la aseguradora que manda las órdenes."),
            ("rows", "0", "Escribe un número mayor que cero."),
            ("payable", "", "Escribe el total que anuncia la aseguradora."),
            ("payable", "mucho", "mucho"),
        ],
    ),
    "FamiliesFileForm": (
        _families,
        "memberships:import_affiliations",
        [
            ("families", "0", "Escribe un número mayor que cero."),
            ("people", "", "Escribe los dos totales, o deja los dos en blanco."),
        ],
    ),
    "CertificatesFileForm": (
        _announced,
        "memberships:import_certificates",
        [
            ("certificates", "0", "Escribe un número mayor que cero."),
            ("people", "", "Escribe los dos totales, o deja los dos en blanco."),
        ],
    ),
}
OF_ONE = {"InvoiceFilesForm", "CertificatesFileForm"}  # the page is one draft's, or one policy's
LOOKED_AT = {"PaperForm"}
CASES = [(name, wrong) for name, (_how, _page, wrongs) in FORMS.items() for wrong in wrongs]


def test_every_form_with_a_file_beside_another_field_is_here() -> None:
    named = set()
    for kind in _ours(forms.Form):
        fields = _built(kind, {}, None).fields.values()
        has_file = any(isinstance(field, forms.FileField) for field in fields)
        is_page = kind.__module__ != samples_of_design.__name__ and ".api" not in kind.__module__
        if has_file and len(fields) > 1 and is_page:  # a program that calls has its file still
            named.add(kind.__name__)
    assert named == set(FORMS)


def first_and_page(sent: Sent, name: str, wrong: Wrong) -> tuple[Any, str]:
    """The answer to a form with one wrong field, and its page asked for anew, both as texts."""
    field, value, _said = wrong
    value = value(sent) if callable(value) else value
    if isinstance(value, bytes):
        sent = replace(sent, files={**sent.files, field: (f"mal.{field}", value)})
    else:
        sent = replace(sent, fields={**sent.fields, field: value})
    answer = post(sent, uuid.uuid4().hex)
    return answer, people.signed_in(sent.by).get(page_of(sent, name)).content.decode()


def page_of(sent: Sent, name: str) -> str:
    """The page that shows the form."""
    shown = FORMS[name][1]
    return reverse(shown, args=[sent.page.split("/")[-3]] if name in OF_ONE else [])


@pytest.mark.parametrize(
    ("name", "wrong"), CASES, ids=lambda one: one if isinstance(one, str) else f"{one[0]} {one[2]}"
)
def test_d24_a_right_file_beside_a_wrong_field_is_kept_shown_and_used_without_being_chosen_again(
    name: str, wrong: Wrong
) -> None:
    a.trust()
    sent = FORMS[name][0]()
    good = {field: told for field, told in sent.files.items() if field != wrong[0]}
    first, again = first_and_page(sent, name, wrong)
    told = first.content.decode()
    assert 400 <= first.status_code < 500 and escape(wrong[2]) in told
    for file, _content in good.values():
        for page in (told, again):
            assert KEPT in page and file in page
    second = replace(sent, files={field: one for field, one in sent.files.items() if field == wrong[0]})
    answer = post(second, uuid.uuid4().hex)
    assert answer.status_code == 302, answer.content.decode()
    if name in LOOKED_AT:  # it goes from the page that shows it once more
        sent_from = replace(second, page=answer["Location"], files={}, fields={})
        assert post(sent_from, uuid.uuid4().hex).status_code == 302
    for _file, content in good.values():
        assert StoredFile.objects.filter(sha256=hashlib.sha256(content).hexdigest()).count() == 1
    assert not DraftFile.objects.exists()


@pytest.mark.parametrize(
    "name", ["PaperForm", "MoveForm", "OrdersFileForm", "FamiliesFileForm", "CertificatesFileForm"]
)
def test_a_wrong_file_beside_a_wrong_field_is_told_with_it_and_not_kept(name: str) -> None:
    sent = FORMS[name][0]()
    wrong = FORMS[name][2][0]
    bad = {field: (file, b"%PDF-1.7 roto") for field, (file, _content) in sent.files.items()}
    first, again = first_and_page(replace(sent, files=bad), name, wrong)
    told = first.content.decode()
    assert 400 <= first.status_code < 500 and escape(wrong[2]) in told and told.count("field-error") == 2
    assert KEPT not in told and KEPT not in again
    assert not DraftFile.objects.exists() and not StoredFile.objects.filter(uploaded_by=sent.by).exists()


def parts() -> set[Path]:
    """Files of requests that are neither stored nor dropped."""
    return {*(Path(settings.DATA_DIR) / "parts").iterdir()}


def test_a_kept_paper_goes_once_another_waits_for_the_same() -> None:
    sent = _constancia()
    first_and_page(sent, "PaperForm", ("doc-kind", "", ""))
    content = sent.files["doc-file"][1]
    told = {"party": people.own_party(sent.by), "kind": "constancia", "by": sent.by, "at": clock.now()}
    proofs.hand_in_paper(upload=upload_of("c.pdf", content), **told)
    before = parts()
    answers = [post(replace(sent, files={}), uuid.uuid4().hex).status_code for _ in range(2)]
    assert answers == [302, 422], "told that one waits, then nothing is left to be sent"
    assert not DraftFile.objects.exists() and parts() == before


@pytest.mark.django_db(transaction=True)
def test_a_file_refused_after_something_was_written_is_told_of_and_chosen_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same RFC was asked for with the same PDF while this one was examined."""
    sent, other, examine = _evidence(), people.administrator(), papers.examine_upload

    def ask() -> None:
        upload = upload_of("c.pdf", sent.files["file"][1])
        proofs.ask_move(**sent.fields, upload=upload, by=other, at=clock.now())

    def meanwhile(**said: Any) -> Any:
        monkeypatch.setattr(papers, "examine_upload", examine)
        assert at_once([ask]) == [None]
        return examine(**said)

    monkeypatch.setattr(papers, "examine_upload", meanwhile)
    answer = post(sent, uuid.uuid4().hex)
    assert answer.status_code == 409 and proofs.MOVE_WAITS in answer.content.decode()
    assert not DraftFile.objects.exists()


def test_a_kept_file_that_its_form_refuses_after_all_goes_and_nobody_else_is_shown_it() -> None:
    sent = _evidence()
    first_and_page(sent, "MoveForm", ("rfc", "", ""))
    assert KEPT not in people.signed_in(people.administrator()).get(sent.page).content.decode()
    other = replace(sent, files={}, fields={**sent.fields, "rfc": another_party().rfc})
    before = parts()
    refused = post(other, uuid.uuid4().hex)
    assert refused.status_code == 422 and "trae otro RFC" in refused.content.decode()
    assert not DraftFile.objects.exists() and KEPT not in refused.content.decode()
    assert parts() == before, "what was made of the kept file is gone with the answer"
    acts = AuditEvent.objects.filter(action__startswith="papers.draft").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["papers.draft_kept", "papers.draft_dropped"]
