"""Makes the served files out of their sources: one stylesheet, one script, htmx, the font's Latin subset.

Nothing made is committed. The same sources and package versions always give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from portal.design import fonts
from portal.design.fonts import static_fonts

HERE = Path(__file__).parent

# Basic Latin, Latin-1, the Latin Extended-A letters of names, and the marks our screens write: – — ‘ ’ “ ” • … € − ≤ ≥
CHARACTERS = [*range(0x20, 0x7F), *range(0xA0, 0x17F), 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026]
CHARACTERS += [0x20AC, 0x2212, 0x2264, 0x2265, 0x00D7, 0x2192]


def make(target: Path) -> bool:
    """Write css/cauce.css, js/cauce.js, js/htmx.js and the fonts below `target`; False when already so.

    `fonts/hanken.woff2` is the screens' face, `fonts/hanken-400.ttf` and `-600` those of a list as PDF.
    """
    stamp = target / ".made"
    made_of = _fingerprint()
    if stamp.is_file() and stamp.read_text() == made_of:
        return False
    _write(target / "css" / "cauce.css", stylesheet().encode())
    _write(target / "js" / "cauce.js", script().encode())
    _write(target / "js" / "htmx.js", files("django_htmx").joinpath("static/django_htmx/htmx-2.min.js").read_bytes())
    _write_font(target / "fonts" / "hanken.woff2")
    for weight, face in static_fonts().items():
        _write(target / "fonts" / f"hanken-{weight}.ttf", face)
    _write(stamp, made_of.encode())
    return True


def sources(kind: str) -> list[Path]:
    """The source files of one kind (`css` or `js`) in the order of their names."""
    return sorted((HERE / kind).glob(f"*.{kind}"))


def stylesheet() -> str:
    """Every component's CSS, one after the other, without comments and indentation."""
    text = "\n".join(path.read_text() for path in sources("css"))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\n+", "\n", re.sub(r"^[ \t]+|[ \t]+$", "", text, flags=re.MULTILINE)).strip() + "\n"


def script() -> str:
    """Every module in one: `0-core.js` first, each other file in its own block so that its names stay its own."""
    core, *others = [_without_traffic(path.read_text()) for path in sources("js")]
    return core + "".join(f"{{\n{text}}}\n" for text in others)


def _without_traffic(text: str) -> str:
    text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^export (?=function|const|class|async)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*//.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in [Path(__file__), Path(str(fonts.__file__)), *sources("css"), *sources("js")]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("django-htmx", "fontpkg-hanken-grotesk", "fonttools", "brotli"):
        digest.update(f"{package} {version(package)}\n".encode())
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)  # whole or not at all, even with two processes at once


def _write_font(path: Path) -> None:
    """The variable font for Latin text: every weight in one file of less than 40 kB."""
    from fontTools import subset  # slow to import and needed only here
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    source = files("fontpkg_hanken_grotesk").joinpath("files/HankenGrotesk[wght].ttf")
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "liga", "mark", "mkmk", "ccmp", "locl"], hinting=False
    )
    options.name_IDs = [0, 1, 2, 13, 14]  # the licence travels with the file
    font = TTFont(io.BytesIO(source.read_bytes()), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    _write(path, out.getvalue())
