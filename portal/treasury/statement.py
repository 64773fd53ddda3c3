"""Judging a bank statement against the CLABE somebody typed (S0.5-S0.7, domain 2.6). Runs inside the examiner.

Extraction only suggests: `accepted` means no objection was found, and a person still approves the account.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal import identifiers, names
from portal.calendars.rules import months_before
from portal.design.dates import MONTHS
from portal.errors import Finding, Level
from portal.papers.judgement import Judgement
from portal.proofs import printed
from portal.proofs.printed import Named
from portal.treasury import statement_banks
from portal.treasury.statement_closing import closing_date
from portal.treasury.statement_dates import find_dates
from portal.treasury.statement_rows import Glyph, Row, rows_of_glyphs

MAX_PAGES_READ = 30
MAX_TEXT = 400_000
MIN_LETTERS = 40
MAX_PLACED = 30_000
"""Letters whose places are asked of pdfium: the letterhead is on the first pages, and each costs microseconds."""
# Which part of a holder's words has to stand together for a person to look, and how much of what was read is shown.
MOST_WORDS, MOST_READ = 2 / 3, 60

# code → (level, what we saw, what to do). Placeholders come from the check.
FINDINGS: dict[str, tuple[Level, str, str]] = {
    "damaged": (Level.ERROR, "El PDF está dañado y no abre.", "Descárgalo otra vez de tu banca en línea y súbelo."),
    "encrypted": (Level.ERROR, "El PDF pide contraseña.", "Guárdalo sin contraseña (imprimir como PDF) y súbelo."),
    "no_pages": (Level.ERROR, "El PDF no tiene páginas.", "Descarga de nuevo tu estado de cuenta y súbelo."),
    "blank": (Level.ERROR, "El PDF está en blanco.", "Revisa que sea tu estado de cuenta y súbelo de nuevo."),
    "opens": (Level.OK, "El PDF abre y tiene {pages}.", ""),
    "image_only": (
        Level.REVIEW,
        "El PDF es una imagen y no podemos leer su texto.",
        "Una persona lo va a leer. Si tienes el PDF original del banco, súbelo y la respuesta es inmediata.",
    ),
    "garbled": (
        Level.REVIEW,
        "El texto del PDF no se puede leer.",
        "Una persona lo va a revisar. El PDF original del banco se lee mejor que uno convertido.",
    ),
    "legible": (Level.OK, "El texto se lee.", ""),
    "clabe_found": (Level.OK, "La CLABE •••• {last4} está en el estado de cuenta.", ""),
    "clabe_other": (
        Level.ERROR,
        "El estado de cuenta trae la CLABE que termina en {other} y escribiste la que termina en {last4}.",
        "Corrige la CLABE o sube el estado de cuenta de esa cuenta bancaria.",
    ),
    "clabe_missing": (
        Level.ERROR,
        "La CLABE que termina en {last4} no aparece en el estado de cuenta.",
        "Sube la página donde se ven los 18 dígitos de tu CLABE.",
    ),
    "bank_named": (Level.OK, "El banco de la CLABE, {bank}, aparece en el estado de cuenta.", ""),
    "bank_merged": (
        Level.WARNING,
        "La CLABE es de {bank} y el estado de cuenta es de {other}, que se quedó con sus cuentas bancarias.",
        "Las cuentas bancarias de antes conservan su CLABE. Confirma en {other} que la tuya sigue activa.",
    ),
    "bank_hosts": (
        Level.REVIEW,
        "La CLABE es de {bank}, que presta sus números a otras instituciones, y el estado de cuenta es de {other}.",
        "Una persona lo va a confirmar. No tienes que hacer nada.",
    ),
    "bank_doubtful": (
        Level.REVIEW,
        "La CLABE es de {bank} y el estado de cuenta parece de {other}.",
        "Una persona lo va a confirmar. Si te equivocaste, sube el estado de cuenta de {bank}.",
    ),
    "bank_other": (
        Level.ERROR,
        "La CLABE es de {bank} y el estado de cuenta es de {other}: trae tu cuenta bancaria, CLABE •••• {last4}.",
        "Revisa la CLABE o sube el estado de cuenta de {bank}.",
    ),
    "bank_not_named": (
        Level.REVIEW,
        "El nombre del banco de la CLABE, {bank}, no aparece en el texto.",
        "Una persona lo va a confirmar en la imagen. No tienes que hacer nada.",
    ),
    "bank_unknown": (
        Level.WARNING,
        "No conocemos el banco de la clave {code}.",
        "Una persona lo va a confirmar. No tienes que hacer nada.",
    ),
    "bank_without_licence": (
        Level.WARNING,
        "{bank} perdió su licencia el {since}: sus cuentas bancarias ya no reciben pagos y los depósitos regresan.",
        "Registra la CLABE de una cuenta bancaria en otro banco.",
    ),
    "holder_found": (Level.OK, "{what} está en el estado de cuenta.", ""),
    "holder_partial": (
        Level.REVIEW,
        "En lugar de tu nombre se lee «{read}».",
        "Una persona lo va a confirmar en la imagen. No tienes que hacer nada.",
    ),
    "holder_missing": (
        Level.ERROR,
        "Ni tu nombre ni tu RFC aparecen en el estado de cuenta.",
        "La cuenta bancaria debe estar a nombre de {holder}. Sube un estado de cuenta a ese nombre.",
    ),
    "holder_by_rfc": (
        Level.REVIEW,
        "No se lee el nombre del titular, y su RFC está sin su Ñ o junto al de otra persona.",
        "Una persona lo va a confirmar en la imagen. No tienes que hacer nada.",
    ),
    "holder_in_movement": (
        Level.REVIEW,
        "El nombre o el RFC del titular solo aparecen en un movimiento, y ahí va quien envió o recibió dinero.",
        "Una persona lo va a confirmar. Si la cuenta bancaria no es tuya, sube el estado de cuenta de una que sí.",
    ),
    "holder_changed": (
        Level.REVIEW,
        "El nombre ya no es el de la cuenta bancaria anterior ({before}) y el estado de cuenta no trae el RFC.",
        "Dos personas lo van a confirmar. Si no cambiaste tu nombre, escríbenos ahora mismo.",
    ),
    "closing_in_range": (Level.OK, "La fecha de corte es {closing}: está dentro de los últimos {months} meses.", ""),
    "closing_too_old": (
        Level.ERROR,
        "La fecha de corte es {closing} y aceptamos desde {oldest}.",
        "Sube un estado de cuenta de los últimos {months} meses.",
    ),
    "closing_in_future": (
        Level.ERROR,
        "La fecha de corte, {closing}, todavía no llega.",
        "Sube un estado de cuenta que ya haya cerrado.",
    ),
    "closing_not_found": (
        Level.REVIEW,
        "No encontramos la fecha de corte.",
        "Una persona la va a leer. Si puedes, sube la página que dice «fecha de corte» o el periodo.",
    ),
    "not_checked": (Level.NOT_CHECKED, "{what}: lo revisa una persona.", ""),
}


@dataclass(slots=True)
class Pages:
    """What opening the PDF gave: number of pages, text, whether anything is drawn, or the code why it did not open."""

    count: int = 0
    text: str = ""
    rows: list[list[Row]] = field(default_factory=list)
    has_objects: bool = False
    failure: str = ""
    findings: list[Finding] = field(default_factory=list)


def finding(code: str, /, **values: str) -> Finding:
    """The sentence and cure of a code."""
    level, message, cure = FINDINGS[code]
    return Finding(code, level, message.format(**values), cure.format(**values))


def check(content: bytes, context: dict[str, Any]) -> Judgement:
    """Judge a statement. Context: clabe (18 digits), holder, rfc, on (ISO date), max_age_months; for a change of
    account also holder_before, the name of the account of record: a name is typed by its owner, or by who took over.

    Facts: clabes, dates, banks, closing_on (ISO or None), pages. A datum the context lacks gives `not_checked`.
    """
    return _judged(open_pages(content), context)


def warm_up() -> None:
    """Judge a line once, so that a forked examiner finds modules and patterns ready."""
    _judged(Pages(1, "CLABE 012180015678912344 BBVA A B Fecha de corte 31/10/2026", has_objects=True), _ANY)


_ANY = {"clabe": "012180015678912344", "holder": "A B", "rfc": "", "on": "2026-11-01", "max_age_months": 3}


def _judged(pages: Pages, context: dict[str, Any]) -> Judgement:
    if pages.failure:
        return Judgement((finding(pages.failure),), {"clabes": [], "dates": [], "banks": [], "closing_on": None})
    findings = [finding("opens", pages=f"{pages.count} página{'s' if pages.count != 1 else ''}")]
    plain = plain_text(pages.text)
    on = date.fromisoformat(context["on"]) if context.get("on") else None
    closing = closing_date(pages.rows, pages.text, on=on)
    clabes = find_clabes(pages.text)
    facts = {
        "clabes": clabes,
        "dates": sorted({found.on.isoformat() for found in find_dates(pages.text)}),
        "banks": statement_banks.named(statement_banks.lines_of(pages.text)),
        "closing_on": closing.isoformat() if closing else None,
        "names_rfc": _names_rfc(pages.text, context),
        "pages": pages.count,
    }
    if unreadable := _legibility(pages, plain):
        left = ("La CLABE", "El banco", "El titular", "La fecha de corte")
        unseen = (finding("not_checked", what=what) for what in left)
        return Judgement((*findings, unreadable, *unseen, *_licence(context)), facts)
    findings += [
        finding("legible"),
        _clabe(pages.text, context, clabes),
        _bank(pages.text, context, clabes),
        *_licence(context),
        _holder(pages.text, context),
        _closing(closing, context),
    ]
    return Judgement(tuple(findings), facts)


def open_pages(content: bytes) -> Pages:
    """Text of the first pages through pdfium; a failure is a code of FINDINGS, never an exception."""
    import pypdfium2 as pdfium  # heavy, and only the examiner's child needs it

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        return Pages(failure="encrypted" if "password" in str(error).lower() else "damaged")
    pages = Pages(count=len(document))
    if not pages.count:
        return Pages(failure="no_pages")
    texts: list[str] = []
    for number in range(min(pages.count, MAX_PAGES_READ)):
        try:
            page = document[number]
            drawn = page.get_textpage()
            texts.append(drawn.get_text_range())
            if sum(map(len, texts)) <= MAX_PLACED:
                pages.rows.append(rows_of_glyphs(_glyphs(drawn)))
            pages.has_objects = pages.has_objects or next(iter(page.get_objects()), None) is not None
        except pdfium.PdfiumError:
            return Pages(failure="damaged")
    pages.text = "\n".join(texts)[:MAX_TEXT]
    return pages


def _glyphs(drawn: Any) -> Iterator[Glyph]:
    """Each letter of a page with its box. `loose` boxes are as high as the font, whatever the letter."""
    from pypdfium2 import raw  # heavy, and only the examiner's child needs it

    for index in range(drawn.count_chars()):
        yield (chr(raw.FPDFText_GetUnicode(drawn, index)), *drawn.get_charbox(index, loose=True))


def _legibility(pages: Pages, plain: str) -> Finding | None:
    letters = sum(letter.isalnum() for letter in plain)
    if letters == 0:
        return finding("image_only" if pages.has_objects else "blank")
    if letters < MIN_LETTERS:
        return finding("image_only")
    visible = [letter for letter in pages.text if not letter.isspace()]
    strange = sum(unicodedata.category(letter) in {"Co", "Cn", "Cc", "So"} or letter == "\ufffd" for letter in visible)
    return finding("garbled") if strange * 4 > len(visible) else None


def plain_text(text: str) -> str:
    """Folded, runs of anything but letters, digits and the `&` of companies' RFCs as one blank."""
    return printed.plain(text)


