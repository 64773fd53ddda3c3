"""Photographs: JPEG, PNG and HEIC come in; one upright JPEG without EXIF or GPS is kept (UP-09)."""

from __future__ import annotations

import io
from typing import Any

import pillow_heif
from PIL import Image, ImageOps

from portal.errors import Finding, Level, RuleBroken
from portal.papers.examiner import pictures
from portal.papers.examiner.pictures import Drawn

MAX_PIXELS = 60_000_000
KEPT_SIDE = 3500  # pixels; letters on a photographed A4 page are then about 35 pixels high
KEPT_QUALITY = 88
FORMATS = {"jpeg": ["JPEG"], "png": ["PNG"], "heic": ["HEIF"]}


def warm_up() -> None:
    """Register the HEIC reader and load Pillow's own plugins before the first fork."""
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.init()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def open_photo(content: bytes, claimed: str) -> tuple[list[Finding], dict[str, Any], int, list[Drawn], bytes]:
    """Findings, facts, pages, preview, the JPEG to keep. Raises RuleBroken for what cannot be opened."""
    image = _decoded(content, FORMATS[claimed])
    kept = pictures.draw(image, 1, longest=KEPT_SIDE, quality=KEPT_QUALITY)
    findings = _legibility(image)
    facts = {"width": kept.width, "height": kept.height, "converted_from": "" if claimed == "jpeg" else claimed}
    return findings, facts, 1, [pictures.draw(image, 1)], kept.content


def _decoded(content: bytes, formats: list[str]) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        if formats == ["JPEG"]:
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # decodes at half or a quarter: a 48 Mpx photograph fits
        image.load()
        upright = ImageOps.exif_transpose(image)
        return _on_white(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (RuleBroken, MemoryError):
        raise
    except Exception as error:  # decoders answer hostile bytes with many kinds of error
        raise RuleBroken(
            "La imagen está dañada o incompleta. Vuelve a tomarla o a enviarla y súbela otra vez.", code="photo.damaged"
        ) from error


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    if max(image.size) > KEPT_SIDE:
        image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _too_many_pixels() -> RuleBroken:
    return RuleBroken(
        "La imagen tiene más de 60 megapíxeles. Tómala con la calidad normal de la cámara.",
        code="photo.too_many_pixels",
    )


def _legibility(image: Image.Image) -> list[Finding]:
    if pictures.is_tiny(*image.size):
        return [_doubt("photo.tiny", "La imagen es muy pequeña para leerla.", "Tómala de más cerca o con más calidad.")]
    if pictures.is_blank(image):
        return [_doubt("photo.blank", "La imagen parece estar en blanco.", "Revisa que sea la foto correcta.")]
    if pictures.is_blurred(image):
        return [_doubt("photo.blurred", "La imagen se ve borrosa.", "Tómala otra vez con buena luz y sin moverte.")]
    if pictures.is_sideways(image):
        cure = "Si no se lee derecha, gírala y súbela otra vez."
        return [Finding("photo.sideways", Level.WARNING, "La imagen parece estar de lado.", cure)]
    return []


def _doubt(code: str, message: str, cure: str) -> Finding:
    return Finding(code, Level.REVIEW, message, cure)
