"""One folio's whole file for an auditor: a ZIP that can be checked without us.

Acts, readings, seals, figures with their rules, the ledger, and the papers that this person may open; `SHA256SUMS`
names every part, `LEEME.txt` says how each is checked. What may not be opened is named with its hash alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.db.models import ForeignKey, JSONField, Model, Q
from django.http import FileResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from config.desk import subjects, words
from portal.history.models import AccessEvent, AuditEvent, Recorded
from portal.history.services import record_access
from portal.papers.models import IssuedDocument, StoredFile
from portal.papers.selectors import open_file
from portal.people.models import User
from portal.treasury.models import LedgerLine

_ACTS = ("uid", "at", "action", "by", "acting_as", "subject_type", "subject_id", "reason", "ip", "details", "hmac")
_READINGS = ("uid", "at", "by", "acting_as", "subject_type", "subject_id", "reason", "ip", "hmac")
_SEALS = ("number", "uid", "previous_hmac", "hmac", "sealed_at")
_LEDGER = ("entry", "kind", "on", "at", "subject_type", "subject_id", "reverses", "account", "amount", "currency")

README = """Expediente de {folio}
Hecho el {at} para {who} por {portal}.

Qué lleva
{carries}
{left_out}
Qué trae
- actos.csv: cada acto sobre lo que lleva, del más antiguo al más nuevo.
- lecturas.csv: quién abrió algo de ello.
- sellos.csv: el sello de cada acto y de cada lectura dentro de la cadena de la auditoría.
- cifras.json: cada cifra calculada, con su fórmula, sus datos y la regla (código, versión y fuente).
- libro.csv: sus asientos. Un cargo es positivo y un abono negativo; cada asiento suma cero por moneda.
- papeles/: los archivos que puedes abrir. papeles.csv los nombra todos, también los que no, con su SHA-256.
- SHA256SUMS: la huella de cada parte.

Cómo se comprueba sin nosotros
1. Las partes: `sha256sum -c SHA256SUMS`. Todas deben decir OK (o «La suma coincide»).
2. Los papeles: el SHA-256 de cada archivo es el de papeles.csv, que es el que se guardó cuando llegó. Un CFDI se
   comprueba además en el SAT con su folio fiscal; un documento del portal, en /verificar/ con su código.
3. El libro: agrupa libro.csv por asiento y moneda; cada grupo suma cero.
4. La cadena: en toda ella los números no saltan, y `previous_hmac` es el `hmac` del sello anterior. Compara estos
   sellos con los de otro expediente: los mismos números deben tener los mismos `hmac`. Las firmas usan una llave que
   no está en la base; las revisa `audit-verify` en el servidor.
5. Las cifras: rehaz cada fórmula con sus datos; la regla que se usó está en la fuente que se nombra.
"""


@dataclass
class _Zip:
    """The archive while it is written: every part with its hash."""

    out: zipfile.ZipFile
    at: datetime
    sums: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """One part, streamed."""
        digest, info = hashlib.sha256(), zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with self.out.open(info, "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                part.write(chunk)
        self.sums.append((name, digest.hexdigest()))

    def table(self, name: str, head: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
        """One part that is a table."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([head, *([_safe(cell) for cell in row] for row in rows)])
        self.add(name, [text.getvalue().encode("utf-8-sig")])


