"""Files for these tests, good and hostile, all made here."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterable

import pillow_heif
import pypdf
from PIL import Image, ImageDraw
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

INVOICE = b'<?xml version="1.0" encoding="UTF-8"?><c:Comprobante xmlns:c="http://www.sat.gob.mx/cfd/4" Version="4.0"/>'


def pdf(text: str = "Estado de cuenta", *, pages: int = 1) -> bytes:
    """A small honest PDF with one line of text a page."""
    return written(document(text, pages=pages))


def document(text: str = "Estado de cuenta", *, pages: int = 1) -> pypdf.PdfWriter:
    """The same, still open for changes."""
    writer = pypdf.PdfWriter()
    font = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    for number in range(1, pages + 1):
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 18 Tf 72 700 Td ({text} {number}) Tj ET".encode("latin-1"))
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream)
    return writer


def written(writer: pypdf.PdfWriter) -> bytes:
    """The bytes of a document, ending at %%EOF."""
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def with_action(kind: str, *, apart: bool = False) -> bytes:
    """A PDF that does something when opened; `apart`: the name of the act is an object of its own."""
    writer = document()
    action = DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("algo")})
    if apart:
        action[NameObject("/S")] = writer._add_object(action.raw_get("/S"))
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    return written(writer)


def with_object(thing: DictionaryObject, *, apart: Iterable[str] = ()) -> bytes:
    """A PDF that holds one more object, used by nobody; entries named `apart` are objects of their own."""
    writer = document()
    for name in apart:
        held = thing.raw_get(name)
        parts = [writer._add_object(one) for one in held] if isinstance(held, ArrayObject) else []
        thing[NameObject(name)] = writer._add_object(ArrayObject(parts) if parts else held)
    writer.root_object[NameObject("/Piece")] = writer._add_object(thing)
    return written(writer)


def with_link(address: str, *, base: str = "", apart: Iterable[str] = ()) -> bytes:
    """A PDF with a link to an address, as the SAT and banks print them; `base`: what the catalogue joins it to."""
    action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): in_bytes(address)}
    if base:
        action[NameObject("/Piece")] = DictionaryObject({NameObject("/Base"): in_bytes(base)})
    return with_object(DictionaryObject(action), apart=apart)


def in_bytes(address: str) -> ByteStringObject | TextStringObject:
    """As a PDF writes it: in bytes where a letter has no place in the PDF's alphabet."""
    return ByteStringObject(address.encode("latin-1")) if "\x9f" in address else TextStringObject(address)


def with_stream(data: bytes = b"", *, apart: Iterable[str] = (), **entries: str | int) -> bytes:
    """A PDF with one stream of these bytes; texts are names."""
    stream = DecodedStreamObject()
    stream.set_data(data)
    for name, value in entries.items():
        stream[NameObject(f"/{name}")] = NumberObject(value) if isinstance(value, int) else NameObject(f"/{value}")
    return with_object(stream, apart=apart)


def with_image(
    data: bytes = b"\x00", *, wide: int = 10, high: int = 10, packed: str = "", apart: Iterable[str] = ()
) -> bytes:
    """A PDF with one image that says how large it is and how it is packed."""
    kept = {"Filter": packed} if packed else {}
    return with_stream(
        data, Subtype="Image", Width=wide, Height=high, ColorSpace="DeviceGray", BitsPerComponent=1, apart=apart, **kept
    )


def with_fax(*, apart: Iterable[str] = ()) -> bytes:
    """A PDF with an image whose unpacker is told a larger size, in a list of its own."""
    told = DictionaryObject({NameObject("/Columns"): NumberObject(9000), NameObject("/Rows"): NumberObject(9000)})
    stream = DecodedStreamObject()
    stream.set_data(b"\x00")
    stream[NameObject("/Subtype")] = NameObject("/Image")
    stream[NameObject("/DecodeParms")] = ArrayObject([told])
    return with_object(stream, apart=apart)


def with_program(entry: str = "/EF", *, apart: Iterable[str] = ()) -> bytes:
    """A PDF that carries a program in a stream that does not say what it is."""
    writer = document()
    stream = DecodedStreamObject()
    stream.set_data(b"MZ program")
    held = writer._add_object(stream)
    listed = ArrayObject([TextStringObject("b.exe"), held]) if entry == "/RF" else held
    files = DictionaryObject({NameObject("/F"): listed})
    spec = DictionaryObject({NameObject("/F"): TextStringObject("a.exe"), NameObject(entry): files})
    for name in apart:
        spec[NameObject(name)] = writer._add_object(spec.raw_get(name))
    writer.root_object[NameObject("/Piece")] = writer._add_object(spec)
    return written(writer)


