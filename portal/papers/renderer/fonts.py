"""One font and no other: the same letters on every machine, no system font that differs (XP-08)."""

from __future__ import annotations

import os
import warnings

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
