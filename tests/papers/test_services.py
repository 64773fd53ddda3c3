"""Uploads from the wire to the row, files at rest, documents from issue to PDF."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from portal import clock, queue
from portal.declared import Declared
from portal.errors import Conflict, RuleBroken, TooLarge, TooMany, Verdict
from portal.history.models import AuditEvent
from portal.papers import checking, registry, rules, services, store
from portal.papers.limited.client import ServerGone
from portal.papers.models import IssuedDocument, PageImage, StoredFile
from portal.papers.segments import DamagedFile
from portal.papers.selectors import open_file
from portal.papers.upload import EncryptedUpload
from portal.people.models import User
from tests.factories.people import own_party
from tests.guards import guards_asleep
from tests.papers import makers

pytestmark = pytest.mark.django_db
AT = clock.real_now()


def request_with(content: bytes, name: str, *, cut: int = 0) -> HttpRequest:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="archivo"; filename="{name}"\r\n'
    body = (
        head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    return RequestFactory().generic("POST", "/", body[: len(body) - cut], content_type=MULTIPART_CONTENT)


def upload(content: bytes, name: str) -> EncryptedUpload:
    sent = request_with(content, name).FILES["archivo"]
    assert isinstance(sent, EncryptedUpload)
    return sent


def stored(doctor: User, content: bytes | None = None, name: str = "estado.pdf", purpose: str = "prueba") -> StoredFile:
    examined = services.examine_upload(upload=upload(content or makers.pdf(), name), kinds={"pdf", "xml", "jpeg"})
    return services.store_upload(examined=examined, purpose=purpose, party=own_party(doctor), by=doctor, at=AT)


def plain(file: StoredFile) -> bytes:
    return b"".join(open_file(file))


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- upload ------------------------------------------------------------------------------------------------------


def test_upload_comes_back_as_sent_and_rests_encrypted(physician: User, store_folder: Path) -> None:
    content = makers.pdf("secreto clínico")
    file = stored(physician, content)
    assert plain(file) == content
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert file.page_images.count() == file.pages == 1
    assert len(on_disk(store_folder)) == 2  # the file and the picture of its page
    for path in on_disk(store_folder):
        assert oct(path.stat().st_mode & 0o777) == "0o600"
        assert path.parent.parent.parent.name == "store"
        for sign in (b"%PDF", b"\xff\xd8\xff", b"JFIF", b"secreto"):
            assert sign not in path.read_bytes()


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_every_length_survives_the_segments(size: int) -> None:
    content = os.urandom(size)
    sent = upload(content, "a.bin")
    assert (b"".join(sent.open_plain()), sent.size) == (content, size)
    sent.close()


def test_refused_file_leaves_no_trace(physician: User, store_folder: Path) -> None:
    sent = upload(makers.with_javascript(), "a.pdf")
    examined = services.examine_upload(upload=sent, kinds={"pdf"})
    assert examined.is_rejected
    with pytest.raises(RuleBroken, match="JavaScript") as refusal:
        services.store_upload(examined=examined, purpose="prueba", party=None, by=physician, at=AT)
    assert refusal.value.findings == examined.findings
    sent.close()
    assert (StoredFile.objects.count(), on_disk(store_folder)) == (0, [])


def test_browser_that_goes_away_leaves_no_trace(store_folder: Path) -> None:
    request = request_with(makers.pdf() * 200, "a.pdf", cut=20_000)
    assert "archivo" not in request.FILES
    assert on_disk(store_folder) == []


def test_file_above_50_mb_is_swallowed_and_refused(monkeypatch: pytest.MonkeyPatch, store_folder: Path) -> None:
    monkeypatch.setattr("portal.papers.upload.MAX_BYTES", 1000)
    at_limit, above = upload(b"a" * 1000, "a.pdf"), upload(b"a" * 1001, "a.pdf")
    assert (at_limit.fault, above.fault, above.sha256) == ("", "too_large", "")
    at_limit.close()
    with pytest.raises(TooLarge, match="50 MB"):
        services.examine_upload(upload=above, kinds={"pdf"})
    assert on_disk(store_folder) == []


def test_full_disk_refuses_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "is_nearly_full", lambda: True)
    with pytest.raises(RuleBroken, match="no hay espacio"):
        services.examine_upload(upload=upload(makers.pdf(), "a.pdf"), kinds={"pdf"})


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "a\\b.pdf", "factura\u202efdp.pdf", "a\tb.pdf"])
def test_name_with_controls_or_folders_is_refused_aloud(name: str) -> None:
    with pytest.raises(RuleBroken, match="nombre"):
        services.examine_upload(upload=upload(makers.pdf(), name), kinds={"pdf"})


def test_name_with_accents_and_signs_is_kept_as_sent(physician: User) -> None:
    file = stored(physician, name="Factura Ñ&Á 1.500.pdf")
    assert (file.original_name, file.kind) == ("Factura Ñ&Á 1.500.pdf", "pdf")


def test_empty_file_is_refused() -> None:
    with pytest.raises(RuleBroken, match="vacío"):
        services.examine_upload(upload=upload(b"", "a.pdf"), kinds={"pdf"})


def test_same_bytes_for_same_party_and_purpose_are_kept_once(physician: User, stranger: User) -> None:
    first, again = stored(physician), stored(physician)
    assert (again.pk, first.already_stored, again.already_stored) == (first.pk, False, True)
    assert stored(physician, purpose="otra").pk != first.pk
    assert stored(stranger).pk != first.pk
    assert AuditEvent.objects.filter(action="papers.file_repeated").count() == 1


def test_page_text_and_passing_facts_are_never_stored(physician: User) -> None:
    examined = services.examine_upload(
        upload=upload(makers.pdf(), "a.pdf"), kinds={"pdf"}, check="tests.papers.checks.look", context={"told": "x"}
    )
    assert examined.facts["text"]
    assert examined.facts["_clabe"] == "secreta"
    file = services.store_upload(examined=examined, purpose="prueba", party=None, by=physician, at=AT)
    assert {"text", "_clabe"} & set(file.facts) == set()
    assert file.facts["told"] == "x"


def test_photograph_is_stored_without_its_place(physician: User) -> None:
    file = stored(physician, makers.photo(gps=True), "IMG.jpg")
    assert b"CamaraSecreta" not in plain(file)
    assert file.sha256 == hashlib.sha256(plain(file)).hexdigest()


def test_one_audit_event_per_stored_file(physician: User) -> None:
    before = AuditEvent.objects.count()
    stored(physician)
    assert AuditEvent.objects.count() == before + 1


def test_daily_quota_is_said_kindly() -> None:
    with pytest.raises(TooMany, match="500"):
        rules.check_quota(files=500, size=0, more=1)
    with pytest.raises(TooMany):
        rules.check_quota(files=1, size=rules.BYTES_A_DAY, more=1)


def test_examiner_away_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> Any:
        raise ServerGone

    monkeypatch.setattr("portal.papers.examiner._client.ask", gone)
    with pytest.raises(RuleBroken, match="No se guardó nada"):
        services.examine_upload(upload=upload(makers.pdf(), "a.pdf"), kinds={"pdf"})


# --- large files wait (decision 4) -------------------------------------------------------------------------------


def large(doctor: User, content: bytes, monkeypatch: pytest.MonkeyPatch, check: str = "") -> StoredFile:
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)
    sent = upload(content, "grande.pdf")
    examined = services.examine_upload(upload=sent, kinds={"pdf"}, check=check, context={"told": "CLABE 123"})
    assert examined.verdict == "pending"
    return services.store_upload(examined=examined, purpose="grande", party=own_party(doctor), by=doctor, at=AT)


def test_large_file_waits_and_the_drain_judges_it_once(physician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(registry, "_examined", Declared("who hears of"))  # nobody else hears what this test registers
    registry.on_examined("grande", lambda *, file, at: heard.append(file.verdict))
    file = large(physician, makers.pdf(), monkeypatch, check="tests.papers.checks.look")
    for _ in range(2):
        queue.drain(StoredFile, lambda row: services.examine_waiting(file=row, at=AT))
    file.refresh_from_db()
    assert (file.verdict, file.pages, file.facts["told"], file.check_context) == ("accepted", 1, "CLABE 123", "")
    assert heard == ["accepted"]
    assert plain(file) == makers.pdf()


def test_large_hostile_file_keeps_its_reasons_and_loses_its_bytes(
    physician: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    file = large(physician, makers.with_javascript(), monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        queue.drain(StoredFile, lambda row: services.examine_waiting(file=row, at=AT))
    file.refresh_from_db()
    assert file.verdict == "rejected"
    assert "JavaScript" in file.found[0].message
    assert not store.path_of(file.storage_key).exists()
    assert checking.verify_files().faults == []


# --- at rest (PR-05, UP-07, F-17) --------------------------------------------------------------------------------


def test_flipped_bit_is_detected_by_reader_and_by_verify(physician: User) -> None:
    file = stored(physician)
    path = store.path_of(file.storage_key)
    spoiled = bytearray(path.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    path.write_bytes(bytes(spoiled))
    with pytest.raises(DamagedFile):
        plain(file)
    assert checking.verify_files().damaged == [str(file.pk)]


def test_swapped_and_deleted_files_are_detected(physician: User) -> None:
    one, two = stored(physician, makers.pdf("uno")), stored(physician, makers.pdf("dos"))
    first, second = store.path_of(one.storage_key), store.path_of(two.storage_key)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    assert sorted(checking.verify_files().damaged) == sorted([str(one.pk), str(two.pk)])
    first.unlink()
    with pytest.raises(DamagedFile):
        plain(one)
    assert checking.verify_files().missing == [str(one.pk)]


def test_cut_at_a_segment_is_detected(physician: User) -> None:
    file = services.store_bytes(
        content=os.urandom(200_000), name="a.csv", kind="csv", purpose="banco", party=None, by=physician, at=AT
    )
    path = store.path_of(file.storage_key)
    path.write_bytes(path.read_bytes()[: 8 + 2 * (65_536 + 16)])
    with pytest.raises(DamagedFile):
        plain(file)


def test_key_rotation_rewraps_without_touching_a_file(physician: User, settings: Any) -> None:
    file = stored(physician)
    old = settings.VAULT_KEYS[0]
    settings.VAULT_KEYS = ["ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=", old]
    before = store.path_of(file.storage_key).read_bytes()
    assert plain(file) == makers.pdf()
    assert services.rewrap_files(batch=1) == 1 + PageImage.objects.count() > 1
    assert services.rewrap_files() == 0
    settings.VAULT_KEYS = settings.VAULT_KEYS[:1]
    file.refresh_from_db()
    assert plain(file) == makers.pdf()
    assert store.path_of(file.storage_key).read_bytes() == before


def test_sweep_takes_only_old_orphans(physician: User) -> None:
    file, orphan, fresh = stored(physician), store.write(b"viejo"), store.write(b"nuevo")
    part = store.Part()
    part.write(b"a medias")
    long_ago = time.time() - 25 * 3600
    for path in (part.path, store.path_of(orphan.storage_key), store.path_of(file.storage_key)):
        os.utime(path, (long_ago, long_ago))
    assert services.sweep() == {"parts": 1, "orphans": 1}
    assert services.sweep(older_than=timedelta(hours=24)) == {"parts": 0, "orphans": 0}
    assert store.path_of(fresh.storage_key).exists()
    part.discard()
    assert plain(file)


# --- documents ---------------------------------------------------------------------------------------------------


def issued(doctor: User, folio: str = "", **context: Any) -> IssuedDocument:
    told = {"context": context, "party": own_party(doctor), "by": doctor, "folio": folio}
    return services.issue_document(kind="prueba", template="pdf/document.html", at=AT, **told)


def rendered(document: IssuedDocument) -> IssuedDocument:
    queue.drain(IssuedDocument, lambda row: services.render_document(document=row, at=AT))
    document.refresh_from_db()
    return document


def test_document_is_frozen_rendered_once_and_the_same_every_time(physician: User) -> None:
    with pytest.raises(ValueError, match="folios of XX"):
        issued(physician, folio="XX-2026-1")
    document = issued(physician, b="2", a="1")
    assert document.folio.startswith("DO-")
    assert document.context_sha256 == hashlib.sha256(b'{"a":"1","b":"2"}').hexdigest()
    rendered(document)
    assert document.pdf is not None
    first = plain(document.pdf)
    assert first.startswith(b"%PDF-")
    assert document.pdf_sha256 == hashlib.sha256(first).hexdigest()
    from portal.papers import rendering

    rendering.stop()
    assert rendering.render(document) == first
    rendered(document)
    assert AuditEvent.objects.filter(action="papers.document_rendered").count() == 1
    assert services.examine_bytes(content=first, name="a.pdf", kinds={"pdf"}).verdict is Verdict.ACCEPTED


def test_hostile_markup_in_a_document_reaches_nothing(physician: User) -> None:
    from portal.papers import rendering
    from tests.papers.canary import Canary

    with Canary() as canary:
        away = f"http://127.0.0.1:{canary.port}/"
        html = (
            f"<link rel=stylesheet href='{away}a.css'><link rel=attachment href='file:///etc/passwd'>"
            f"<img src='{away}b.png'><img src='file:///etc/passwd'><style>@import '{away}c.css';"
            f"@font-face{{font-family:x;src:url({away}d.ttf)}} p{{background:url({away}e.png)}}</style>"
            f"<object data='{away}f.svg'></object><p>texto</p><img src='packaged:/../config/settings.py'>"
            f'<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg">'
            f'<image href="{away}g.png"/></svg>\'>'
        )
        pdf = rendering.lay_out(html)
        assert canary.visits == 0
    assert b"EmbeddedFile" not in pdf
    examined = services.examine_bytes(content=pdf, name="a.pdf", kinds={"pdf"})
    assert "texto" in examined.facts["text"][0]
    assert "root:" not in examined.facts["text"][0]


def test_void_document_says_why_and_only_once(physician: User) -> None:
    document = issued(physician)
    with pytest.raises(RuleBroken, match="por qué"):
        services.void_document(document=document, reason=" ", by=physician, at=AT)
    assert not services.void_document(document=document, reason="Error de monto", by=physician, at=AT).is_in_force
    with pytest.raises(Conflict):
        services.void_document(document=document, reason="Otra vez", by=physician, at=AT)


# --- what the database refuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"verdict": "lost"}, "file_state_known"),
        ({"size": 0}, "file_not_empty"),
        ({"size": 52_428_801}, "file_at_most_50_mb"),
        ({"sha256": "x"}, "file_sha256_is_hex"),
        ({"storage_key": "../../etc/passwd"}, "file_key_is_random"),
        ({"done_at": None}, "file_examined_is_done"),
    ],
)
def test_database_refuses_a_false_file(physician: User, change: dict[str, Any], name: str) -> None:
    file = stored(physician)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"code": "abc"}, "document_code_shape"),
        ({"context_sha256": "x"}, "document_context_sha256_is_hex"),
        ({"pdf_sha256": "a" * 64}, "document_rendered_at_once"),
        ({"voided_at": AT}, "document_voided_at_once"),
    ],
)
def test_database_refuses_a_false_document(physician: User, change: dict[str, Any], name: str) -> None:
    document = issued(physician)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), guards_asleep(IssuedDocument):
        IssuedDocument.objects.filter(pk=document.pk).update(**change)


def test_database_keeps_one_copy_and_one_picture_a_page(physician: User) -> None:
    one, two = stored(physician, makers.pdf("uno")), stored(physician, makers.pdf("dos"))
    with pytest.raises(IntegrityError, match="one_copy_per_party_and_purpose"), transaction.atomic():
        StoredFile.objects.filter(pk=two.pk).update(sha256=one.sha256)
    with pytest.raises(IntegrityError, match="one_image_per_page"), transaction.atomic():
        PageImage.objects.filter(file=two).update(file=one)
    with pytest.raises(IntegrityError, match="page_numbers_from_one"), transaction.atomic():
        PageImage.objects.filter(file=two).update(number=0)


def test_stream_of_bytes_reads_like_a_file() -> None:
    sent = upload(b"hola", "a.txt")
    assert (sent.read(), b"".join(sent.chunks()), bool(sent)) == (b"hola", b"hola", True)
    assert sent.read() == b"hola"
    sent.close()


# --- seldom, and right all the same ------------------------------------------------------------------------------


def test_large_file_waits_while_no_examiner_can_be_had(physician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> Any:
        raise ServerGone

    file = large(physician, makers.pdf(), monkeypatch)
    monkeypatch.setattr("portal.papers.examiner._client.ask", gone)
    with pytest.raises(queue.GiveBack):
        services.examine_waiting(file=file, at=AT)
    file.refresh_from_db()
    assert (file.verdict, file.done_at) == ("pending", None)


def large_photo(doctor: User, content: bytes, monkeypatch: pytest.MonkeyPatch) -> StoredFile:
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)
    examined = services.examine_upload(upload=upload(content, "grande.jpg"), kinds={"jpeg"})
    return services.store_upload(examined=examined, purpose="foto", party=own_party(doctor), by=doctor, at=AT)


def test_large_photograph_is_replaced_by_its_clean_copy(physician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    file = large_photo(physician, makers.photo(gps=True), monkeypatch)
    old = store.path_of(file.storage_key)
    with pytest.MonkeyPatch.context() as now:
        now.setattr(transaction, "on_commit", lambda work: work())
        queue.drain(StoredFile, lambda row: services.examine_waiting(file=row, at=AT))
    file.refresh_from_db()
    assert (file.verdict, old.exists()) == ("accepted", False)
    assert b"CamaraSecreta" not in plain(file)
    again = large_photo(physician, makers.photo(gps=True) + b"\x00", monkeypatch)
    queue.drain(StoredFile, lambda row: services.examine_waiting(file=row, at=AT))
    again.refresh_from_db()
    assert (again.verdict, [finding.code for finding in again.found]) == ("rejected", ["file.repeated"])


def test_only_an_upload_that_arrived_is_stored(physician: User) -> None:
    examined = services.examine_bytes(content=makers.pdf(), name="a.pdf", kinds={"pdf"})
    with pytest.raises(ValueError, match="upload"):
        services.store_upload(examined=examined, purpose="prueba", party=None, by=physician, at=AT)


@pytest.mark.parametrize(("size", "error", "words"), [(0, RuleBroken, "vacío"), (52_428_801, TooLarge, "50 MB")])
def test_bytes_at_hand_have_a_size_too(size: int, error: type[RuleBroken], words: str) -> None:
    with pytest.raises(error, match=words):
        services.examine_bytes(content=bytes(size), name="a.pdf", kinds={"pdf"})


def test_upload_too_large_for_its_kind_is_not_opened() -> None:
    examined = services.examine_upload(upload=upload(b"<a/>" + b" " * 2_097_152, "a.xml"), kinds={"xml"})
    assert [finding.code for finding in examined.findings] == ["xml.too_large"]


def test_document_already_rendered_by_another_drain_is_left_alone(physician: User) -> None:
    document = issued(physician)
    rendered(document)
    first = document.pdf_sha256
    with pytest.raises(queue.LostLease):
        services.render_document(document=document, at=AT)
    document.refresh_from_db()
    assert document.pdf_sha256 == first


def test_bytes_of_the_house_are_kept_once_per_party_and_purpose(physician: User, store_folder: Path) -> None:
    said = {"content": b"igual", "name": "a.txt", "kind": "txt", "by": physician, "at": AT}
    own, other = {"party": own_party(physician), "purpose": "prueba"}, {"party": None, "purpose": "prueba"}
    first = services.store_bytes(**said, **own)
    again = services.store_bytes(**said, **own)
    assert (again, first.already_stored, again.already_stored) == (first, False, True)
    assert services.store_bytes(**said, **other) != first
    assert services.store_bytes(**said, **{**own, "purpose": "otra"}) != first
    assert StoredFile.objects.count() == len(on_disk(store_folder)) == 3
    told = AuditEvent.objects.filter(subject_id=str(first.pk)).order_by("id").values_list("action", flat=True)
    assert list(told) == ["papers.file_made", "papers.file_repeated"]


def test_the_later_of_two_equal_uploads_gives_way(
    physician: User, monkeypatch: pytest.MonkeyPatch, store_folder: Path
) -> None:
    said = {
        "name": "a.txt",
        "kind": "txt",
        "purpose": "prueba",
        "party": own_party(physician),
        "by": physician,
        "at": AT,
    }
    first = services.store_bytes(content=b"igual", **said)
    answers = iter([None, first])
    monkeypatch.setattr("portal.papers.services.files._known", lambda **asked: next(answers))
    assert services.store_bytes(content=b"igual", **said) == first
    assert len(on_disk(store_folder)) == 1
    monkeypatch.setattr("portal.papers.services.files._known", lambda **asked: None)
    with pytest.raises(IntegrityError, match="one_copy_per_party_and_purpose"), transaction.atomic():
        services.store_bytes(content=b"igual", **said)
