"""One font and no other: the same letters on every machine, no system font that differs (XP-08)."""

from __future__ import annotations

import io
import os
import warnings
from importlib import resources
from pathlib import Path
from typing import Any

from portal.papers.limited import scratch

_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{folder}</cachedir></fontconfig>
"""


def only_our_font() -> None:
    """Point fontconfig to a file that knows no folder of fonts; call before WeasyPrint is imported."""
    folder = scratch.folder()
    config = folder / "fonts.conf"
    config.write_text(_CONFIG.format(folder=folder))
    os.environ["FONTCONFIG_FILE"] = str(config)
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # fontTools would write the hour into every font
    warnings.filterwarnings("ignore", message="No fonts configured")


WEIGHTS = (400, 600)
_LATIN, _SIGNS = range(0x250), range(0x2000, 0x2200)
_FEATURES = ["kern", "liga", "tnum", "mark", "ccmp", "calt"]


def static_fonts() -> dict[int, bytes]:
    """The house's typeface at each weight, cut out of the variable font once at start, not once per document."""
    from fontTools.subset import Options, Subsetter  # after SOURCE_DATE_EPOCH is set
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    path = Path(str(resources.files("fontpkg_hanken_grotesk"))) / "files" / "HankenGrotesk[wght].ttf"
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = Subsetter(Options(layout_features=_FEATURES, notdef_outline=True, recalc_timestamp=False))
        subsetter.populate(unicodes=[sign for sign in font.getBestCmap() if sign in _LATIN or sign in _SIGNS])
        subsetter.subset(font)
        latin = _saved(font)
    fonts = {}
    for weight in WEIGHTS:
        font = TTFont(io.BytesIO(latin), recalcTimestamp=False)
        fonts[weight] = _saved(instantiateVariableFont(font, {"wght": weight}, inplace=True) or font)
    return fonts


def _saved(font: Any) -> bytes:
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()
