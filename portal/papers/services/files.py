"""Keep files: the ciphertext is in its final place before the row that points at it commits (UP-06)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from portal import clock, queue, text
from portal.errors import Finding
from portal.history.services import record
from portal.papers import examiner, kinds, registry, rules, store
from portal.papers.judgement import Judgement
from portal.papers.limited.client import ServerGone
from portal.papers.models import PageImage, StoredFile
from portal.papers.rules import FileVerdict
from portal.papers.services.examining import Examined, ask_examiner
from portal.papers.store import Written
from portal.people.models import User

ONE_COPY = "one_copy_per_party_and_purpose"


@transaction.atomic
def store_upload(*, examined: Examined, purpose: str, party: Any, by: User, at: datetime) -> StoredFile:
    """Keep an examined upload. `party` may be None for the house's own files.

    The same bytes for the same party and purpose are kept once: the earlier row comes back with `already_stored` true.
    Raises RuleBroken with the findings when it was rejected (nothing is stored), TooMany above the daily quota.
    """
    if examined.is_rejected:
        raise examined.refusal
    if examined.upload is None or examined.upload.part is None:
        raise ValueError("only an upload that arrived can be stored")
    _check_quota(by=by, more=examined.upload.size or 0, at=at)
    content = examined.replacement
    sha256 = store.digest(content) if content is not None else examined.upload.sha256
    if (known := _known(party=party, purpose=purpose, sha256=sha256)) is None:
        written = store.write(content) if content is not None else examined.upload.part.finish()
        known = _keep_row(_row(examined, written, purpose=purpose, party=party, by=by, at=at), examined.pictures)
    action = "papers.file_repeated" if known.already_stored else "papers.file_stored"
    record(action=action, subject=known, by=by, at=at, details=_told(known), party_id=known.party_id)
    return known


@transaction.atomic
def store_bytes(
    *, content: bytes, name: str, kind: str, purpose: str, party: Any, by: User | None, at: datetime
) -> StoredFile:
    """Keep bytes the house made itself (bank files, issued PDFs): accepted, not examined, once like any upload."""
    if (known := _known(party=party, purpose=purpose, sha256=store.digest(content))) is None:
        made = Examined(name=text.check_filename(name), kind=kind, verdict=FileVerdict.ACCEPTED)
        known = _keep_row(_row(made, store.write(content), purpose=purpose, party=party, by=by, at=at), ())
    action = "papers.file_repeated" if known.already_stored else "papers.file_made"
    record(action=action, subject=known, by=by, at=at, details=_told(known), party_id=known.party_id)
    return known


@transaction.atomic
def store_unexamined(*, examined: Examined, purpose: str, party: Any, by: User, at: datetime) -> StoredFile:
    """Keep an upload that a drain of its own room examines, by `settle_waiting`; until then nobody downloads it."""
    if examined.upload is None or examined.upload.part is None:
        raise ValueError("only an upload that arrived can be stored")
    _check_quota(by=by, more=examined.upload.size or 0, at=at)
    if (known := _known(party=party, purpose=purpose, sha256=examined.sha256)) is None:
        waits = Examined(examined.name, examined.kind, FileVerdict.PENDING)
        row = _row(waits, examined.upload.part.finish(), purpose=purpose, party=party, by=by, at=at)
        row.done_at = clock.real_now()  # nothing for the drain of examinations
        known = _keep_row(row, ())
    action = "papers.file_repeated" if known.already_stored else "papers.file_stored"
    record(action=action, subject=known, by=by, at=at, details=_told(known), party_id=known.party_id)
    return known


@transaction.atomic
def settle_waiting(
    *, file: StoredFile, examined: Examined | None, at: datetime, refused: Finding | None = None
) -> StoredFile:
    """Give a file that its room kept unexamined its verdict, or `refused` (a Finding): then its bytes go.

    The copy that a check made instead of the file's bytes is what is kept; where it stands already, that row is given.
    """
    copy = examined.replacement if examined else None
    known = _known(party=file.party, purpose=file.purpose, sha256=store.digest(copy)) if copy is not None else None
    written = store.write(copy, file_id=file.pk) if copy is not None and known is None else None
    faults = (refused,) if refused else (rules.repeated(),) if known else ()
    said = Judgement(faults, examined.facts if examined else {})
    if written and file.kind == kinds.SORT["xlsx"]:
        file.kind, file.content_type = "csv", kinds.CONTENT_TYPES["csv"]
        file.original_name = f"{file.original_name.rpartition('.')[0]}.csv"
        file.display_name = text.display_name(file.original_name)
    _settle_file(file, said, 0, written, at=at)
    return known or file


def examine_waiting(*, file: StoredFile, at: datetime) -> None:
    """The drain's work on one large file: give it its verdict, previews and facts, or raise GiveBack.

    A refused file keeps its row and its reasons; its bytes go.
    """
    content = b"".join(store.read(file))
    context = json.loads(file.check_context or "{}")
    try:
        report = ask_examiner(
            content=content, name=file.original_name, kinds={file.kind}, check=file.check_path, context=context
        )
    except ServerGone as error:
        raise queue.GiveBack("el examinador no contesta") from error
    written = store.write(report.replacement, file_id=file.pk) if report.replacement is not None else None
    _give_verdict(file, report, written, at=at)


@transaction.atomic
def _give_verdict(file: StoredFile, report: examiner.Report, written: Written | None, *, at: datetime) -> None:
    said = report.judgement
    if written and _known(party=file.party, purpose=file.purpose, sha256=written.sha256):
        said, written = Judgement((rules.repeated(),), said.facts), None
    queue.finish(file)
    file.done_at = clock.real_now()
    file.leased_until, file.last_error = None, ""
    _settle_file(file, said, report.pages, written, at=at)
    if file.is_readable:
        _keep_pictures(file, report.pictures)
    registry.tell_examined(file, at=at)


def _settle_file(file: StoredFile, said: Judgement, pages: int, written: Written | None, *, at: datetime) -> None:
    """What was found becomes the row's; bytes that are refused or replaced go."""
    old_key = file.storage_key
    verdict = FileVerdict(said.verdict)
    if file.verdict != verdict:  # a kept file that is held once more may stand as it stood
        rules.FILE.check(file.verdict, verdict)
    file.verdict, file.findings = verdict.value, [finding.as_json() for finding in said.findings]
    file.facts, file.pages, file.check_context = rules.facts_to_keep(said.facts), pages, ""
    if written:
        file.storage_key, file.wrapped_key = written.storage_key, written.wrapped_key
        file.size, file.sha256 = written.size, written.sha256
    file.save()
    if written or not file.is_readable:
        transaction.on_commit(lambda: store.remove(old_key))
    record(action="papers.file_examined", subject=file, by=None, at=at, details=_told(file), party_id=file.party_id)


