"""What no seal covers never refuses a CFDI, and nothing that a parser could take for something else is ever cut."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal import clock
from portal.errors import RuleBroken
from portal.fiscal import checks
from portal.papers import kinds, outside, services, xml
from portal.papers.selectors import open_file
from portal.papers.upload import EncryptedUpload
from portal.people.models import User
from tests.factories import papers
from tests.factories.people import own_party

SAT = "http://www.sat.gob.mx/cfd/4"
DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD = f'<cfdi:Comprobante xmlns:cfdi="{SAT}" xmlns:otro="{SAT}" xmlns:x="urn:x" Version="4.0">'.encode()
STAMP = b'<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" UUID="1"/>'
BODY = b'<cfdi:Emisor Rfc="A"/><!-- nota --><cfdi:Complemento><x:t v="1>0"/>' + STAMP + b"</cfdi:Complemento>"
TAIL = b"</cfdi:Comprobante>"
PLAIN = DECLARED + HEAD + BODY + TAIL
BOM = b"\xef\xbb\xbf"


def canonical(content: bytes) -> bytes:
    return etree.tostring(xml.parse(content), method="c14n")


def with_addenda(addenda: bytes) -> bytes:
    return DECLARED + HEAD + BODY + addenda + TAIL


def code_of(content: bytes) -> str:
    with pytest.raises(RuleBroken) as caught:
        xml.parse(content)
    return caught.value.code


# --- around the document ---------------------------------------------------------------------------------------------

NOISE = {
    "line": b"\r\n",
    "blanks": b" \t\n \n",
    "nul": b"\x00\x00",
    "mark": BOM,
    "two marks": BOM + BOM,
    "mark encoded twice": "ï»¿".encode(),
    "all of them": b"\n\x00" + BOM + b" \xc2\xa0\n",
    "form feed": b"\x0c\x0b",
    "blanks of Unicode": "\u00a0\u2003\u200b\u2028\u3000".encode(),
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize("declared", [DECLARED, b""], ids=["declared", "bare"])
def test_noise_around_the_document_is_not_seen(noise: bytes, declared: bytes) -> None:
    plain = declared + HEAD + BODY + TAIL
    for content in (noise + plain, plain + noise, noise + plain + noise, declared + noise + HEAD + BODY + TAIL):
        assert canonical(content) == canonical(PLAIN)
        assert kinds.mismatch("factura.xml", content[:4096], {"xml"}) is None


@pytest.mark.parametrize(
    "content",
    [
        b"hola " + PLAIN,
        PLAIN + b" adios",
        PLAIN + PLAIN,
        PLAIN + b"<a/>",
        PLAIN.replace(b"nota", b"no\x00ta"),
        PLAIN + b"\x00<!-- fin -->",
        PLAIN.decode().encode("utf-16"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("utf-16-be"),
        PLAIN.decode().encode("utf-32"),
        b"\xff\xfe" + PLAIN,
        b"\n" * 10,
    ],
)
def test_whatever_else_stands_outside_is_refused(content: bytes) -> None:
    assert code_of(content) in {"xml_malformed", "xml_not_utf8"}


def test_a_fault_is_told_by_the_line_of_the_file_as_sent() -> None:
    with pytest.raises(RuleBroken, match="línea 5"):
        xml.parse(b"\n\n" + DECLARED + b"\n<a><b></a>")


def test_blanks_longer_than_what_is_looked_at_first_are_no_other_kind_of_file() -> None:
    assert kinds.mismatch("factura.xml", b" " * 4096, {"xml"}) is None
    assert kinds.mismatch("factura.pdf", b" " * 4096, {"pdf"}) is not None


# --- the SAT's own slip ----------------------------------------------------------------------------------------------

SLIP = b'xmlns:schemaLocation="http://www.sat.gob.mx/r http://www.sat.gob.mx/r.xsd"'


@pytest.mark.parametrize(
    "slip", [SLIP, SLIP.replace(b'"', b"'"), SLIP.replace(b"=", b" =\n"), SLIP.replace(b"r ", b"r\n")]
)
@pytest.mark.parametrize("place", [b"<cfdi:Comprobante", b"<cfdi:Emisor", b"<x:t"])
def test_a_schema_location_that_was_declared_as_a_prefix_is_not_seen(slip: bytes, place: bytes) -> None:
    assert canonical(PLAIN.replace(place, place + b" " + slip)) == canonical(PLAIN)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(b'Rfc="A"', b"Rfc=\"A xmlns:schemaLocation='a b'\""),
        PLAIN.replace(b"nota", b"<a " + SLIP + b"/>"),
        PLAIN.replace(b"<!-- nota -->", b"<x:c><![CDATA[<a " + SLIP + b"/>]]></x:c>"),
        PLAIN.replace(b"<!-- nota -->", b"<?nota <a " + SLIP + b"/>?>"),
        PLAIN.replace(b"<!-- nota -->", b'<x:c xmlns:schemaLocation="urn:y"><schemaLocation:d/></x:c>'),
        PLAIN.replace(b"nota", b"<cfdi:Addenda>"),
        PLAIN.replace(b'Rfc="A"', b'Rfc="cfdi:Addenda>"'),
        PLAIN.replace(b"<x:t", b"<cfdi:Addenda/><x:t"),
        PLAIN.replace(b"cfdi:Comprobante", b"cfdi:Otro").replace(b"<!-- nota -->", b"<cfdi:Addenda/>"),
        PLAIN.replace(b"<!-- nota -->", b'<z:Addenda xmlns:z="urn:z"/>'),
        PLAIN,
    ],
)
def test_what_only_looks_like_it_is_left_as_it_stands(content: bytes) -> None:
    assert outside.cut(content) == content
    assert xml.parse(content) is not None


def test_a_prefix_that_somebody_uses_is_not_mended() -> None:
    slipped = HEAD.replace(b" Version", b" " + SLIP + b" Version") + b"<schemaLocation:Emisor/>" + TAIL
    assert code_of(slipped) == "xml_malformed"


# --- the Addenda -----------------------------------------------------------------------------------------------------

TAG, END = b"<cfdi:Addenda>", b"</cfdi:Addenda>"
ADDENDAS = {
    "undeclared prefix": TAG + b'<vol:Pedido orden="55"/>' + END,
    "undeclared prefix of an attribute": b'<cfdi:Addenda xsi:schemaLocation="a b"><a/></cfdi:Addenda>',
    "HTML": TAG + b"<p>Gracias&nbsp;por<br>su <b>compra</p><img src=x>" + END,
    "bare signs": TAG + b"a < b && c > d" + END,
    "closed at once": b"<cfdi:Addenda/>",
    "blanks in its tags": b"<cfdi:Addenda\n><a></cfdi:Addenda >\n ",
    "attributes without quotes": b"<cfdi:Addenda tipo=1><a/></cfdi:Addenda>",
    "letters of another encoding": TAG + b"<a n='P\xe9rez'/>\x00\x01" + END,
    "its own declaration": TAG + b'<?xml version="1.0"?><pedido/>' + END,
    "an open comment": TAG + b"<!-- sin cerrar" + END,
    "deep": TAG + b"<a>" * 200 + b"</a>" * 200 + END,
    "deep and open": TAG + b"<a>" * 200 + END,
    "the root's other prefix": b"<otro:Addenda><vol:a/></otro:Addenda>",
    "a prefix of its own": f'<z:Addenda xmlns:z="{SAT}"><vol:a/></z:Addenda>'.encode(),
    "one inside it, in order": TAG + b"<cfdi:Addenda><a/></cfdi:Addenda>" + END,
    "its end quoted": TAG + b"<![CDATA[</cfdi:Addenda></cfdi:Comprobante>]]><!-- </cfdi:Addenda> -->" + END,
    "a comment after it": TAG + b"<vol:a/>" + END + b"<!-- fin --><?fin?>\n",
    "another stamp": TAG + b'<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"/>' + END,
}


@pytest.mark.parametrize("addenda", ADDENDAS.values(), ids=ADDENDAS)
def test_an_addenda_is_cut_whatever_it_holds(addenda: bytes) -> None:
    seen = canonical(with_addenda(addenda))
    assert re.sub(rb"(<!-- fin -->)?(<\?fin\?>)?\s*(?=</cfdi:Comprobante>)", b"", seen) == canonical(PLAIN)


def test_an_addenda_of_a_root_without_prefix_is_cut_too() -> None:
    root = f'<Comprobante xmlns="{SAT}"><Complemento>'.encode() + STAMP + b"</Complemento>"
    assert canonical(root + b"<Addenda><vol:a/><br></Addenda></Comprobante>") == canonical(root + b"</Comprobante>")


DOUBTS = {
    "two in order": TAG + b"<a/>" + END + TAG + b"<a/>" + END,
    "two broken": TAG + b"<br>" + END + TAG + b"<br>" + END,
    "something between two": TAG + b"<br>" + END + b"<cfdi:Complemento/>" + TAG + b"<br>" + END,
    "something after it": TAG + b"<a/>" + END + b"<cfdi:Complemento/>",
    "something after a broken one": TAG + b"<br>" + END + b"<cfdi:Complemento/>",
    "text after a broken one": TAG + b"<br>" + END + b"texto",
    "a torn tag after it": TAG + b"<a/>" + END + b"<a b=c>",
    "after one that closes at once": b"<cfdi:Addenda/><cfdi:Complemento/>",
    "not closed": TAG + b"<a/>",
    "not closed and broken": TAG + b"<br>",
    "its end in a comment that nobody closes": TAG + b"<br>" + END + b"<!-- ",
    "its end quoted in a broken one": TAG + b"<br><![CDATA[</cfdi:Addenda>]]>" + END,
    "another document's end inside": TAG + b"<br>" + TAIL + HEAD + b"<cfdi:Emisor/>" + END,
    "two by two prefixes": TAG + b"<br>" + END + b"<otro:Addenda><br></otro:Addenda>",
}


@pytest.mark.parametrize("addenda", DOUBTS.values(), ids=DOUBTS)
def test_an_addenda_in_doubt_is_refused_by_its_name(addenda: bytes) -> None:
    assert code_of(with_addenda(addenda)) == "xml_addenda"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_addenda(TAG + b"<!DOCTYPE html><p>" + END), "xml_doctype"),
        (with_addenda(TAG + b"<![CDATA[<!doctype html>]]>" + END), "xml_doctype"),
        (PLAIN.replace(b"?>\n", b"?><!DOCTYPE a>\n", 1) + b"\n", "xml_doctype"),
        (with_addenda(b"<Addenda><vol:a/></Addenda>"), "xml_malformed"),
        (with_addenda(b'<z:Addenda xmlns:z="urn:z"><br></z:Addenda>'), "xml_malformed"),
        (DECLARED + HEAD + BODY.replace(b"<x:t", TAG + b"<br>" + END + b"<x:t") + TAIL, "xml_malformed"),
        (DECLARED + HEAD + b"<br>" + TAG + b"<vol:a/>" + END + TAIL, "xml_malformed"),
        (DECLARED + HEAD + b"<a b=c>" + TAG + b"<vol:a/>" + END + TAIL, "xml_malformed"),
        (DECLARED + HEAD + b"</a b>" + TAG + b"<vol:a/>" + END + TAIL, "xml_malformed"),
        (b"<cfdi:Comprobante a=b>" + TAG + b"<vol:a/>" + END + TAIL, "xml_malformed"),
        (with_addenda(TAG + END).decode().encode("utf-16-le"), "xml_not_utf8"),
    ],
)
def test_a_fault_of_what_was_sealed_is_not_hidden_by_an_addenda(content: bytes, code: str) -> None:
    assert code_of(content) == code


UNSTAMPED = PLAIN.replace(STAMP, b"")
LOOSE = TAG + b"<vol:a/>" + END


@pytest.mark.parametrize(
    "content",
    [
        UNSTAMPED.replace(TAIL, LOOSE + TAIL),
        UNSTAMPED.replace(b"<x:t", b"<x:t " + SLIP),
        UNSTAMPED.replace(b"<x:t", b"<x:t " + SLIP).replace(b"nota", STAMP),
        UNSTAMPED.replace(TAIL, STAMP + LOOSE + TAIL),
        UNSTAMPED.replace(TAIL, TAG + STAMP + b"<vol:a/>" + END + TAIL),
    ],
)
def test_what_no_pac_has_judged_is_read_as_it_stands(content: bytes) -> None:
    """A stamp in a comment, in the root or in the Addenda is none."""
    assert code_of(content) == "xml_malformed"


# --- a sealed invoice, whole -----------------------------------------------------------------------------------------


def sealed(addenda: bytes = b"", before: bytes = b"", after: bytes = b"") -> bytes:
    content = papers.invoice().replace(b"<cfdi:Receptor ", b"<cfdi:Receptor " + SLIP + b" ")
    return before + content.replace(TAIL, addenda + TAIL) + after


@pytest.mark.parametrize("addenda", ADDENDAS.values(), ids=ADDENDAS)
def test_seal_stamp_and_rules_hold_beside_any_addenda(addenda: bytes) -> None:
    own = addenda.replace(b"otro:", b"cfdi:")  # the mill binds one prefix
    judged = checks.invoice(sealed(own, b"\n" + BOM, b"\x00\r\n"), papers.expected_invoice())
    assert judged.findings == ()
    assert (judged.facts["seal"], judged.facts["tfd"]["sat_seal_ok"]) == ("valid", True)


def test_an_altered_invoice_stays_altered() -> None:
    content = sealed(ADDENDAS["HTML"]).replace(b"Consulta", b"Consultas")
    assert {one.code for one in checks.invoice(content, papers.expected_invoice()).findings} == {"seal_invalid"}


@pytest.mark.django_db
def test_the_original_is_what_is_hashed_and_stored(physician: User) -> None:
    content = sealed(ADDENDAS["letters of another encoding"], b"\r\n" + BOM, b"\x00")
    sent = RequestFactory().post("/", {"archivo": _named(content)})
    examined = services.examine_upload(
        upload=_uploaded(sent), kinds={"xml"}, check="portal.fiscal.checks.invoice", context=papers.expected_invoice()
    )
    assert (str(examined.verdict), examined.findings) == ("accepted", ())
    kept = services.store_upload(
        examined=examined, purpose="prueba", party=own_party(physician), by=physician, at=clock.real_now()
    )
    assert (kept.sha256, b"".join(open_file(kept))) == (hashlib.sha256(content).hexdigest(), content)


def _named(content: bytes) -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("factura.xml", content)


def _uploaded(request: HttpRequest) -> EncryptedUpload:
    sent = request.FILES["archivo"]
    assert isinstance(sent, EncryptedUpload)
    return sent


# --- properties ------------------------------------------------------------------------------------------------------

names = st.sampled_from(["cfdi:Emisor", "x:a", "x:b", "b"])
texts = st.text("ab<&>'\"]-?Ñé \n", max_size=12)
quoted = texts.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"))
leaves = st.one_of(
    quoted.map(lambda text: text.replace("]]>", "")),
    texts.map(lambda text: f"<!--{text.replace('-', '')}<cfdi:Addenda>-->"),
    texts.map(lambda text: f"<![CDATA[{text.replace(']', '')}</cfdi:Addenda>]]>"),
    texts.map(lambda text: f"<?pi {text.replace('?', '')}</cfdi:Comprobante>?>"),
)
elements = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda name, value, parts: f'<{name} v="{value}">{"".join(parts)}</{name}>', names, quoted, st.lists(inner)
    ),
    max_leaves=12,
)
noises = st.lists(st.sampled_from(list(NOISE.values())), max_size=4).map(b"".join)
broken = st.lists(
    st.sampled_from(
        [b"<br>", b"</p>", b"<vol:a/>", b"&nbsp;", b"<", b">", b"\xe9", b"\x00", b"<![CDATA[", b"<!--", b"a"]
    )
).map(b"".join)


@given(body=st.lists(elements, max_size=4), before=noises, after=noises, inside=broken)
def test_nothing_between_the_root_and_its_addenda_ever_changes(
    body: list[str], before: bytes, after: bytes, inside: bytes
) -> None:
    written = HEAD + "".join(body).encode() + b"<cfdi:Complemento>" + STAMP + b"</cfdi:Complemento>"
    assert outside.cut(DECLARED + written + TAIL) == DECLARED + written + TAIL
    noisy = before + DECLARED + written + TAG + inside + END + TAIL + after
    assert re.sub(rb"\n+", b"", outside.cut(noisy)) == re.sub(rb"\n+", b"", DECLARED + written + TAIL)
    assert canonical(noisy) == canonical(DECLARED + written + TAIL)


@given(st.binary(max_size=200), st.integers(0, len(PLAIN)))
def test_any_bytes_anywhere_are_cut_or_refused_and_never_crash(junk: bytes, place: int) -> None:
    try:
        xml.parse(PLAIN[:place] + junk + PLAIN[place:])
    except RuleBroken as refused:
        assert refused.code.startswith("xml_")