def with_javascript() -> bytes:
    """A PDF with a script in its name tree."""
    writer = document()
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("uno"), writer._add_object(script)])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})
    return written(writer)


def with_form_xfa() -> bytes:
    """A PDF with an XFA form."""
    writer = document()
    stream = DecodedStreamObject()
    stream.set_data(b"<xdp/>")
    form = DictionaryObject({NameObject("/XFA"): writer._add_object(stream), NameObject("/Fields"): ArrayObject()})
    writer.root_object[NameObject("/AcroForm")] = form
    return written(writer)


def with_attachments(*files: tuple[str, bytes]) -> bytes:
    """A PDF that carries files."""
    writer = document()
    for name, content in files:
        writer.add_attachment(name, content)
    return written(writer)


def hidden_in_object_stream() -> bytes:
    """A PDF 1.5 whose JavaScript action lies in a compressed object stream, its name spelled /Java#53cript."""
    inner = b"<</S/Java#53cript/JS(app.alert(1))>>"
    packed = zlib.compress(b"4 0 " + inner)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        5: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    }
    out, places = bytearray(b"%PDF-1.5\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    rows = [
        (0, 0, 65535),
        (1, places[1], 0),
        (1, places[2], 0),
        (1, places[3], 0),
        (2, 5, 0),
        (1, places[5], 0),
        (1, start, 0),
    ]
    table = zlib.compress(b"".join(struct.pack("!BIH", *row) for row in rows))
    head = b"<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>" % len(table)
    out += b"6 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (head, table)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def flate_bomb() -> bytes:
    """A page whose content grows from 300 KB to 300 MB."""
    packed = zlib.compress(b"q Q " * 75_000_000, 9)
    writer = document()
    stream = pypdf.generic.StreamObject()
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    return written(writer)


def deep_arrays(depth: int = 50_000) -> bytes:
    """A PDF whose catalogue holds arrays in arrays."""
    content = pdf()
    return content.replace(b"/Type /Catalog", b"/Type /Catalog /Deep " + b"[" * depth + b"]" * depth, 1)


def huge_page() -> bytes:
    """A page six metres wide."""
    writer = document()
    box = ArrayObject([NumberObject(0), NumberObject(0), FloatObject(6 / 0.0254 * 72), NumberObject(792)])
    writer.pages[0][NameObject("/MediaBox")] = box
    return written(writer)


def unit_apart(unit: int) -> bytes:
    """A page whose unit of length is an object of its own."""
    writer = document()
    writer.pages[0][NameObject("/UserUnit")] = writer._add_object(NumberObject(unit))
    return written(writer)


def locked(*, user: str, owner: str) -> bytes:
    """A PDF encrypted with AES-256."""
    writer = document()
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    return written(writer)


def photo(
    width: int = 900, height: int = 1200, *, kind: str = "JPEG", gps: bool = False, orientation: int = 1
) -> bytes:
    """A sharp photograph of a page with lines of writing; its left upper corner is red."""
    image = Image.new("RGB", (width, height), "white")
    pen, seed = ImageDraw.Draw(image), random.Random(7)
    for line in range(80, height - 40, 24):
        for start in range(40, width - 60, 30):
            pen.rectangle((start, line, start + seed.randint(4, 24), line + 10), fill="black")
    pen.rectangle((0, 0, width // 8, height // 8), fill=(255, 0, 0))
    pillow_heif.register_heif_opener()
    target = io.BytesIO()
    exif = Image.Exif()
    if gps or orientation != 1:
        exif[0x0112] = orientation
        exif[0x010F] = "CamaraSecreta"
        if gps:
            exif.get_ifd(0x8825).update({1: "N", 2: (20.0, 40.0, 0.0), 3: "W", 4: (103.0, 21.0, 0.0)})
    image.save(target, kind, quality=90, **({"exif": exif.tobytes()} if gps or orientation != 1 else {}))
    return target.getvalue()


def plain_photo(*, colour: str = "white", size: tuple[int, int] = (900, 1200), blur: bool = False) -> bytes:
    """A blank photograph, or one without a sharp edge."""
    image = Image.new("RGB", size, colour)
    if blur:
        shades = Image.linear_gradient("L").resize(size)
        image = Image.merge("RGB", (shades, shades, shades))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90)
    return target.getvalue()


def png_bomb(side: int = 30_000) -> bytes:
    """A PNG of 900 megapixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    head = struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + side // 8)
    body = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def billion_laughs() -> bytes:
    """Entities of entities."""
    lines = ['<!DOCTYPE z [<!ENTITY a0 "ja">']
    lines += [f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)]
    return ("<?xml version='1.0'?>" + "".join(lines) + "]><z>&a9;</z>").encode()
