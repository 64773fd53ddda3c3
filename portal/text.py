"""The one cleaner of typed text: NFC, nothing invisible, nothing that reorders what one sees (UP-04, C7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from portal.errors import RuleBroken

# Marks and overrides that make text read in another order than it is stored.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters by category that nobody can see: Hangul fillers, Braille blank, combining joiner.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180e")
# Categories without a picture of their own: formats, controls, unassigned, blanks, combining marks alone.
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"})
_MULTILINE_CONTROLS = frozenset("\n\t")
_BLANKS = re.compile(r"[^\S\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MAX_FILENAME = 255
# Names that Windows keeps for devices, with whatever ending: a file of that name cannot be saved or opens a device.
RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}
)
# Variation selectors are marks by category; those for emoji (U+FE0F) come with names that telephones give.
_VARIANTS = frozenset(chr(code) for code in range(0xFE00, 0xFE0F))


def clean_text(value: str, *, max_length: int, multiline: bool = False, what: str = "El texto") -> str:
    """What a person typed, composed (NFC) and trimmed; single-line text has its runs of blanks made one.

    Raises RuleBroken for control characters, lone surrogates, direction overrides, text that nobody can see, or more
    than `max_length` characters; each names `what` it is. Empty text stays empty: the form says whether it may.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n") if multiline else value)
    text = text.strip() if multiline else _BLANKS.sub(" ", text).strip(" ")
    allowed = _MULTILINE_CONTROLS if multiline else frozenset()
    if found := refused_characters(text, allowed=allowed):
        raise RuleBroken(
            f"{what} trae caracteres que no se ven y no se pueden guardar ({', '.join(found)}). "
            "Bórralo y escríbelo de nuevo.",
            code="text_controls",
        )
    if text and not has_visible(text):
        raise RuleBroken(f"{what} solo trae caracteres que no se ven. Escríbelo de nuevo.", code="text_invisible")
    if len(text) > max_length:
        raise RuleBroken(
            f"{what} tiene {len(text):,} caracteres y caben {max_length:,}. Acórtalo un poco.", code="text_too_long"
        )
    return text


def check_filename(name: str) -> str:
    """The name as sent. Accents, spaces, signs are welcome (C7); controls, path separators, direction marks not."""
    found = refused_characters(name, allowed=frozenset())
    if has_visible(name):
        found += [f"U+{ord(letter):04X}, que no se ve" for letter in dict.fromkeys(name) if _is_unseen(letter)]
    found += [f"«{sign}»" for sign in "/\\" if sign in name]
    if found:
        raise RuleBroken(
            f"El nombre del archivo trae {', '.join(found)}. Cámbiale el nombre en tu equipo y súbelo otra vez.",
            code="filename_characters",
        )
    if not name.strip(" .") or not has_visible(name):
        raise RuleBroken("El archivo no tiene nombre. Ponle uno en tu equipo y súbelo otra vez.", code="filename_empty")
    if len(name) > MAX_FILENAME:
        raise RuleBroken(
            f"El nombre del archivo tiene {len(name)} caracteres y caben {MAX_FILENAME}. Acórtalo y súbelo otra vez.",
            code="filename_too_long",
        )
    return name


def display_name(name: str) -> str:
    """A name that is safe on any page, in any header and on any disk, whatever was stored; never empty."""
    composed = unicodedata.normalize("NFC", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1])
    seen = (letter for letter in composed if not _is_unseen(letter))
    kept = "".join("_" if is_refused(letter) or letter in '<>:"|?*' else letter for letter in seen)
    plain = re.sub(r"\s+", " ", kept).strip(" .")[:MAX_FILENAME] if has_visible(kept.strip(" .")) else "archivo"
    return f"_{plain}"[:MAX_FILENAME] if plain.partition(".")[0].strip().upper() in RESERVED else plain


def is_shown_apart(name: str) -> bool:
    """Whether `display_name` shows a name otherwise than it came, to the eye: the page says so in one line (C7)."""
    seen = "".join(letter for letter in unicodedata.normalize("NFC", name) if not _is_unseen(letter))
    return re.sub(r"\s+", " ", seen).strip(" ") != display_name(name)


