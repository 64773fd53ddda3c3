"""A GET never writes, but for three tables (AC-10); a request has a name and an address (AU-10, OP-06)."""

import pytest
from django.db import connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from portal.history import services
from portal.history.context import current
from portal.history.middleware import ReadsDoNotWrite, ReadWrote, client_ip, written_tables
from portal.history.models import AccessEvent
from portal.once.services import throttle
from tests.history.conftest import AT


def answer(view, method="get", **meta):
    return ReadsDoNotWrite(view)(getattr(RequestFactory(), method)("/x/", **meta))


@pytest.mark.parametrize("method", ["get", "head", "options", "trace"])
def test_a_reading_request_that_writes_is_a_bug(person, method):
    with pytest.raises(ReadWrote, match="people_user"):
        answer(lambda request: person.save(), method)


def test_an_event_in_a_get_is_refused_and_so_is_an_access_event_by_another_door(person):
    with pytest.raises(ReadWrote, match="history_auditevent"):
        answer(lambda request: services.record(action="x.y", subject=person, by=person, at=AT))
    with pytest.raises(ReadWrote, match="history_accessevent"):
        answer(lambda request: AccessEvent(at=AT, real_at=AT, subject_type="x", subject_id="1", hmac="").save())


def test_a_post_may_write(person):
    assert answer(lambda request: person.save() or HttpResponse(), "post").status_code == 200


def test_reading_throttling_and_recording_a_reading_are_allowed_in_a_get(person):
    def view(request):
        type(person).objects.select_for_update().get(pk=person.pk)
        throttle(scope="t", key="k", limit=5, window=60)
        throttle(scope="t", key="k", limit=5, window=60)
        services.record_access(subject=person, by=person, at=AT)
        request.session = None
        return HttpResponse()

    assert answer(view).status_code == 200
    assert AccessEvent.objects.count() == 1


def test_a_streamed_answer_reads_under_the_same_guard(person):
    def stream():
        yield b"a"
        person.save()
        yield b"b"

    response = answer(lambda request: StreamingHttpResponse(stream()))
    with pytest.raises(ReadWrote), transaction.atomic():
        list(response.streaming_content)
    assert connection.execute_wrappers == []
    person.save()


def test_the_guard_ends_with_the_request(person):
    guarded = []
    answer(lambda request: guarded.append(len(connection.execute_wrappers)) or HttpResponse())
    assert (guarded, connection.execute_wrappers) == ([1], [])
    person.save()


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1", []),
        ("  (SELECT 'UPDATE x' ) UNION (SELECT 2)", []),
        ('SELECT "a" FROM "b" FOR UPDATE OF "b"', []),
        ("SELECT 1 FOR NO KEY UPDATE", []),
        ("SELECT '-- ' , 'it''s; DELETE FROM x'", []),
        ('INSERT INTO "Once_Throttle" VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1', ["once_throttle"]),
        ('UPDATE "people_user" SET x = 1', ["people_user"]),
        ("update only people_user set x=1", ["people_user"]),
        ('DELETE FROM "public"."people_user"', ["people_user"]),
        ("delete from public.people_user", ["people_user"]),
        ("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone", ["a", "b"]),
        ("WITH x AS (SELECT 1) SELECT * FROM x", []),
        ("/* note */ UPDATE a SET b = 1", ["a"]),
        ("-- note\nUPDATE a SET b = 1", ["a"]),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", ["a"]),
        ("SELECT 1; DELETE FROM a", ["a"]),
        ("SAVEPOINT x", []),
        ("RELEASE SAVEPOINT x", []),
        ("SET LOCAL lock_timeout = 1", []),
        ("COPY (SELECT 1) TO STDOUT", []),
        ("COPY a FROM STDIN", [""]),
        ("TRUNCATE a", [""]),
        ("CREATE TABLE a ()", [""]),
        ("CALL f()", [""]),
        ("", [""]),
    ],
)
def test_what_a_statement_writes(sql, tables):
    assert [*written_tables(sql)] == tables


def test_a_request_has_a_name_that_events_carry(person):
    seen = []

    def view(request):
        seen.append((request.request_id, current().request_id, current().ip))
        return HttpResponse()

    response = answer(view, "post", REMOTE_ADDR="10.1.2.3")
    assert seen == [(response["X-Request-Id"], response["X-Request-Id"], "10.1.2.3")]
    assert len(response["X-Request-Id"]) == 9
    assert current().request_id == ""


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, <script>", "127.0.0.1"),
        ("::1", "198.51.100.1", "::1"),
        ("", "198.51.100.1", None),
    ],
)
def test_forwarded_headers_count_from_trusted_proxies_only(settings, peer, forwarded, address):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == address