@transaction.atomic
def compare_kept(*, file: StoredFile, said: Judgement, at: datetime) -> None:
    """What a check says of a kept file now that what it is held against has come; its bytes stay."""
    _settle_file(file, said, file.pages, None, at=at)


def _check_quota(*, by: User, more: int, at: datetime) -> None:
    day = StoredFile.objects.filter(uploaded_by=by, created_at__gt=at - timedelta(days=1))
    used = day.aggregate(files=Count("pk"), size=Sum("size"))
    rules.check_quota(files=used["files"], size=used["size"] or 0, more=more)


def _known(*, party: Any, purpose: str, sha256: str) -> StoredFile | None:
    same = StoredFile.objects.filter(party=party, purpose=purpose, sha256=sha256)
    file = same.exclude(verdict=FileVerdict.REJECTED).order_by("pk").first()
    if file:
        file.already_stored = True
    return file


def _row(
    examined: Examined, written: Written, *, purpose: str, party: Any, by: User | None, at: datetime
) -> StoredFile:
    waits = examined.verdict == FileVerdict.PENDING
    return StoredFile(
        **written.columns,
        original_name=examined.name,
        display_name=text.display_name(examined.name),
        kind=examined.kind,
        content_type=kinds.CONTENT_TYPES[examined.kind],
        party=party,
        uploaded_by=by,
        purpose=purpose,
        check_path=examined.check,
        check_context=json.dumps(examined.context) if waits else "",
        verdict=str(examined.verdict),
        findings=[finding.as_json() for finding in examined.findings],
        facts=rules.facts_to_keep(examined.facts),
        pages=examined.pages,
        created_at=at,
        done_at=None if waits else clock.real_now(),
    )


def _keep_row(file: StoredFile, pictures: tuple[examiner.Picture, ...]) -> StoredFile:
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError as error:
        known = _known(party=file.party, purpose=file.purpose, sha256=file.sha256)
        if ONE_COPY not in str(error) or known is None:
            raise
        store.remove(file.storage_key)  # the other of two equal uploads won by a moment
        return known
    _keep_pictures(file, pictures)
    if file.verdict == FileVerdict.PENDING:
        queue.kick("examinations")
    return file


def _keep_pictures(file: StoredFile, pictures: tuple[examiner.Picture, ...]) -> None:
    rows = []
    for picture in pictures:
        written = store.write(picture.content)
        rows.append(
            PageImage(
                id=written.id,
                storage_key=written.storage_key,
                wrapped_key=written.wrapped_key,
                size=written.size,
                sha256=written.sha256,
                file=file,
                number=picture.number,
                width=picture.width,
                height=picture.height,
            )
        )
    PageImage.objects.bulk_create(rows)


def _told(file: StoredFile) -> dict[str, str]:
    return {"kind": file.kind, "purpose": file.purpose, "sha256": file.sha256, "verdict": file.verdict}