# --- CLABE -------------------------------------------------------------------------------------------------------


def find_clabes(text: str) -> list[str]:
    """Every valid CLABE in the text, its digits together or grouped by blanks or dashes, in order of appearance."""
    found = []
    for match in re.finditer(r"(?<!\d)(?=((?:\d[ \u00a0\t\r\n.\-]{0,3}){17}\d)(?!\d))", text, re.ASCII):
        digits = re.sub(r"\D", "", match.group(1))
        if identifiers.check("clabe", digits).valid:
            found.append(digits)
    return list(dict.fromkeys(found))


def has_clabe(text: str, clabe: str) -> bool:
    """Whether these 18 digits occur, grouped or not, and are not part of a longer number."""
    return re.search(r"(?<!\d)" + r"[\s\u00a0.\-]{0,3}".join(clabe) + r"(?!\d)", text) is not None


def _clabe(text: str, context: dict[str, Any], clabes: list[str]) -> Finding:
    clabe = str(context.get("clabe") or "")
    if not clabe:
        return finding("not_checked", what="La CLABE")
    if has_clabe(text, clabe):
        return finding("clabe_found", last4=clabe[-4:])
    if len(clabes) == 1:
        return finding("clabe_other", other=clabes[0][-4:], last4=clabe[-4:])
    return finding("clabe_missing", last4=clabe[-4:])


