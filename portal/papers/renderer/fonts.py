"""One font and no other: the same letters on every machine, no system font that differs (XP-08)."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import tempfile
import warnings
from importlib import resources
from pathlib import Path

_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{folder}</cachedir></fontconfig>
"""


def only_our_font() -> None:
    """Point fontconfig to a file that knows no folder of fonts; call before WeasyPrint is imported."""
    folder = Path(tempfile.mkdtemp(prefix="cauce-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = folder / "fonts.conf"
    config.write_text(_CONFIG.format(folder=folder))
    os.environ["FONTCONFIG_FILE"] = str(config)
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # fontTools would write the hour into every font
    warnings.filterwarnings("ignore", message="No fonts configured")


WEIGHTS = (400, 500, 600, 700)


def weight_of_font(weight: int) -> bytes:
    """The house's typeface at one weight: cut out of the variable font once, not once per document."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - after SOURCE_DATE_EPOCH is set
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    path = Path(str(resources.files("fontpkg_hanken_grotesk"))) / "files" / "HankenGrotesk[wght].ttf"
    target = io.BytesIO()
    with TTFont(path, recalcTimestamp=False) as font:
        instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=False)
        font.save(target)
    return target.getvalue()
