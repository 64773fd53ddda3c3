"""F-19, F-11: hostile files by the front door: 4xx with a sentence, nothing stored, and the next good upload works."""

from __future__ import annotations

import gzip
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.factories import papers as good_papers
from tests.faults import invariants
from tests.faults.ground import Answer, Browser, Web
from tests.faults.town import Town
from tests.papers import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MAX_GROWTH_MB = 160  # of one web process over the whole corpus
MAX_SECONDS = 25  # ten of the examiner, the rest for a busy machine
# A sentence for people: a capital, words with blanks, a full stop.
SENTENCE = re.compile(r"[A-ZÁÉÍÓÚÑ¿][a-záéíóúñ]+( [\wáéíóúñÁÉÍÓÚÑ«».,:;()/%-]+){3,}\.")


def pdfs() -> Iterator[tuple[str, bytes]]:
    """PDFs, or what claims to be one."""
    yield "javascript.pdf", makers.with_javascript()
    yield "launch.pdf", makers.with_action("/Launch")
    yield "xfa.pdf", makers.with_form_xfa()
    yield "lleva-programa.pdf", makers.with_attachments(("factura.exe", b"MZ" + b"\0" * 400))
    yield "escondido.pdf", makers.hidden_in_object_stream()
    yield "hondo.pdf", makers.deep_arrays()
    yield "enorme.pdf", makers.huge_page()
    yield "con-llave.pdf", makers.locked(user="secreta", owner="otra")
    yield "cortado.pdf", makers.pdf()[:300]
    yield "bomba-png.pdf", makers.png_bomb(6_000)
    yield "pagina.pdf", b"<html><script>alert(1)</script></html>" + makers.pdf()
    yield "ruido.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 400
    yield "vacio.pdf", b""
    yield "foto.pdf", makers.photo(200, 200)


def xmls() -> Iterator[tuple[str, bytes]]:
    """XML, or what claims to be one."""
    passwd = b'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><c>&x;</c>'
    invoice = good_papers.invoice()
    yield "risas.xml", makers.billion_laughs()
    yield "archivo-ajeno.xml", passwd
    yield "utf16.xml", invoice.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    yield "hondo.xml", b"<a>" * 60_000 + b"</a>" * 60_000
    yield "ancho.xml", b"<c " + b" ".join(b'a%d="x"' % n for n in range(40_000)) + b"/>"
    yield "nulos.xml", invoice.replace(b"Comprobante", b"Compro\0bante", 1)
    yield "gzip.xml", gzip.compress(invoice)
    yield "estilo.xml", b'<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?><c/>'
    yield "sello-roto.xml", invoice.replace(b'Total="', b'Total="9', 1)
    yield "de-otro.xml", good_papers.invoice()


def refused(answer: Answer, name: str) -> None:
    """4xx in time, with a sentence and without a trace of the inside."""
    assert 400 <= answer.status < 500, (name, answer.status, answer.sentence)
    main = answer.text.partition("<main")[2]
    assert SENTENCE.search(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))), (name, answer.sentence)
    assert "Traceback" not in answer.text
    assert "root:x:" not in answer.text
    assert answer.seconds < MAX_SECONDS, (name, answer.seconds)


def megabytes(web: Web) -> dict[int, float]:
    """Memory of each process of the web server's own, without the children that open files."""
    return {
        pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        for pid, command in family(web)
        if "gunicorn" in command
    }


def family(web: Web) -> list[tuple[int, str]]:
    """Processes of the web server's session: (id, command)."""
    assert web.child is not None
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == web.child.pid:
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
    return found


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_f_19_hostile_files_are_refused_by_every_door_and_the_next_good_one_goes_in(place: Town, web: Web) -> None:
    doctor = place.doctor()
    payee = place.doctor(paid=True)
    transfer = place.paid(payee)
    invoice = place.draft(doctor)
    browser, paid = Browser(web.port, doctor.user), Browser(web.port, payee.user)
    clabe, statement = place.statement(doctor)
    draft, count, slowest = f"/medico/facturas/borradores/{invoice.pk}/archivos/", 0, 0.0
    before, small = invariants.digest(), megabytes(web)
    for number, (name, content) in enumerate(pdfs()):
        doors = [("/cuenta/bancaria/nueva/", {"clabe": clabe, "statement": (name, content)})]
        doors += [(draft, {"pdf": (name, content)})] if number % 3 == 0 else []
        for path, fields in doors:
            answer = browser.post(path, fields)
            refused(answer, f"{name} at {path}")
            count, slowest = count + 1, max(slowest, answer.seconds)
    for number, (name, content) in enumerate(xmls()):
        answer = browser.post(draft, {"xml": (name, content)})
        refused(answer, name)
        count, slowest = count + 1, max(slowest, answer.seconds)
        if number % 2 == 0:
            refused(paid.post(f"/medico/pagos/{transfer.pk}/complemento/", {"xml": (name, content)}), name)
            count += 1
    assert invariants.changed(before, invariants.digest()) == []
    assert invariants.orphans() == set()
    large = megabytes(web)
    assert set(large) == set(small), "a process of the web server died of a file"
    grown = {pid: large[pid] - size for pid, size in small.items()}
    print(f"F-19: {count} hostile uploads, 5xx = 0, slowest {slowest:.1f} s, growth {max(grown.values()):.0f} MB")
    assert max(grown.values()) < MAX_GROWTH_MB, grown
    good = browser.post("/cuenta/bancaria/nueva/", {"clabe": clabe, "statement": ("estado.pdf", statement)})
    assert good.status == 302, good.sentence
    xml, pdf = place.papers(invoice)
    assert browser.post(draft, {"xml": ("factura.xml", xml), "pdf": ("factura.pdf", pdf)}).status == 302
    rep = {"xml": ("rep.xml", place.complement(transfer))}
    assert paid.post(f"/medico/pagos/{transfer.pk}/complemento/", rep).status == 302
    invariants.all_hold()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_f_11_examiner_killed_again_and_again_is_started_again(place: Town, web: Web) -> None:
    doctor = place.doctor()
    browser = Browser(web.port, doctor.user)
    for _ in range(3):
        clabe, pdf = place.statement(doctor)
        answer = browser.post("/cuenta/bancaria/nueva/", {"clabe": clabe, "statement": ("estado.pdf", pdf)})
        assert answer.status == 302, answer.sentence
        examiners = [pid for pid, command in family(web) if "portal.papers.examiner" in command]
        assert examiners
        for pid in examiners:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    invariants.all_hold(orphans_at_most=0)
