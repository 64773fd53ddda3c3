"""A barcode of ours is read back by a decoder that is not ours (domain 2.8)."""

from __future__ import annotations

import re
import string

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from portal.papers.barcodes import code128_svg, code128_values

PRINTABLE = "".join(chr(code) for code in range(32, 127))


def drawn(svg: str) -> Image.Image:
    """The bars of an SVG as a picture, three pixels a module."""
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    picture = Image.new("L", (3 * width, 3 * height), 255)
    pen = ImageDraw.Draw(picture)
    for x, bar in re.findall(r"M(\d+) 0h(\d+)v", svg.split("#000000")[1]):
        pen.rectangle((3 * int(x), 0, 3 * (int(x) + int(bar)) - 1, 3 * height), fill=0)
    return picture


def read(text: str) -> list[tuple[str, str]]:
    found = zxingcpp.read_barcodes(drawn(code128_svg(text, label="Referencia")))
    return [(str(code.format).rsplit(".", 1)[-1], code.text) for code in found]


@pytest.mark.parametrize(
    "text",
    [
        "00003Y10101396539",
        "FP-2026-000001",
        "1234",
        "12345",
        "A1234567B",
        "AB12CD",
        "12AB3456",
        "A12345",
        "7",
        "~",
        PRINTABLE[:48],
        PRINTABLE[48:],
        "".join(f"{number:02d}" for number in range(50)),
        "".join(f"{number:02d}" for number in range(50, 100)),
    ],
)
def test_what_is_drawn_is_read_back(text: str) -> None:
    ((kind, found),) = read(text)
    assert (kind.lower().replace(" ", ""), found) == ("code128", text)


@settings(max_examples=40)
@given(st.text(string.ascii_uppercase + string.digits + "-/ ", min_size=1, max_size=30))
def test_any_reference_is_read_back(text: str) -> None:
    assert [found for _kind, found in read(text)] == [text]


def test_digits_take_half_the_room_and_what_cannot_be_drawn_is_told() -> None:
    assert code128_values("123456") == [105, 12, 34, 56, 44, 106]
    assert code128_values("Wikipedia") == [104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88, 106]
    for wrong in ("", "Ñ", "a\n"):
        with pytest.raises(ValueError, match="ASCII"):
            code128_values(wrong)
    assert "aria-label='Ficha \"1\" &lt;'" in code128_svg("1", label='Ficha "1" <')
