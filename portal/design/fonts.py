"""The house's typeface as a PDF takes it: at fixed weights, the letters that we write and no others."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path
from typing import Any

WEIGHTS = (400, 600)
_LATIN, _SIGNS = range(0x250), range(0x2000, 0x2200)
_POSTSCRIPT_NAME = 6  # a PDF tells faces apart by it
_FEATURES = ["kern", "liga", "tnum", "mark", "ccmp", "calt"]


def static_fonts() -> dict[int, bytes]:
    """The typeface at each weight, cut out of the variable font: seconds, so once a process or at set-up."""
    from fontTools.subset import Options, Subsetter  # after the renderer said from when its fonts are
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
        face = instantiateVariableFont(font, {"wght": weight}, inplace=True) or font
        face["name"].setName(f"HankenGrotesk-{weight}", _POSTSCRIPT_NAME, 3, 1, 0x409)
        fonts[weight] = _saved(face)
    return fonts


def _saved(font: Any) -> bytes:
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()
