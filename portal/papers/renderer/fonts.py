"""One font and no other: the same letters on every machine, no system font that differs (XP-08)."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
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


def font_file() -> Path:
    """The TrueType file of the house's typeface."""
    return Path(str(resources.files("fontpkg_hanken_grotesk"))) / "files" / "HankenGrotesk[wght].ttf"
