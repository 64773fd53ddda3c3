"""Pages as JPEG, and whether a person could read them (N4)."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageFilter, ImageStat

LONGEST_SIDE = 1600
QUALITY = 80
BLANK_BELOW = 2.0  # standard deviation of grey on a page without a word
BLURRED_BELOW = 4.0  # standard deviation of the edges of a focused page is 15 and more
READABLE_SIDE = 600  # pixels: a shorter long side shows no line of a statement
# Lines of writing make a page's rows restless, 3 to 18 times as much as its columns; upright pages with few words 0.2.
SIDEWAYS_FROM, SIDEWAYS_TIMES = 0.5, 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as JPEG bytes."""

    number: int
    width: int
    height: int
    content: bytes = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """What goes ahead of the bytes."""
        return {"number": self.number, "width": self.width, "height": self.height, "size": len(self.content)}


def draw(image: Image.Image, number: int, *, longest: int = LONGEST_SIDE, quality: int = QUALITY) -> Drawn:
    """A picture as a fresh JPEG without any metadata, its long side at most `longest` pixels."""
    plain = image if image.mode in {"RGB", "RGBX", "L"} else image.convert("RGB")
    if max(plain.size) > longest:
        scale = longest / max(plain.size)
        size = (max(1, round(plain.width * scale)), max(1, round(plain.height * scale)))
        plain = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    target = io.BytesIO()
    plain.save(target, "JPEG", quality=quality, optimize=False, exif=b"", icc_profile=None, comment=b"")
    return Drawn(number, plain.width, plain.height, target.getvalue())


def is_blank(image: Image.Image) -> bool:
    """Whether nothing is on the page."""
    return _spread(_small_grey(image)) < BLANK_BELOW


def is_blurred(image: Image.Image) -> bool:
    """Whether the page has no sharp edge; ask only for photographs and scans, and not for blank pages."""
    grey = image.convert("L")
    grey.thumbnail((1000, 1000), Image.Resampling.BILINEAR)
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 4, -1, 0, -1, 0), scale=1, offset=128))
    return _spread(edges.crop((1, 1, edges.width - 1, edges.height - 1))) < BLURRED_BELOW


def is_sideways(image: Image.Image) -> bool:
    """Whether its lines of writing run up or down, not across; ask only for photographs and scans.

    It is a guess (a picture of no page has lines too): say it, refuse nothing for it.
    """
    grey = image.convert("L")
    grey.thumbnail((600, 600), Image.Resampling.BILINEAR)
    rows, columns = (_unrest(grey.resize(size, Image.Resampling.BOX)) for size in ((1, grey.height), (grey.width, 1)))
    return columns > max(SIDEWAYS_FROM, SIDEWAYS_TIMES * rows)


def _unrest(profile: Image.Image) -> float:
    """How much neighbours of a line of pixels differ, its few strongest steps (the edges of a page) left out."""
    pixels = profile.tobytes()
    steps = sorted((one - other) ** 2 for one, other in zip(pixels[1:], pixels, strict=False))
    return sum(steps[: len(steps) * 49 // 50]) / max(len(steps), 1)


def is_tiny(width: int, height: int) -> bool:
    """Whether there are too few pixels to read a document."""
    return max(width, height) < READABLE_SIDE


def _small_grey(image: Image.Image) -> Image.Image:
    grey = image.convert("L")
    grey.thumbnail((400, 400), Image.Resampling.BILINEAR)
    return grey


def _spread(grey: Image.Image) -> float:
    return float(ImageStat.Stat(grey).stddev[0])
