"""The collections desk by actor and by call: files, matching, another choice, split, undo; each POST twice (N12)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.design import dates
from portal.imports.models import ImportTask
from portal.listing.search import search
from portal.treasury import registry, selectors, services
from portal.treasury.models import Allocation, Movement, MovementFile
from tests.factories import collections as a
from tests.factories import people

pytestmark = pytest.mark.django_db
D = Decimal
REFERENCE, OTHER = "31055248164201", "31055248164302"


@pytest.fixture
def shelf() -> Iterator[a.Shelf]:
    with a.shelf() as made:
        yield made


@pytest.fixture
def by() -> Any:
    return a.clerk()


@pytest.fixture
def desk(by: Any) -> Client:
    return people.signed_in(by)


def post(client: Client, name: str, *args: Any, key: str = "", **data: Any) -> Any:
    body = {"idempotency_key": key or uuid.uuid4().hex, **data}
    return client.post(reverse(f"treasury:{name}", args=args), body)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"treasury:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return text(answer)


def file_of(content: str, name: str = "banco.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode(), content_type="text/csv")


def test_a_file_is_read_looked_at_asked_and_applied_once(shelf: a.Shelf, desk: Client) -> None:
    assert "Red de tiendas en México" in page(desk, "read_movements")
    assert desk.get(reverse("treasury:read_movements"), {"cuenta": "nada"}).status_code == 404
    assert post(desk, "read_movements").status_code == 422
    bad = post(desk, "read_movements", file=file_of("nada\n"))
    assert bad.status_code == 422 and "títulos conocidos" in text(bad) and not MovementFile.objects.exists()
    body = a.HEAD + a.row("1", "100.00", key="K1") + "ayer,PAGO,,,1.00,\n"
    answer = post(desk, "read_movements", file=file_of(body))
    file = MovementFile.objects.get()
    shown = text(desk.get(answer["Location"], follow=True))
    assert "$100.00" in shown and "Renglón 2, Fecha: «ayer» no es una fecha" in shown
    assert "banco.csv" in page(desk, "read_movements") and "banco.csv" in page(desk, "movement_files")
    for parked in (None, clock.now()):
        with transaction.atomic():
            at = {"asked_at": clock.now(), "parked_at": parked}
            ImportTask.objects.create(run=file.run, act="apply", by=file.run.read_by, **at)
            shown = page(desk, "movement_file", file.pk)
            assert "Aplicar" not in shown and "Cancelar el archivo" in shown, "as long as it is open"
            transaction.set_rollback(True)
    asked = post(desk, "apply_movements", file.pk, ask="1")
    assert "¿Aplicar 1 movimiento de Cobranza en México?" in text(asked) and not Movement.objects.exists()
    key = uuid.uuid4().hex
    assert [post(desk, "apply_movements", file.pk, key=key).status_code for _ in range(2)] == [302, 302]
    assert Movement.objects.count() == 1
    again = post(desk, "apply_movements", file.pk)
    assert again.status_code == 409 and "No se aplicó" in text(again)
    same = post(desk, "read_movements", file=file_of(body))
    assert "ya lo teníamos" in text(desk.get(same["Location"], follow=True))
    nothing = post(desk, "read_movements", file=file_of(body + "\n"))
    assert "no trae nada nuevo" in text(desk.get(nothing["Location"], follow=True))


def test_foreign_headings_are_said_on_the_files_page(shelf: a.Shelf, desk: Client) -> None:
    answer = post(desk, "read_movements", file=file_of("Dia mov;Glosa;Entradas\n20/11/2026;PAGO;480.00\n"))
    run = MovementFile.objects.get().run
    assert "Cuál es «Fecha»" in text(desk.get(answer["Location"]))
    said = {"on": "Dia mov", "in": "Entradas", "text": "Glosa"}
    told = desk.post(reverse("imports:headings", args=[run.pk]), {"idempotency_key": uuid.uuid4().hex, **said})
    assert told.status_code == 302
    assert "$480.00" in text(desk.get(told["Location"], follow=True))


def test_the_desk_confirms_a_proposal_and_undoes_it(shelf: a.Shelf, desk: Client, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    first, second = a.brought(a.HEAD + a.row(REFERENCE, "400.00", key="K1") + a.row("", "9.00", key="K2"), by=by)
    listed = page(desk, "deposits")
    assert "$400.00" in listed and "$9.00" in listed
    shown = page(desk, "deposit", first.pk)
    assert "Propuesta con certeza 90 de 100" in shown and "le faltan $80.00" in shown and "Ficha FP-1" in shown
    assert "Espera $480.00" in shown and "Le tocan $400.00" in shown and "Siguiente" in shown
    assert "Sin propuesta" in page(desk, "deposit", second.pk)
    chosen, key = f"{a.KIND}:FP-1", uuid.uuid4().hex
    answers = [post(desk, "match_deposit", first.pk, key=key, targets=chosen) for _ in range(2)]
    assert [one["Location"] for one in answers] == [reverse("treasury:deposit", args=[second.pk])] * 2
    matched = page(desk, "deposit", first.pk)
    assert "Asignado" in matched and "Deshacer" in matched
    assert "¿De dónde sale este importe?" in matched and "se paga primero la más antigua" in matched
    late = post(desk, "match_deposit", first.pk, targets=chosen)
    assert late.status_code == 409 and "otra persona o el sistema lo atendió" in text(late)
    seen = Allocation.objects.get().pk
    assert f'name="allocation" value="{seen}"' in page(desk, "deposit", first.pk)
    assert post(desk, "undo_deposit", first.pk).status_code == 422
    assert post(desk, "undo_deposit", first.pk, allocation=seen).status_code == 302
    assert post(desk, "undo_deposit", first.pk, allocation=seen).status_code == 409
    first.refresh_from_db()
    assert first.state == "waiting" and "Deshecho: Ramiro Salas Peña" in page(desk, "deposit", first.pk)


def test_another_is_found_chosen_and_the_deposit_split_oldest_first(shelf: a.Shelf, desk: Client, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.slip("FP-2", OTHER, "350.00")
    (row,) = a.brought(a.HEAD + a.row("", "600.00"), by=by)
    assert "Ficha" not in page(desk, "deposit", row.pk)
    assert "Ficha FP-2" in page(desk, "deposit", row.pk, objetivo="fp-2")
    shelf.slip("FP-3", "31055248164403", "700.00")
    (near,) = a.brought(a.HEAD + a.row("31055248164403", "600.00", on="19/11/2026"), by=by)
    assert page(desk, "deposit", near.pk).count(" checked") == 1
    narrowed = {"buscar": "31055", "desde": "2026-11-01"}  # the list's own, which came along
    assert page(desk, "deposit", near.pk, **narrowed).count(" checked") == 1
    sought = page(desk, "deposit", near.pk, **narrowed, objetivo="fp-2")
    assert " checked" not in sought and "Ficha FP-2" in sought, "another choice ticks nothing by itself"
    assert 'name="filtro" value="buscar=31055&amp;desde=2026-11-01"' in sought
    assert 'name="buscar" value="31055"' in sought and 'name="desde" value="2026-11-01"' in sought
    assert "No encontramos «zz»" in page(desk, "deposit", row.pk, objetivo="zz")
    for targets, status in (([], 422), ([f"{a.KIND}:FP-9"], 409), (["x"], 409)):
        assert post(desk, "match_deposit", row.pk, targets=targets).status_code == status
    both = [f"{a.KIND}:FP-1", f"{a.KIND}:FP-2"]
    assert post(desk, "match_deposit", row.pk, targets=both).status_code == 302
    shares = Allocation.objects.get().shares.order_by("key").values_list("key", "amount")
    assert list(shares) == [("FP-1", D("480.00")), ("FP-2", D("120.00"))]


def test_a_deposit_is_set_aside_or_taken_for_a_networks_lump_sum(shelf: a.Shelf, desk: Client, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    a.brought(a.store_file((REFERENCE, 48000)), by=by, account=a.stores())
    first, second = a.brought(a.HEAD + a.row("", "470.00", key="A") + a.row("", "9.00", key="B"), by=by)
    assert "Red de tiendas en México debe $480.00" in page(desk, "deposit", first.pk)
    for data in ({"settles": "nada", "fee": "1"}, {"settles": "mx-stores", "fee": "x"}):
        assert post(desk, "settle_channel", first.pk, **data).status_code == 422
    wrong = post(desk, "settle_channel", first.pk, settles="mx-stores", fee="11.00")
    assert wrong.status_code == 422 and "La red debe $480.00" in text(wrong)
    assert post(desk, "settle_channel", first.pk, settles="mx-stores", fee="10.00").status_code == 302
    settled = page(desk, "deposit", first.pk)
    assert "con comisión de $10.00" in settled and "importe del depósito + comisión de la red" in settled
    assert post(desk, "discard_deposit", second.pk, comment="").status_code == 422
    assert post(desk, "discard_deposit", second.pk, comment="Es de otra empresa").status_code == 302
    assert post(desk, "discard_deposit", second.pk, comment="Otra vez").status_code == 409
    apart = page(desk, "deposit", second.pk)
    assert "Es de otra empresa" in apart and "¿De dónde sale" not in apart
    assert "$9.00" in page(desk, "deposits", estado="discarded")


def test_who_sees_only_decides_nothing_and_others_see_nothing(shelf: a.Shelf, by: Any) -> None:
    (row,) = a.brought(a.HEAD + a.row("", "9.00", key="CLAVE77"), by=by)
    reader = people.signed_in(people.auditor())
    shown = page(reader, "deposit", row.pk)
    assert "Asignar depósito" not in shown and "Apartar" not in shown and "Tomarlo" not in shown
    assert "data-looking" not in shown, "whoever may not work on it is not said to look at it"
    assert "Aplicar" not in page(reader, "movement_file", row.file_id)
    assert post(reader, "discard_deposit", row.pk, comment="x").status_code == 403
    for other in (people.reviewer(), people.stranger()):
        assert people.signed_in(other).get(reverse("treasury:deposit", args=[row.pk])).status_code == 403
    found = [one.title for group in search(by, "clave77") for one in group.rows]
    assert found == ["$9.00"]


def test_the_matcher_that_has_not_come_yet_is_said(shelf: a.Shelf, desk: Client, by: Any) -> None:
    file = a.read(a.HEAD + a.row("", "9.00"), by=by)
    services.apply_movements(file=file, by=by, at=clock.now())
    assert "Todavía se busca a qué corresponde" in page(desk, "deposit", Movement.objects.get().pk)


def test_a_deposit_of_a_day_to_come_says_when_it_is_looked_for_and_does_not_come_back(
    shelf: a.Shelf, desk: Client, by: Any
) -> None:
    (row,) = a.brought(a.HEAD + a.row("", "9.00", on=f"{clock.today() + timedelta(days=1):%d/%m/%Y}"), by=by)
    shown = page(desk, "deposit", row.pk)
    assert f"Su fecha valor es el {dates.short(row.on)}" in shown and "Apartar depósito" in shown
    assert 'name="comes-back"' not in shown and "Todavía se busca" not in shown


def test_the_calls_do_what_the_pages_do(shelf: a.Shelf, desk: Client) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")

    def call(path: str, **data: Any) -> Any:
        return desk.post(f"/api/v1/depositos/{path}", data, headers={"Idempotency-Key": uuid.uuid4().hex})

    read = call("archivos/", account="mx-collections", file=file_of(a.HEAD + a.row(REFERENCE, "400.00")))
    assert read.status_code == 201, read.content
    run = read.json()["id"]
    assert call(f"archivos/{run}/aplicar/").status_code == 200
    a.matched()
    (told,) = desk.get("/api/v1/depositos/").json()["rows"]
    row = Movement.objects.get()
    one = desk.get(f"/api/v1/depositos/{row.pk}/").json()
    assert (one["score"], one["targets"], one["allocation"]) == (90, [f"{a.KIND}:FP-1"], None) and told
    done = call(f"{row.pk}/asignar/", targets=[f"{a.KIND}:FP-1"]).json()
    assert done["allocation"]["shares"] == [{"key": "FP-1", "amount": {"amount": "400.00", "currency": "MXN"}}]
    assert call(f"{row.pk}/asignar/", targets=[f"{a.KIND}:FP-1"]).status_code == 409
    assert call(f"{row.pk}/deshacer/", allocation=done["allocation"]["id"]).json()["state"] == "waiting"
    assert call(f"{row.pk}/descartar/", comment="Es de otra empresa").json()["allocation"]["act"] == "discarded"
    assert call(f"{row.pk}/liquidar/", settles="mx-stores", fee="0").status_code == 409


def test_what_an_app_declares_is_checked_at_the_start() -> None:
    told = {"nouns": ("x", "x"), "offers": None, "targets": None, "find": None}
    for kind, liability in (("Mal nombre", a.CREDIT.code), ("ok", "collections_bank"), ("ok", "nada")):
        with pytest.raises(ValueError):
            registry.register_candidates(registry.Candidates(kind=kind, liability=liability, **told))
    with pytest.raises(ValueError):
        registry.candidates_of("nada")
    assert selectors.targets_of({"nada": ["X"]}) == {}
