"""Statements that are written once (`portal.prepared`): the same rows as Django's own query, or an error at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, connection, transaction
from django.db.models import QuerySet, Value

from portal import ids
from portal import prepared as portal_prepared
from portal.history.models import AuditEvent
from portal.people.models import Consent, ConsentText, Party, User
from portal.prepared import MANY, AnyOf, insert, insert_all, insert_columns, insert_new, prepared

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@prepared
def _called(name: str) -> QuerySet[Party]:
    return Party.objects.filter(name=name)


@prepared
def _beginning(text: str) -> QuerySet[Party, Any]:
    return Party.objects.filter(name__istartswith=text).order_by("name").values_list("name", flat=True)


@prepared
def _among(keys: tuple[UUID, ...], *, backwards: bool = False) -> QuerySet[Party, Any]:
    return Party.objects.filter(pk__in=keys).order_by("-name" if backwards else "name").values_list("name", flat=True)


@prepared
def _proved(by: UUID | None, since: datetime) -> QuerySet[Party]:
    return Party.objects.filter(rfc_proved_by=by, created_at__gte=since).select_related("rfc_proved_by")


@prepared
def _both(one: str, other: str) -> QuerySet[Party, Any]:
    rows = Party.objects.order_by()
    first, second = (rows.filter(name=name).annotate(n=Value(n)) for n, name in enumerate((one, other)))
    return first.values_list("n", "name").union(second.values_list("n", "name"), all=True).order_by("n")


@pytest.fixture
def parties(db: None) -> dict[str, Party]:
    """Three, one of whose names holds what a pattern would read as signs."""
    named = {name: Party(kind="person", name=name, created_at=AT, pk=ids.uuid7()) for name in ("Ana", "a_1%", "Beto")}
    Party.objects.bulk_create(named.values())
    return named


def test_the_rows_are_those_of_the_query_whatever_the_values(parties: dict[str, Party]) -> None:
    ana, odd, beto = (parties[name].pk for name in ("Ana", "a_1%", "Beto"))
    table: list[tuple[Callable[[], Any], Any]] = [
        (lambda: _called("Ana"), [parties["Ana"]]),
        (lambda: _called("Beto")[0].created_at, AT),
        (lambda: _called.first("nobody"), None),
        (lambda: _beginning("A"), ["Ana", "a_1%"]),
        (lambda: _beginning("a_"), ["a_1%"]),
        (lambda: _beginning("%"), []),
        (lambda: _among((ana, beto)), ["Ana", "Beto"]),
        (lambda: _among((ana, beto), backwards=True), ["Beto", "Ana"]),
        (lambda: _among((odd,)), ["a_1%"]),
        (lambda: _among(()), []),
        (lambda: {one.pk for one in _proved(None, AT)}, {ana, odd, beto}),
        (lambda: _proved(ana, AT), []),
        (lambda: _both("Beto", "Ana"), [(0, "Beto"), (1, "Ana")]),
    ]
    assert [ask() for ask, _told in table] == [told for _ask, told in table]
    assert [ask() for ask, _told in table] == [told for _ask, told in table]


def test_a_short_list_is_written_once_in_one_pass_and_of_a_long_one_django_asks_itself(
    parties: dict[str, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, others = [one.pk for one in parties.values()], [ids.uuid7() for _ in range(MANY)]
    written, write = list[int](), portal_prepared._written

    def watched(make: Any, values: Any, shape: Any) -> Any:
        written.append(len(values[0]))
        return write(make, values, shape)

    monkeypatch.setattr(portal_prepared, "_written", watched)
    most, more = tuple([*kept, *others][:MANY]), (*kept, *others)
    for _turn in range(2):
        assert _among(most) == _among(more) and set(_among(most)) == set(parties)
    assert written == [MANY]


def test_a_number_of_a_small_column_finds_its_row(db: None) -> None:
    def of_version(version: int) -> QuerySet[ConsentText]:
        return ConsentText.objects.filter(version=version, kind="bench")

    insert(ConsentText(kind="bench", version=7, body="Ñ", sha256="0" * 64, published_at=AT))
    asked = prepared(of_version)
    assert [len(asked(version)) for version in (8, 7)] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection() -> None:
    def ask(_turn: int) -> list[Party]:
        try:
            return _called("nobody")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, range(4))) == [[]] * 4


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda name: Party.objects.filter(name=name.upper()), "Ana"),
        (lambda many: Party.objects.order_by("pk")[:many], 5),
        (lambda name: Party.objects.filter(name=name).prefetch_related("grants"), "Ana"),
        (lambda names: Party.objects.filter(name__in=names), ["Ana"]),
        (lambda version: ConsentText.objects.filter(version=version + 2_000_000_000_000), 1),
    ],
    ids=["changed on its way", "no parameter", "more than one statement", "no value", "nothing for ever"],
)
def test_what_cannot_be_written_once_says_so_the_first_time(make: Any, value: Any) -> None:
    with pytest.raises(TypeError):
        prepared(make)(value)


def test_a_row_is_inserted_as_saving_it_would(db: None) -> None:
    row = Party(kind="person", name="Ñandú", created_at=AT)
    insert(row)
    assert not row._state.adding
    assert Party.objects.get(pk=row.pk).name == "Ñandú"
    text = ConsentText(kind="bench", version=1, body="Ñ", sha256="0" * 64, published_at=AT)
    insert(text)
    consent = Consent(user_id=User.objects.create(email="a@b.mx", created_at=AT).pk, text=text, purposes=["a"], at=AT)
    insert(consent)
    assert (text.pk, Consent.objects.get(pk=consent.pk).purposes) == (consent.text_id, ["a"])


def test_what_inserted_columns_hold_is_read_back_as_it_was(db: None) -> None:
    """Quotes, backslashes, blanks, what an array reads as nothing, JSON of a text: none is an array's own sign."""
    said = ["NULL", "", 'a"b\\c', "{x,y}", " Ñ\t", "\\N"]
    details: list[Any] = [{"a": [1, None, 'q"']}, "text", [], None, 1, {"ñ": "\\"}]
    many = len(said)
    at = {"at": AT, "real_at": AT, "by_id": None, "acting_as": "", "party_id": None, "ip": "::1", "request_id": ""}
    keys = [uuid4() for _one in said]
    columns = {"uid": keys, "action": "a.b", "subject_type": "x", "subject_id": "1", "reason": said, "hmac": ""}
    insert_columns(AuditEvent, at | columns | {"details": [told or {} for told in details]})
    rows = AuditEvent.objects.filter(AnyOf("uid", keys)).order_by("pk")
    assert [*rows.values_list("uid", "reason")] == [*zip(keys, said, strict=True)]
    assert [*rows.values_list("details", flat=True)] == [told or {} for told in details]
    assert {(one.at, one.party_id, one.ip) for one in rows} == {(AT, None, "::1")} and len(rows) == many
    with pytest.raises(DataError), transaction.atomic():
        insert_columns(AuditEvent, at | columns | {"reason": ["x" * 501] * many, "details": [{}] * many})
    with pytest.raises(TypeError):
        insert_all([Consent(purposes=["a"])])


def test_rows_are_inserted_at_once_but_for_those_that_stand(db: None) -> None:
    stands = Party(kind="person", name="Ana", created_at=AT)
    insert(stands)
    insert_new([])
    twice = Party(pk=stands.pk, kind="person", name="Otra", created_at=AT)
    insert_new([twice, Party(kind="person", name="Beto", created_at=AT)])
    assert sorted(Party.objects.values_list("name", flat=True)) == ["Ana", "Beto"]