def _is_unseen(letter: str) -> bool:
    """Whether it takes no place on the screen: two names look the same. Line and direction marks: `is_refused`."""
    unseen = letter in _BLANK_LETTERS or unicodedata.category(letter) == "Cf" or letter in _VARIANTS
    return unseen and not is_refused(letter)


def folded(text: str) -> str:
    """For comparing whatever two people or machines wrote: no case, no accents, ñ as n, compatibility letters plain."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    for mark in {letter for letter in set(bare) if unicodedata.combining(letter)}:
        bare = bare.replace(mark, "")
    return bare


def is_like_folio(text: str) -> bool:
    """Whether a text has the form of a folio of the portal from its first letter to its last figure, in any case."""
    return re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,12})?-\d{4}-\d{6,}", text.upper(), re.ASCII) is not None


def search_key(text: str) -> str:
    """What Spanish search and order compare: lower case, no accents, ñ kept apart and after n (D14).

    Not `folded`: that takes the tilde of ñ too, and makes letters plain that stored names keep (NFC) and a search of
    the database meets as they stand.
    """
    lowered = unicodedata.normalize("NFC", text).casefold().replace("ñ", "n\uffff")
    bare = "".join(letter for letter in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(letter))
    return re.sub(r"\s+", " ", bare.replace("n\uffff", "n~")).strip()


_ALIKE = {letter: group for group in ("aáàâä", "eéèêë", "iíìîï", "oóòôö", "uúùûü", "nñ") for letter in group[:1]}


def name_pattern(text: str) -> str:
    """A regular expression that finds a name however it was typed: case, accents, ñ as n, blanks (PostgreSQL, Python).

    For searching only; order keeps ñ after n (`search_key`).
    """
    return "".join(_any_case(letter) for letter in search_key(text).replace("n~", "n"))


def _any_case(letter: str) -> str:
    if letter == " ":
        return r"\s+"
    if not letter.isalnum():
        return re.escape(letter)
    group = _ALIKE.get(letter, letter)
    both = "".join(dict.fromkeys(group + group.upper()))
    return f"[{both}]" if len(both) > 1 else both


def refused_characters(text: str, *, allowed: frozenset[str]) -> list[str]:
    """Each kind of character that may not be stored, as `U+202E`, in order of appearance."""
    if text.isprintable():  # none of those categories, direction overrides (formats) included: most texts end here
        return []
    found = dict.fromkeys(letter for letter in text if letter not in allowed and is_refused(letter))
    return [f"U+{ord(letter):04X}" for letter in found]


def is_refused(letter: str) -> bool:
    """Controls, line separators, lone surrogates and direction overrides."""
    return letter in _BIDI or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """JSON values whose texts a column can hold: PostgreSQL takes no NUL and no half of a surrogate pair."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(name): storable(held) for name, held in value.items()}
    return [storable(held) for held in value] if isinstance(value, list | tuple) else value


def has_visible(text: str) -> bool:
    """Whether anything of it can be seen: not only blanks, zero-width marks and letters without a picture."""
    if text[:1].isascii() and text[:1].isalnum():  # most texts end here
        return True
    return any(letter not in _BLANK_LETTERS and unicodedata.category(letter) not in _UNSEEN for letter in text)


def decode_text(content: bytes) -> tuple[str, str]:
    """(text, encoding) of a bank's or insurer's file: UTF-8 or UTF-16, with mark or without, Windows-1252, Latin-1.

    What is no text comes back with its NULs: whoever asks refuses it.
    """
    for encoding in (_wide(content), "utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def _wide(content: bytes) -> str:
    """The UTF-16 that these bytes are, by their mark or, unmarked, by the NUL beside each letter; else UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = content[::2].count(0), content[1::2].count(0)
    for empty, full, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if not full and empty > len(content) * _MOSTLY / 2:
            start = content[:200].decode(encoding, "replace")
            return "utf-8-sig" if refused_characters(start, allowed=frozenset("\t\r\n")) else encoding
    return "utf-8-sig"


_MOSTLY = 0.9  # a dash or a curly quote has no NUL beside it


def listed(names: Iterable[str]) -> str:
    """`A`, `A y B`, `A, B y C`."""
    *others, last = [*names] or [""]
    return f"{', '.join(others)} y {last}" if others else last
