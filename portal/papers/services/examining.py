"""Look at a file without keeping it: at once up to 5 MB, later by the drain `examinations` above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import text
from portal.errors import Finding, RuleBroken, TooLarge, Verdict
from portal.once.services import outside_transaction
from portal.papers import examiner, store
from portal.papers import kinds as kind_rules
from portal.papers.examiner import Picture
from portal.papers.judgement import Judgement
from portal.papers.limited.client import ServerGone
from portal.papers.models import StoredFile
from portal.papers.rules import MAX_BYTES, FileVerdict
from portal.papers.upload import EncryptedUpload

_TOO_LARGE = "El archivo pesa más de 50 MB. Redúcelo (por ejemplo, escanéalo en gris) o divídelo."
_EMPTY = "El archivo llegó vacío: pesa 0 bytes. Descárgalo de nuevo de donde lo sacaste y sube esa copia, no la misma."
AWAY = "examiner_away"  # code of the refusal of an act that may be tried again
EXAMINED_AT_ONCE = 5 * 1024 * 1024  # bytes: more would keep a person waiting


@dataclass(frozen=True, slots=True)
class Examined:
    """A file and what was found in it. `verdict`: a `Verdict`, or "pending" for a file too large to wait for.

    `facts` are those of the base gate and of the check together; `text` and names with "_" are here only, never stored.
    """

    name: str
    kind: str
    verdict: Verdict | FileVerdict
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    upload: EncryptedUpload | None = None
    check: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    pages: int = 0

    @property
    def sha256(self) -> str:
        """Hex digest of its bytes; "" for a file that did not come by an upload."""
        return self.upload.sha256 if self.upload else ""

    pictures: tuple[Picture, ...] = field(default=(), repr=False)
    replacement: bytes | None = field(default=None, repr=False)
    attached: bytes = field(default=b"", repr=False)  # what the check hands over beside its facts; never stored

    @property
    def is_rejected(self) -> bool:
        """Whether the machine refuses it; `store_upload` would raise the same findings."""
        return self.verdict == Verdict.REJECTED

    @property
    def refusal(self) -> RuleBroken:
        """The findings as the error that `store_upload` raises."""
        worst = next(finding for finding in self.findings if finding.level == "error")
        return RuleBroken(f"{worst.message} {worst.cure}".strip(), code=worst.code, findings=self.findings)


def examine_upload(
    *,
    upload: EncryptedUpload,
    kinds: set[str],
    check: str = "",
    context: Mapping[str, Any] | None = None,
    largest: int = 0,
) -> Examined:
    """Open an upload in the examiner: kind, the gate of that kind, then `check` (dotted path) with `context` (JSON).

    Stores nothing, and no database transaction is open meanwhile: examine first, then write. Raises TooLarge above
    50 MB, RuleBroken for a bad name, an empty file, a full disk, or an examiner that cannot be had; whatever is wrong
    inside the file comes as findings with the verdict `rejected`. `largest`: bytes that a table may have (0: 5 MB).
    """
    _check_arrival(upload)
    name = text.check_filename(upload.name)
    finding = kind_rules.mismatch(name, _start_upload(upload), kinds)
    kind = "" if finding else kind_rules.SORT[kind_rules.claimed(name)]
    finding = finding or kind_rules.too_large_for_kind(kind, upload.size or 0, largest=largest)
    if finding:
        return Examined(name, kind, Verdict.REJECTED, (finding,), upload=upload)
    if (upload.size or 0) > EXAMINED_AT_ONCE:
        return Examined(name, kind, FileVerdict.PENDING, upload=upload, check=check, context=dict(context or {}))
    asked = _Asked(upload.read(), name, kinds, check, context or {}, largest)
    return _examined(asked, upload)


def kind_of(upload: EncryptedUpload) -> str:
    """What an upload is by its first bytes, whatever its name says: "xml", "pdf", …, "" when they do not tell."""
    return kind_rules.recognised(_start_upload(upload))[0]


def examine_stored(
    *, file: StoredFile, check: str = "", context: Mapping[str, Any] | None = None, largest: int = 0
) -> Examined:
    """The same judgement for a file that is kept already, against another context; it cannot be stored once more."""
    content = b"".join(store.read(file))
    return _examined(_Asked(content, file.original_name, {file.kind}, check, context or {}, largest), None)


def examine_bytes(
    *,
    content: bytes,
    name: str,
    kinds: set[str],
    check: str = "",
    context: Mapping[str, Any] | None = None,
    largest: int = 0,
) -> Examined:
    """The same judgement for bytes at hand (rule desk, papers we made); of any size, always at once."""
    check_size(len(content))
    return _examined(_Asked(content, text.check_filename(name), kinds, check, context or {}, largest), None)


def ask_examiner(
    *, content: bytes, name: str, kinds: set[str], check: str, context: dict[str, Any], largest: int = 0
) -> examiner.Report:
    """`examiner.examine` while no database transaction is open (RuntimeError for a developer who holds one)."""
    with outside_transaction(lasting=examiner.LONGEST):
        return examiner.examine(content=content, name=name, kinds=kinds, check=check, context=context, largest=largest)


def check_size(size: int) -> None:
    """Bytes a file may have. Raises TooLarge above 50 MB, RuleBroken for an empty one (UP-01)."""
    if size > MAX_BYTES:
        raise TooLarge(_TOO_LARGE, code="file_too_large")
    if not size:
        raise RuleBroken(_EMPTY, code="file_empty")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One file to look at: bytes, name, what it may be, the check with its context, and its own limit of bytes."""

    content: bytes = field(repr=False)
    name: str
    kinds: set[str]
    check: str
    context: Mapping[str, Any]
    largest: int


def _examined(asked: _Asked, upload: EncryptedUpload | None) -> Examined:
    context = dict(asked.context)
    try:
        report = ask_examiner(
            content=asked.content,
            name=asked.name,
            kinds=asked.kinds,
            check=asked.check,
            context=context,
            largest=asked.largest,
        )
    except ServerGone as error:
        raise RuleBroken(
            "En este momento no pudimos revisar el archivo. No se guardó nada: inténtalo de nuevo en unos minutos.",
            code=AWAY,
        ) from error
    said: Judgement = report.judgement
    return Examined(
        name=asked.name,
        kind=report.kind or kind_rules.SORT.get(kind_rules.claimed(asked.name), ""),
        verdict=said.verdict,
        findings=said.findings,
        facts=said.facts,
        upload=upload,
        check=asked.check,
        context=context,
        pages=report.pages,
        pictures=report.pictures,
        replacement=report.replacement,
        attached=said.attached,
    )


def _check_arrival(upload: EncryptedUpload) -> None:
    if upload.fault == "too_large":
        raise TooLarge(_TOO_LARGE, code="file_too_large")
    if upload.fault:
        raise RuleBroken(
            "En este momento no hay espacio para recibir archivos. No se guardó nada: inténtalo más tarde.",
            code="no_space",
        )
    if not upload.size:
        raise RuleBroken(_EMPTY, code="file_empty")


def _start_upload(upload: EncryptedUpload) -> bytes:
    return next(iter(upload.open_plain()), b"")[:4096]