def _safe(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    signed = text.startswith(("+", "-")) and not text[1:2].isdigit()
    return f"'{text}" if signed or text.startswith(("=", "@", "\t", "\r")) else text


def exists(folio: str) -> bool:
    """Whether anything bears this name."""
    return bool(subjects.things(folio))


def answer(folio: str, *, by: User, at: datetime) -> FileResponse:
    """The same as a download."""
    made = make(folio=folio, portal=settings.BASE_URL, by=by, at=at)
    name = f"expediente-{slugify(folio)}.zip"
    download = FileResponse(made, content_type="application/zip")
    download["Content-Disposition"] = content_disposition_header(True, name)
    return download


def make(*, folio: str, portal: str, by: User, at: datetime) -> IO[bytes]:
    """The whole file of a folio as a ZIP; that it was taken, and each paper in it, is recorded as a reading (AD-01)."""
    named = subjects.rows_of(folio)
    rows = subjects.whole(named)
    kept = tempfile.TemporaryFile()
    with zipfile.ZipFile(kept, "w") as out:
        made = _Zip(out, at)
        about = subjects.named(folio) | subjects.about(rows)
        acts = AuditEvent.objects.filter(about).select_related("by", "seal").order_by("pk")
        read = AccessEvent.objects.filter(about).select_related("by", "seal").order_by("pk")
        made.table(
            "actos.csv", (*_ACTS, "acto en palabras"), ([*_cells(one, _ACTS), words.act(one.action)] for one in acts)
        )
        made.table("lecturas.csv", _READINGS, (_cells(one, _READINGS) for one in read))
        made.table("sellos.csv", _SEALS, _seals([*acts, *read]))
        made.add("cifras.json", [_json({_called(row): found for row in rows if (found := list(_figures(row)))})])
        made.table("libro.csv", _LEDGER, _ledger(rows))
        _add_papers(made, rows, by=by, at=at, folio=folio)
        told = {"folio": folio, "at": at.isoformat(), "who": str(by), "portal": portal}
        told |= {"carries": _carries(rows), "left_out": _left_out(folio)}
        made.add("LEEME.txt", [README.format(**told).encode()])
        sums = "".join(f"{digest}  {name}\n" for name, digest in made.sums)
        made.add("SHA256SUMS", [sums.encode()])
    _record_readings(rows, named=len(named), by=by, at=at, folio=folio)
    kept.seek(0)
    return kept


def _record_readings(rows: list[Model], *, named: int, by: User, at: datetime, folio: str) -> None:
    """A reading of each thing that bears the name (they stand first), and one of each other party it told of."""
    told = set()
    for number, row in enumerate(rows):
        party = getattr(row, "party_id", None)
        if number < named or (party and party not in told):
            record_access(subject=row, by=by, at=at, party_id=party, reason=f"Expediente de {folio}"[:500])
        told.add(party)


def _called(row: Model) -> str:
    """A thing by its kind, what people call it, and its key: two of a kind may be called alike."""
    return f"{words.thing(row._meta.label_lower)} {row} ({row.pk})"


def _carries(rows: Iterable[Model]) -> str:
    """The things that the file is about, a line each."""
    return "\n".join(f"- {_called(row)}" for row in rows)


def _left_out(folio: str) -> str:
    """What bears the name and is not in the file; nothing where all of it is."""
    kinds = ", ".join(words.thing(kind) for kind in subjects.cut(folio))
    return (
        f"No está completo: hay más de {subjects.MOST} con este nombre y van las primeras. {kinds}.\n" if kinds else ""
    )


def _cells(row: Recorded, names: tuple[str, ...]) -> list[Any]:
    told = {"by": str(row.by) if row.by else "", "at": row.at.isoformat()}
    if isinstance(row, AuditEvent):
        told["details"] = json.dumps(row.details, ensure_ascii=False, sort_keys=True)
    return [told.get(name, getattr(row, name)) for name in names]


def _seals(rows: Iterable[AuditEvent | AccessEvent]) -> list[list[Any]]:
    sealed = [(row.seal, row) for row in rows if hasattr(row, "seal")]
    return [
        [seal.number, row.uid, seal.previous_hmac, seal.hmac, seal.sealed_at.isoformat()]
        for seal, row in sorted(sealed, key=lambda pair: pair[0].number)
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _figures(row: Model) -> Iterator[Mapping[str, Any]]:
    """Every stored explanation of a row, and the rules that it keeps as text beside its dates."""
    for one in row._meta.concrete_fields:
        value = getattr(row, one.attname)
        if isinstance(one, JSONField):
            yield from _explained(value)
        elif one.name.endswith("_rule") and value:
            yield {"title": one.name, "rule": value}


def _explained(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if {"formula", "rules"} <= value.keys():
            yield value
        else:
            for inner in value.values():
                yield from _explained(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _explained(inner)


def _ledger(rows: list[Model]) -> Iterator[list[Any]]:
    """The lines of the entries about these things, and of what reversed them."""
    about = subjects.about(rows, through="transaction__")
    about |= subjects.about(rows, through="transaction__reverses__")
    lines = LedgerLine.objects.filter(about).select_related("transaction", "account").order_by("transaction__at", "pk")
    for line in lines:
        entry = line.transaction
        yield [
            entry.pk,
            entry.kind,
            entry.on,
            entry.at.isoformat(),
            entry.subject_type,
            entry.subject_id,
            entry.reverses_id or "",
            line.account,
            f"{line.amount}",
            line.currency,
        ]


def _papers(rows: Iterable[Model]) -> Any:
    """Every file that these things name: theirs, and those of the documents that were issued about them."""
    files, documents = set(), set()
    for row in rows:
        for one in row._meta.concrete_fields:
            key = getattr(row, one.attname)
            if isinstance(one, ForeignKey) and key is not None:
                files |= {key} if one.related_model is StoredFile else set()
                documents |= {key} if one.related_model is IssuedDocument else set()
    issued = IssuedDocument.objects.filter(pk__in=documents).exclude(pdf=None).values("pdf")
    return StoredFile.objects.filter(Q(pk__in=files) | Q(pk__in=issued)).order_by("pk")


def _add_papers(made: _Zip, rows: list[Model], *, by: User, at: datetime, folio: str) -> None:
    papers = _papers(rows)
    issued = IssuedDocument.objects.visible_to(by).values("pdf")
    seen = papers.filter(Q(pk__in=StoredFile.objects.visible_to(by).values("pk")) | Q(pk__in=issued)).readable()
    opened = {file.pk for file in seen}
    told = []
    for number, file in enumerate(papers, 1):
        name = f"papeles/{number:02d}-{file.display_name}" if file.pk in opened else ""
        told.append([name or "(no lo puedes abrir)", file.purpose, file.size, file.sha256, file.created_at.isoformat()])
        if name:
            made.add(name, open_file(file))
            record_access(subject=file, by=by, at=at, party_id=file.party_id, reason=f"Expediente de {folio}"[:500])
    made.table("papeles.csv", ("archivo", "qué es", "bytes", "sha256", "llegó"), told)