# --- bank --------------------------------------------------------------------------------------------------------


def _bank(text: str, context: dict[str, Any], clabes: list[str]) -> Finding:
    """Whose paper it is. Another bank's only where it also bears the holder's own CLABE there; else a person looks."""
    clabe = str(context.get("clabe") or "")
    if not clabe:
        return finding("not_checked", what="El banco")
    bank = identifiers.bank_of(clabe)
    if bank is None:
        return finding("bank_unknown", code=clabe[:3])
    lines, heading = statement_banks.lines_of(text), statement_banks.heading(text)
    heirs = statement_banks.family(bank.code)
    if statement_banks.names(heading, [bank.code]):
        return finding("bank_named", bank=bank.name)
    if heir := statement_banks.names(heading, heirs):
        return finding("bank_merged", bank=bank.name, other=identifiers.BANKS[heir].name)
    heads = statement_banks.named(heading)
    if own := [one for one in _own_clabes(text, clabes, context) if one[:3] in heads and one != clabe]:
        other = identifiers.BANKS[own[0][:3]]
        if not statement_banks.is_hosted(bank.code, other.code):
            return finding("bank_other", bank=bank.name, other=other.name, last4=own[0][-4:])
    if statement_banks.names(lines, [bank.code]):
        return finding("bank_named", bank=bank.name)
    if not heads:
        return finding("bank_not_named", bank=bank.name)
    hosted = statement_banks.is_hosted(bank.code, heads[0])
    return finding("bank_hosts" if hosted else "bank_doubtful", bank=bank.name, other=identifiers.BANKS[heads[0]].name)


