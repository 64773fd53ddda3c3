"""Reading CFDIs: agreement with the public samples, hostile XML, certificates, the paper mill itself."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree

from config.demo import samples
from config.demo.samples import authority
from portal.errors import RuleBroken
from portal.fiscal import checks, standards
from portal.fiscal.certificates import NotACertificate, TrustStore, Vouched, from_der, read_certificates
from portal.fiscal.facts import amount
from portal.fiscal.names import BadName, issuer_and_subject
from portal.fiscal.reading import read_cfdi
from tests.factories import papers

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not (SAMPLES / "cfdi").is_dir(), reason="the folder of public samples is absent")


def sample_facts() -> list[dict[str, Any]]:
    path = SAMPLES / "cfdi" / "facts.json"
    return json.loads(path.read_text()) if path.is_file() else [{"file": "absent"}]


def sample_trust() -> list[bytes]:
    return [one.der for path in sorted((SAMPLES / "certs").iterdir()) for one in read_certificates(path.read_bytes())]


def disagreements(expected: Any, found: Any, where: str = "") -> list[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            line
            for key, value in expected.items()
            for line in disagreements(value, found.get(key, "absent"), f"{where}.{key}")
        ]
    return [] if expected == found else [f"{where}: {expected!r} != {found!r}"]


@needs_samples
@pytest.mark.parametrize("expected", sample_facts(), ids=lambda one: one["file"])
def test_facts_agree_with_the_public_samples(expected: dict[str, Any]) -> None:
    content = (SAMPLES / "cfdi" / expected["file"]).read_bytes()
    try:
        found = read_cfdi(content, trust=sample_trust()).as_json()
    except RuleBroken:
        found = {"wellformed": False}
    wanted = {key: value for key, value in expected.items() if key not in {"file", "case"}}
    assert disagreements(wanted, found) == []


@needs_samples
def test_a_stamp_copied_from_another_cfdi_is_refused() -> None:
    content = (SAMPLES / "cfdi" / "rep_of_ppd_tfd_copied.xml").read_bytes()
    assert "stamp_copied" in {finding.code for finding in checks.complement(content, {}).findings}


@needs_samples
def test_ppd_without_forma_de_pago_passes_the_schema_and_not_the_rule() -> None:
    content = (SAMPLES / "cfdi" / "ppd_iva16_stamped.xml").read_bytes()
    codes = {finding.code for finding in checks.invoice(content, {}).findings}
    assert "payment_form" in codes
    assert "schema" not in codes


@needs_samples
def test_an_enie_in_a_real_certificate_is_read() -> None:
    one = read_certificates((SAMPLES / "certs" / "ianl750210963_csd.cer").read_bytes())[0]
    assert (one.rfc, one.serial) == ("IAÑL750210963", "30001000000400002449")


def test_two_local_retentions_are_both_read_and_the_seal_holds() -> None:
    facts = read_cfdi(papers.invoice(["extra_local"]), trust=samples.trust_der())
    assert [line.percentage for line in facts.local_withheld] == ["3.00", "0.50"]
    assert facts.seal == "valid"


def test_an_enie_in_an_rfc_survives_seal_stamp_and_certificate() -> None:
    facts = read_cfdi(papers.invoice(), trust=samples.trust_der())
    assert facts.signer is not None
    assert (facts.seal, facts.signer.rfc, facts.issuer["rfc"]) == ("valid", "IAÑL750210963", "IAÑL750210963")


def test_an_addenda_is_nobodys_business_and_its_numbers_are_not_ours() -> None:
    root = etree.fromstring(papers.invoice())
    addenda = etree.SubElement(root, f"{{{standards.CFDI}}}Addenda")
    addenda.append(etree.fromstring(b'<x:pedido xmlns:x="urn:x" Total="9"><Comprobante Total="1"/></x:pedido>'))
    judged = checks.invoice(etree.tostring(root), papers.expected_invoice())
    assert judged.findings == ()


HOSTILE = {
    "entity bomb": b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    "external entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "external dtd": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "utf-16": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    "empty": b"",
    "not xml": b"%PDF-1.7",
    "cut": papers.invoice()[:900],
    "huge": b"<a>" + b"x" * (2 * 1024 * 1024) + b"</a>",
    "nul": b"<a>\x00</a>",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_xp_01_hostile_xml_is_refused_with_a_sentence(name: str) -> None:
    judged = checks.invoice(HOSTILE[name], papers.expected_invoice())
    assert judged.verdict == "rejected"
    assert len(judged.findings) == 1
    assert judged.findings[0].message.endswith(".")


def test_a_byte_order_mark_is_accepted() -> None:
    assert checks.invoice(b"\xef\xbb\xbf" + papers.invoice(), papers.expected_invoice()).findings == ()


@pytest.mark.parametrize("text", ["1,000.00", "-5.00", "1e9", "１００", "1.0000000", " ", "NaN", "", "1000X50"])
def test_xp_05_only_plain_amounts_are_read(text: str) -> None:
    assert amount(text) is None


def spots(root: Any) -> list[tuple[Any, str | None]]:
    """Every attribute of a file, and every element but the root (None)."""
    return [(one, name) for one in root.iter() for name in [None, *one.attrib] if name is not None or one is not root]


@pytest.mark.parametrize("kind", ["invoice", "complement"])
def test_whatever_attribute_or_element_is_missing_is_told_and_never_crashes(kind: str) -> None:
    content = getattr(papers, kind)()
    count = len(spots(etree.fromstring(content)))
    assert count > 90
    contexts = {"invoice": papers.expected_invoice(), "complement": papers.expected_complement()}
    for place in range(count):
        root = etree.fromstring(content)
        element, name = spots(root)[place]
        if name is not None:
            del element.attrib[name]
        else:
            element.getparent().remove(element)
        judged = {check: getattr(checks, check)(etree.tostring(root), told) for check, told in contexts.items()}
        assert judged.pop(kind).findings, (element.tag, name)
        assert [other.verdict for other in judged.values()] == ["rejected"], (element.tag, name)


def test_certificates_are_read_from_der_pem_and_zip() -> None:
    der = authority.pac().der
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = authority.pac().certificate.public_bytes(Encoding.PEM)
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("a.cer", der)
        archive.writestr("b.pem", authority.authority().certificate.public_bytes(Encoding.PEM))
    assert [one.serial for one in read_certificates(der)] == [authority.PAC_SERIAL]
    assert [one.sha256 for one in read_certificates(pem)] == [from_der(der).sha256]
    assert [one.is_authority for one in read_certificates(bundle.getvalue())] == [False, True]


@pytest.mark.parametrize("content", [b"", b"hola", b"\x30\x82\x00\x01", b"PK\x03\x04 broken", b"\x30" * 20000])
def test_what_is_no_certificate_says_so(content: bytes) -> None:
    with pytest.raises(NotACertificate):
        read_certificates(content)


def test_names_of_broken_der_say_so() -> None:
    for content in (b"", b"\x30\x05\x02\x01", b"\x30\x84\xff\xff\xff\xff", b"\x30\x02\x30\x00"):
        with pytest.raises(BadName):
            issuer_and_subject(content)


def test_a_seal_certificate_never_vouches_for_another() -> None:
    csd = authority.holder("XIQB891116QE4", "BERENICE XIMO QUEZADA")
    store = TrustStore.of([csd.der])
    assert store.vouches_for(from_der(csd.der)) is Vouched.TRUSTED
    assert store.vouches_for(from_der(authority.pac().der)) is Vouched.UNKNOWN_CA


def test_the_mill_makes_the_same_certificates_in_every_process() -> None:
    """The demo stores the authority once; a worker that makes a sample file later must seal under the same one."""
    assert from_der(authority.authority().der).sha256 == (
        "fc134253bae326a74d32c021c1a0c07515f4401f85937d132939b65af9bbf2a0"
    )


@pytest.mark.parametrize("layout", sorted(samples.LAYOUTS))
def test_statements_open_and_carry_what_their_layout_says(layout: str) -> None:
    clabe = "012180001234567891"
    content = samples.make_statement_pdf(
        clabe=clabe,
        bank="BBVA México",
        holder="Luis Ian Ñuzco",
        rfc="IAÑL750210963",
        closing_on=date(2026, 10, 31),
        layout=layout,
    )
    if layout in {"encrypted", "truncated"}:
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(content)
        return
    document = pypdfium2.PdfDocument(content)
    page = document[0]
    layer = page.get_textpage()
    text = layer.get_text_range()
    layer.close(), page.close(), document.close()
    digits = "".join(letter for letter in text if letter.isdigit())
    assert bool(text.strip()) is (layout != "scan")
    assert (clabe in digits) is (layout not in {"scan", "other_clabe"})


def test_the_printed_invoice_carries_its_fiscal_folio() -> None:
    uuid = "6f35d3b5-3651-4370-bc2c-14cdbe384cd7"
    document = pypdfium2.PdfDocument(samples.make_invoice_pdf(xml=papers.invoice(uuid=uuid)))
    page = document[0]
    layer = page.get_textpage()
    text = layer.get_text_range()
    layer.close(), page.close(), document.close()
    assert uuid in text
    assert "1595.00" in text
