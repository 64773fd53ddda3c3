"""Tokens only, enough contrast, small files, the same bytes every time."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from portal.design import static_files

TOKENS = (static_files.HERE / "css" / "1-tokens.css").read_text()


def _blocks() -> dict[str, dict[str, str]]:
    """The colour tokens of the three blocks: light, dark by device, dark by choice."""
    found = [
        dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})\b", block))
        for block in re.findall(r":root[^{]*\{([^}]*--paper[^}]*)\}", TOKENS)
    ]
    return dict(zip(("light", "dark", "chosen"), found, strict=True))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG ratio of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "surface-2"),
    ("ink-2", "paper"),
    ("ink-2", "surface"),
    ("ink-2", "surface-2"),
    ("on-jade", "jade"),
    ("on-jade", "jade-hover"),
    ("jade", "paper"),
    ("jade", "surface"),
    ("jade", "surface-2"),
    ("jade", "jade-tint"),
    ("jade-hover", "jade-tint"),
    ("clay", "paper"),
    ("clay", "surface"),
    ("surface", "clay"),
    ("visited", "surface"),
    ("error", "surface"),
    ("ok", "surface"),
    ("warn", "surface"),
    ("neutral", "surface"),
    ("ink", "jade-tint"),
    *((tone, f"{tone}-tint") for tone in ("ok", "warn", "error", "info", "neutral")),
    *(("ink", f"{tone}-tint") for tone in ("ok", "warn", "error", "info", "neutral")),
    *(("jade", f"{tone}-tint") for tone in ("ok", "warn", "error", "info")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "behind"), TEXT_PAIRS)
def test_text_is_legible_on_what_lies_behind_it(theme: str, text: str, behind: str) -> None:
    tokens = _blocks()[theme]
    assert contrast(tokens[text], tokens[behind]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("behind", ["paper", "surface", "surface-2"])
def test_the_edge_of_a_control_is_seen(theme: str, behind: str) -> None:
    tokens = _blocks()[theme]
    assert contrast(tokens["edge"], tokens[behind]) >= 3
    assert contrast(tokens["clay"], tokens[behind]) >= 3  # the focus ring


def test_dark_by_choice_is_the_dark_of_the_device() -> None:
    blocks = _blocks()
    assert blocks["dark"] == blocks["chosen"]
    assert set(blocks["dark"]) <= set(blocks["light"])


def test_colours_live_in_the_tokens_only() -> None:
    others = [path for path in static_files.sources("css") if path.name != "1-tokens.css"]
    assert others
    for path in others:
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", path.read_text()) == [], path.name


def test_every_token_used_is_declared() -> None:
    declared = set(re.findall(r"(--[\w-]+):", TOKENS))
    used = set(re.findall(r"var\((--[\w-]+)", static_files.stylesheet()))
    assert used <= declared


def test_every_class_a_component_uses_is_drawn() -> None:
    css = static_files.stylesheet() + static_files.script()
    folder = Path(__file__).resolve().parents[2] / "templates"
    unknown = set()
    for path in [*(folder / "components").glob("*.html"), *(folder / "layouts").glob("*.html")]:
        source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text())
        for name in {name for names in re.findall(r'class="([^"]*)"', source) for name in names.split()}:
            if not re.search(rf"[.\"']{re.escape(name)}(?![\w-])", css):
                unknown.add(name)
    assert unknown == {"k-"}, "only the beginning of a class that is finished by a value"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("made")
    assert static_files.make(target) is True
    return target


def test_what_is_made_keeps_the_budget(made: Path) -> None:
    """What a first page may weigh: CSS ≤ 15 kB, JS ≤ 30 kB with htmx (ours ≤ 12), font ≤ 40 kB."""
    weigh = lambda name: len(gzip.compress((made / name).read_bytes()))  # noqa: E731
    assert weigh("css/cauce.css") <= 15_000
    assert weigh("js/cauce.js") <= 12_000
    assert weigh("js/cauce.js") + weigh("js/htmx.js") <= 30_000
    assert (made / "fonts/hanken.woff2").stat().st_size <= 40_000


def test_making_again_changes_nothing(made: Path) -> None:
    """Another process made what the portal serves, before this one began; it is made anew only if that is old."""
    served = settings.ROOT / "static_build" / "made"
    static_files.make(served)
    assert [static_files.make(folder) for folder in (made, served)] == [False, False]
    for name in ("css/cauce.css", "js/cauce.js", "js/htmx.js", "fonts/hanken.woff2"):
        assert (made / name).read_bytes() == (served / name).read_bytes()


def test_the_script_is_one_file_without_imports_or_inline_power() -> None:
    script = static_files.script()
    assert not re.search(r"^\s*(import|export) ", script, flags=re.MULTILINE)
    for word in ("eval(", "innerHTML", "insertAdjacentHTML", "document.write", ".style.", "new Function"):
        assert word not in script


def test_the_font_writes_spanish(made: Path) -> None:
    from fontTools.ttLib import TTFont

    letters = TTFont(made / "fonts/hanken.woff2").getBestCmap()
    assert all(ord(letter) in letters for letter in "ÁÉÍÓÚÜÑáéíóúüñ¿¡«»–—…·$€0123456789")


def test_the_command_says_what_it_did(settings, tmp_path, capsys, monkeypatch) -> None:
    """The fonts alone take seconds: they were made above, and are left out here."""
    settings.ROOT, target = tmp_path, tmp_path / "static_build" / "made"
    monkeypatch.setattr(static_files, "_write_font", lambda path: static_files._write(path, b"font"))
    monkeypatch.setattr(static_files, "static_fonts", dict)
    call_command("make_static")
    assert (target / "css/cauce.css").read_text() == static_files.stylesheet()
    call_command("make_static")
    assert capsys.readouterr().out.splitlines() == [
        "Archivos estáticos armados.",
        "Los archivos estáticos ya estaban al día.",
    ]