def _licence(context: dict[str, Any]) -> list[Finding]:
    """A bank that was wound up: the paper may be right, the money comes back."""
    bank = identifiers.bank_of(str(context.get("clabe") or ""))
    if bank is None or bank.licence_ended is None:
        return []
    return [finding("bank_without_licence", bank=bank.name, since=in_words(bank.licence_ended))]


def _own_clabes(text: str, clabes: list[str], context: dict[str, Any]) -> Iterator[str]:
    """CLABEs that the paper gives as the holder's: not in a movement, unless the movement names the holder too."""
    if not _bears_holder(text, context):
        return
    lines = statement_banks.lines_of(text)
    for clabe in clabes:
        for number, line in enumerate(lines):
            if has_clabe(line, clabe):
                around = " ".join(lines[number : number + 2])
                if not printed.is_movement(line) or _bears_holder(around, context):
                    yield clabe


# --- holder ------------------------------------------------------------------------------------------------------


def _holder(text: str, context: dict[str, Any]) -> Finding:
    """Whose the paper is, by what stands outside of its movements: RFC or name (domain 2.6)."""
    holder, rfc = str(context.get("holder") or ""), str(context.get("rfc") or "")
    if not holder and not rfc:
        return finding("not_checked", what="El titular")
    named, by_name = printed.how_named(text, rfc), _by_name(printed.own_text(text), context)
    if named is Named.ALONE or (named is Named.BESIDE and by_name.code != "holder_missing"):
        return finding("holder_found", what="Tu RFC")
    if by_name.code != "holder_missing":
        return by_name
    if named in {Named.BESIDE, Named.WITHOUT_ENIE}:
        return finding("holder_by_rfc")
    if named is Named.IN_MOVEMENT or _by_name(text, context).code != "holder_missing":
        return finding("holder_in_movement")
    return by_name


