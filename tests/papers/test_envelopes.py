"""Files gathered one by one: a bad one costs no good one, limits hold under one lock, a removal is undone."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from pypdf import PdfWriter

from config.demo.uploads import upload_of
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.papers import services
from portal.papers.models import StoredFile
from tests.factories import people
from tests.papers.envelopes import Box, BoxItem

pytestmark = pytest.mark.django_db
AT = clock.real_now()


def pdf(pages: int) -> Any:
    book, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        book.add_blank_page(200, 200)
    book.write(out)
    return upload_of(f"{pages}.pdf", out.getvalue())


@pytest.fixture
def box(db) -> SimpleNamespace:
    by, party = people.reviewer(), people.an_insurer()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.create_model(Box)
        editor.create_model(BoxItem)
    return SimpleNamespace(envelope=Box.objects.create(party=party, opened_by=by, opened_at=AT), by=by)


def added(box: Any, upload: Any) -> Any:
    """Examined, then kept as an item of its own."""
    examined = services.examine_for_envelope(envelope=box.envelope, upload=upload)
    return services.keep_in_envelope(envelope=box.envelope, examined=examined, by=box.by, at=AT)


def held(box: Any) -> list[Any]:
    return list(box.envelope.items.filter(removed_at=None).select_related("file").order_by("added_at", "pk"))


def test_each_file_is_an_item_of_its_own_whatever_becomes_of_the_others(box) -> None:
    first = added(box, pdf(1))
    with pytest.raises(RuleBroken) as refused:
        added(box, upload_of("foto.gif", b"GIF89a...."))
    assert refused.value.field == "file"
    assert added(box, pdf(1)) == first, "the same bytes again are the item that stands"
    assert str(first) == "1.pdf" and str(box.envelope) == str(box.envelope.pk)
    assert [item.file.display_name for item in held(box)] == ["1.pdf"]
    assert (first.file.purpose, first.file.party, StoredFile.objects.count()) == ("box", box.envelope.party, 1)


def test_a_removal_is_undone_once_there_is_room(box) -> None:
    one, two = added(box, pdf(1)), added(box, pdf(2))
    with pytest.raises(RuleBroken, match="los más que caben") as refused:
        added(box, pdf(3))
    assert refused.value.code == "envelope_full" and StoredFile.objects.count() == 2
    for _ in range(2):
        services.remove_from_envelope(item=one, by=box.by, at=AT)
    third = added(box, pdf(3))
    with pytest.raises(RuleBroken, match="Quita uno"):
        services.put_back(item=one, by=box.by, at=AT)
    services.remove_from_envelope(item=third, by=box.by, at=AT)
    for _ in range(2):
        assert services.put_back(item=one, by=box.by, at=AT).removed_at is None
    services.remove_from_envelope(item=two, by=box.by, at=AT)
    assert added(box, pdf(2)) == two, "uploaded again it is put back"
    assert held(box) == [one, two]
    acts = AuditEvent.objects.filter(subject_id=str(box.envelope.pk)).order_by("pk").values_list("action", flat=True)
    said = [act.removeprefix("papers.item_") for act in acts]
    assert said == ["added", "added", "removed", "added", "removed", "put_back", "removed", "added"]


def test_bytes_are_counted_together_and_a_closed_envelope_does_not_change(box, monkeypatch) -> None:
    item = added(box, pdf(1))
    monkeypatch.setattr(Box, "most_bytes", item.file.size + 1)
    with pytest.raises(RuleBroken, match="pasan juntos"):
        added(box, pdf(2))
    Box.objects.update(closed_at=AT)
    for act in (services.remove_from_envelope, services.put_back):
        with pytest.raises(Conflict, match="ya se enviaron"):
            act(item=item, by=box.by, at=AT)
    with pytest.raises(Conflict):
        added(box, pdf(2))
    box.envelope.refresh_from_db()
    with pytest.raises(Conflict):
        added(box, pdf(2))
