"""What is never edited the database keeps by itself: one table, a row of each kind and what nobody changes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from billing.models import ComplementDue, Invoice
from portal import ids
from portal.folios.models import IssuedFolio
from portal.papers import services as papers
from portal.papers.models import IssuedDocument
from portal.people.models import ConsentText
from tests.factories import billing as a
from tests.factories import people

NOW, LATER = a.NOW, a.NOW + timedelta(days=1)


def document() -> IssuedDocument:
    return papers.issue_document(
        kind="x", template="pdf/document.html", context={"a": "1"}, party=None, by=None, at=NOW
    )


def rendered() -> IssuedDocument:
    who, made = a.doctor(), document()
    file = a.situations.stored_pdf(who.party, who.user)
    IssuedDocument.objects.filter(pk=made.pk).update(pdf=file, pdf_sha256=file.sha256, done_at=NOW)
    return made


def voided() -> IssuedDocument:
    return papers.void_document(document=document(), reason="Error", by=None, at=NOW)


def folio() -> IssuedFolio:
    return IssuedFolio.objects.get(folio=document().folio)


def void_folio() -> IssuedFolio:
    made = folio()
    IssuedFolio.objects.filter(pk=made.pk).update(voided_at=LATER)
    return made


def text() -> ConsentText:
    return ConsentText.objects.create(kind="x", version=90, body="Texto.", sha256="0" * 64, published_at=NOW)


def decision() -> models.Model:
    a.trust()
    return a.returned(a.doctor()).decisions.get()


def due() -> ComplementDue:
    day = a.TODAY
    made = a.bare(a.doctor(), paid_on=day, complement_due_on=day).complement_due
    assert made is not None
    return made


def met() -> ComplementDue:
    made = due()
    ComplementDue.objects.filter(pk=made.pk).update(met_at=NOW)
    Invoice.objects.update(payment_state="closed")
    return made


FROZEN: list[tuple[Callable[[], models.Model], str, dict[str, Any]]] = [
    (
        document,
        "document_is_frozen",
        {
            "kind": "y",
            "template": "pdf/otra.html",
            "folio": "DO-2020-000009",
            "context": {"a": "2"},
            "context_sha256": "f" * 64,
            "code": ids.short_code(),
            "party": people.a_party,
            "issued_by": people.a_person,
            "issued_at": LATER,
        },
    ),
    (rendered, "document_is_rendered_once", {"pdf": None, "pdf_sha256": "f" * 64, "done_at": LATER}),
    (voided, "document_is_voided_once", {"voided_at": LATER, "voided_by": people.a_person, "void_reason": "Otra"}),
    (document, "append_only", {}),
    (folio, "folio_is_frozen", {"folio": "DO-2020-000009", "series": 0, "number": 99, "at": LATER}),
    (void_folio, "folio_is_void_once", {"voided_at": None}),
    (folio, "append_only", {}),
    (text, "text_is_frozen", {"kind": "y", "version": 91, "body": "", "sha256": "f" * 64, "published_at": LATER}),
    (text, "append_only", {}),
    (decision, "append_only", {"outcome": "rejected", "reasons": [], "note": "Otra", "at": LATER}),
    (decision, "append_only", {}),
    (due, "complement_due_is_frozen", {"anchor": LATER, "due_on": LATER, "rolled_on": LATER, "due_rule": "otra v2"}),
    (met, "complement_due_is_met_once", {"met_at": None}),
    (due, "append_only", {}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "name", "changes"), FROZEN, ids=[f"{row.__name__}-{name}" for row, name, _ in FROZEN])
def test_no_row_that_is_never_edited_changes_or_goes(
    row: Callable[[], models.Model], name: str, changes: dict[str, Any]
) -> None:
    made = row()
    stands = type(made)._base_manager.filter(pk=made.pk)
    for column, value in changes.items():
        told = {column: value() if callable(value) else value}
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            stands.update(**told)
    if not changes:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            stands._raw_delete(using="default")