def _by_name(text: str, context: dict[str, Any]) -> Finding:
    holder, before = str(context.get("holder") or ""), str(context.get("holder_before") or "")
    share, words = _words_read(text, plain_text(text), holder)
    reading = names.find(text, holder) if share < 1 else names.Reading(names.Found.WHOLE)
    enough = share >= MOST_WORDS
    if before and (enough or reading.found) and not _same_person(before, holder):
        return finding("holder_changed", before=before)
    if share == 1:
        return finding("holder_found", what="Tu nombre")
    if enough or reading.found:
        return finding("holder_partial", read=(reading.read or " ".join(words).upper())[:MOST_READ])
    return finding("holder_missing", holder=holder or "su titular")


def _names_rfc(text: str, context: dict[str, Any]) -> bool:
    """Whether the statement names the RFC of its party beside its holder's name: once accepted it proves it (AC-11)."""
    named = printed.how_named(text, str(context.get("rfc") or ""))
    by_name = _by_name(printed.own_text(text), context) if context.get("holder") else None
    return named is Named.ALONE and (by_name is None or by_name.code != "holder_missing")


def _bears_holder(text: str, context: dict[str, Any]) -> bool:
    """Whether a text, or a row of movements, names the holder."""
    named = printed.how_named(text, str(context.get("rfc") or ""))
    return named not in {Named.NOT, Named.WITHOUT_ENIE} or _by_name(text, context).code == "holder_found"


def _same_person(before: str, holder: str) -> bool:
    return names.same(before, holder) or sorted(plain_text(before).split()) == sorted(plain_text(holder).split())


def _words_read(text: str, plain: str, holder: str) -> tuple[float, list[str]]:
    """Which part (0 to 1) of the holder's words stands together in the text, in any order, and those words.

    O'Farrill is OFARRILL and O FARRILL, whoever of both left the apostrophe out.
    """
    bare = names.without_apostrophes(holder)
    tries = [(plain, holder), (plain, bare), (plain_text(names.without_apostrophes(text)), bare)]
    return max(_together(one, name) for one, name in dict.fromkeys(tries))


def _together(plain: str, holder: str) -> tuple[float, list[str]]:
    wanted = {word for word in plain_text(holder).split() if word not in names.PARTICLES and len(word) > 1}
    words, best = plain.split(), list[str]()
    width = len(wanted) + 4
    for start in (index for index, word in enumerate(words) if word in wanted):
        near = [word for word in dict.fromkeys(words[start : start + width]) if word in wanted]
        best = max(best, near, key=len)
    return len(best) / max(1, len(wanted)), best


# --- closing date ------------------------------------------------------------------------------------------------


def _closing(closing: date | None, context: dict[str, Any]) -> Finding:
    if not context.get("on") or not context.get("max_age_months"):
        return finding("not_checked", what="La fecha de corte")
    if closing is None:
        return finding("closing_not_found")
    on, months = date.fromisoformat(context["on"]), int(context["max_age_months"])
    oldest = months_before(on, months)
    if closing > on:
        return finding("closing_in_future", closing=in_words(closing))
    if closing < oldest:
        return finding("closing_too_old", closing=in_words(closing), oldest=in_words(oldest), months=str(months))
    return finding("closing_in_range", closing=in_words(closing), months=str(months))


def in_words(on: date) -> str:
    """`31 de octubre de 2026`."""
    return f"{on.day} de {MONTHS[on.month - 1]} de {on.year}"
