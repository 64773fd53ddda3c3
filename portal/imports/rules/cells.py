"""One cell as people and programs write it: flags, days, letters that another encoding broke, formulas. Pure."""

from __future__ import annotations

import re
from datetime import date

from portal.design import dates
from portal.text import folded, is_refused

FIRST_DAY = date(2000, 1, 1)  # what is older is a slip of the keyboard: nothing of then is billed or paid here
_TRUE = frozenset("true verdadero v si s yes y x 1 digital".split())
_FALSE = frozenset("false falso f no n 0".split())
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}")

# UTF-8 that was read as Windows: «Ã©», «Â°», «â€œ». Closing quotes and a blank may stand behind a real Ã («IRMÃ»).
_TRAIL = "\x80-\x9f\xa1-\xba\xbc-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘“•–—˜™š›œžŸ"
_BROKEN = re.compile(
    "|".join(
        (
            f"Ã[{_TRAIL}]|Â[{_TRAIL}\xa0]|â[€‚]",
            "(?<=[a-zñáéíóú])[ÃÂ]",  # its second half was dropped on the way
            r"[√¬][^\sA-Za-z0-9]|[├┬]\S",  # UTF-8 read as Macintosh or DOS
            r"[^\W\d_](?:‚|[¡¢£¤¥‡ƒ„]+[^\W\d_]|Ž[a-z])",  # DOS or Macintosh read as Windows: «P‚rez», «Mu¤oz»
            r"[^\W\d_]\?[^\W\d_]",  # an encoding that has no ñ wrote a question mark
            "[\ufffd\x80-\x9f]",
        )
    )
)
_SUSPECT = re.compile("[ÃÂâ√¬├┬‚¡¢£¤¥‡ƒ„Ž?\ufffd\x80-\x9f]")  # each of these has one of them
# A spreadsheet computes what begins like this. The house's own files put an apostrophe in front (listing/export).
_FORMULA = ("=", "＝")
_LINE_END = re.compile(r"\s*[\r\n]+\s*")
_OUR_MARK = re.compile(r"\A'(?=[0-9=+@＝＋－＠\t\r\n-])")


NUMBER, FORMULA, FAULTY = "n", "f", "e"  # marks of a sheet's cells that are not what they show


class Number(str):
    """A cell that a spreadsheet keeps as a number: the decimal that is written, without a thousands mark or zeros."""

    __slots__ = ()


class Formula(str):
    """A cell that a spreadsheet computes."""

    __slots__ = ()


class Faulty(str):
    """A cell in which a spreadsheet shows an error."""

    __slots__ = ()


_MARKED: dict[str, type[str]] = {NUMBER: Number, FORMULA: Formula, FAULTY: Faulty}


def unmarked(cell: str | list[str]) -> str:
    """A cell as the limited child gives it: a text, or [mark, text]."""
    return cell if isinstance(cell, str) else _MARKED[cell[0]](cell[1])


class Unreadable(Exception):
    """A value that cannot be read: `code`, and a Spanish sentence with cause and cure."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def quoted(value: object) -> str:
    """What was sent, short and without what no column can hold: a NUL or half a letter must not reach the record."""
    return "".join("\ufffd" if is_refused(letter) else letter for letter in str(value)[:30])


def plain(cell: str) -> str:
    """A cell's text on one line, without the apostrophe that keeps a spreadsheet from computing it."""
    if isinstance(cell, Number):
        return cell
    text = cell.strip()
    if "\n" in text or "\r" in text:
        text = _LINE_END.sub(" ", text)
    return _OUR_MARK.sub("", text) if text.startswith("'") else text


def check_plain(cell: str) -> str:
    """The same text, unless it is a formula: what that would give is nobody's word. Raises Unreadable."""
    if isinstance(cell, Faulty):
        raise Unreadable("cell_error", f"La celda muestra el error {quoted(cell)}. Escribe el valor y guarda otra vez.")
    if isinstance(cell, Formula) or cell.lstrip().startswith(_FORMULA):
        raise Unreadable(
            "formula", f"«{quoted(cell.strip())}» es una fórmula. Pega en la celda solo el valor y guarda otra vez."
        )
    return cell


def check_letters(text: str) -> str:
    """The same text, unless another encoding broke its accents («PÃ©rez»): once stored, nobody can mend it.

    Raises Unreadable, naming the first such word.
    """
    if not _SUSPECT.search(text) or not _BROKEN.search(text):
        return text
    word = next((one for one in text.split(" ") if _BROKEN.search(one)), text)
    raise Unreadable(
        "mojibake",
        f"«{quoted(word)}» trae letras rotas: el archivo se guardó con otra codificación. Guárdalo otra vez "
        "como CSV UTF-8 desde el programa de origen, o corrige la palabra a mano.",
    )


def read_flag(value: object) -> bool:
    """Yes or no as people and spreadsheets of several languages write it; nothing is no. Raises Unreadable."""
    word = folded(str(value).strip())
    if word in _TRUE:
        return True
    if word in _FALSE or not word:
        return False
    raise Unreadable("bad_flag", f"«{quoted(value)}» no se entiende aquí. Escribe sí o no.")


def read_day(value: object, *, first: date = FIRST_DAY) -> date:
    """A local date from `first` on, `2026-11-22` or `22/11/2026`, its year in four digits. Raises Unreadable."""
    text = str(value).strip()
    if _SHORT_YEAR.fullmatch(text):
        raise Unreadable(
            "bad_date", f"«{quoted(text)}» trae el año con dos cifras. Escribe las cuatro, por ejemplo 2026-11-22."
        )
    iso, slashed = _ISO.fullmatch(text), _SLASHED.fullmatch(text)
    parts = iso.groups() if iso else slashed.groups()[::-1] if slashed else ("0", "0", "0")
    try:
        day = date(*map(int, parts))
    except ValueError as error:
        raise Unreadable("bad_date", f"«{quoted(value)}» no es una fecha. Escríbela como 2026-11-22.") from error
    check_day(day, first=first)
    return day


def check_day(day: date, *, first: date = FIRST_DAY) -> None:
    """Refuse a day before `first`, the first of its year. Raises Unreadable."""
    if day < first:
        raise Unreadable(
            "bad_date",
            f"La fecha {dates.short(day)} es anterior al año {first.year}. Revisa el año: se escribe 2026-11-22.",
        )
