"""The examiner: what comes in, what is refused and with which words, and what no file can do to it."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal.errors import Verdict
from portal.papers import examiner
from portal.papers.examiner import Report
from portal.papers.limited import wire
from portal.papers.limited.client import Client, ServerGone
from portal.papers.limited.server import Server, _Job
from tests.factories.threads import LONG
from tests.papers import makers
from tests.papers.asking import refused, seen
from tests.papers.canary import Canary

pytestmark = pytest.mark.usefixtures("server_ends")


# --- kinds (UP-03) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "kinds", "words"),
    [
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "foto.jpg", {"jpeg", "pdf"}, "es un WebP aunque su nombre termina en «.jpg»"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "foto.webp", {"jpeg", "pdf"}, "es un WebP. Súbelo como JPG o PDF."),
        (b"GIF89a...", "sello.gif", {"pdf"}, "un GIF"),
        (b"PK\x03\x04....word/document.xml", "carta.docx", {"pdf"}, "un documento de Word"),
        (b"PK\x03\x04....xl/workbook.xml", "ordenes.csv", {"csv"}, "una hoja de Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "carta.doc", {"pdf"}, "Office"),
        (b"MZ\x90\x00\x03\x00", "estado.pdf", {"pdf"}, "un programa de Windows"),
        (b"<!DOCTYPE html><html>", "factura.xml", {"xml"}, "una página web"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.xml", {"xml"}, "una imagen SVG"),
        (b"%PDF-1.7\n", "factura.xml", {"xml"}, "es un PDF aunque su nombre termina en «.xml»"),
        (makers.INVOICE, "factura.pdf", {"pdf", "xml"}, "es un XML aunque su nombre termina en «.pdf»"),
        (makers.INVOICE, "factura.txt2", {"xml"}, "termina en «.txt2»"),
        (makers.INVOICE, "factura", {"xml"}, "no tiene terminación"),
        (b"hola", "estado.pdf", {"pdf"}, "no es un PDF que se pueda abrir"),
        (b"hola", "nota.xyz", {"pdf"}, "No reconocemos"),
        (b"", "estado.pdf", {"pdf"}, "no es un PDF"),
        (b"<html><body>%PDF-1.7", "estado.pdf", {"pdf"}, "una página web"),
        (b"GIF87a%PDF-1.7", "estado.pdf", {"pdf"}, "un GIF"),
        (b"\x00\x00junk %PDF-1.4\n", "estado.pdf", {"pdf"}, "algo pegado delante"),
        (b"\x00\x00\x00\x20ftypisom....", "video.mp4", {"jpeg"}, "un video"),
    ],
)
def test_refusal_says_what_the_file_really_is(content: bytes, name: str, kinds: set[str], words: str) -> None:
    assert words in refused(content, name, kinds)


def test_csv_that_begins_like_a_bitmap_is_still_text() -> None:
    assert seen(b"BMX,importe\nuno,1.00\n", "ordenes.csv", {"csv"}).judgement.verdict is Verdict.ACCEPTED


# --- XML (XP-01) -------------------------------------------------------------------------------------------------


def test_invoice_xml_opens_and_says_its_root() -> None:
    report = seen(makers.INVOICE, "F&Ñ 1.xml", {"xml"})
    assert (report.kind, report.judgement.findings) == ("xml", ())
    assert report.judgement.facts["root"] == "{http://www.sat.gob.mx/cfd/4}Comprobante"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (makers.billion_laughs(), "xml_doctype"),
        (b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>", "xml_doctype"),
        (b"<?xml version='1.0'?><!doctype a><a/>", "xml_doctype"),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"), "file.kind"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xf1</a>", "xml_not_utf8"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>n</a>", "xml_not_utf8"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>", "xml_malformed"),
        (b"<?xml version='1.0' encoding='nada'?><a/>", "xml_malformed"),
        (b"<a>" * 65 + b"</a>" * 65, "xml_too_deep"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "xml_malformed"),
        (b"<a><b></a>", "xml_malformed"),
        (b"<a/>" + b" " * (2 * 1024 * 1024), "xml.too_large"),
    ],
)
def test_xml_outside_the_gate_is_refused(content: bytes, code: str) -> None:
    assert refused(content, "factura.xml", {"xml"}).split()[0] == code


def test_xml_of_64_levels_passes() -> None:
    assert seen(b"<a>" * 64 + b"</a>" * 64, "a.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED


def test_no_xml_reaches_the_network() -> None:
    with Canary() as canary:
        address = f"http://127.0.0.1:{canary.port}/x"
        for text in (
            f"<!DOCTYPE a SYSTEM '{address}'><a/>",
            f"<!DOCTYPE a [<!ENTITY % p SYSTEM '{address}'> %p;]><a/>",
            f"<!DOCTYPE a [<!ENTITY e SYSTEM '{address}'>]><a>&e;</a>",
            f"<a xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='{address}'/></a>",
            f"<?xml-stylesheet href='{address}'?><a/>",
            f"<a xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:schemaLocation='a {address}'/>",
        ):
            seen(text.encode(), "a.xml", {"xml"})
        time.sleep(0.2)
        assert canary.visits == 0


# --- photographs (UP-03, UP-09, N4) ------------------------------------------------------------------------------


def test_photograph_is_kept_upright_and_without_its_place() -> None:
    report = seen(makers.photo(gps=True, orientation=6), "IMG_1.JPG", {"jpeg"})
    assert report.replacement is not None
    with Image.open(io.BytesIO(report.replacement)) as kept:
        assert (kept.size, len(kept.getexif())) == ((1200, 900), 0)
        assert kept.getpixel((1190, 10))[0] > 200 > kept.getpixel((1190, 10))[1]
    with Image.open(io.BytesIO(report.pictures[0].content)) as shown:
        corner = shown.convert("RGB").getpixel((shown.width - 8, 8))
        assert shown.width > shown.height and corner[0] > 200 > corner[1], "its preview stands upright too"
    for content in (report.replacement, report.pictures[0].content):
        assert b"CamaraSecreta" not in content
        assert b"Exif" not in content


def test_polyglot_photograph_loses_what_was_glued_to_it() -> None:
    report = seen(makers.photo() + b"<script>alert(1)</script>PK\x03\x04", "foto.jpg", {"jpeg"})
    assert report.replacement is not None
    assert b"<script" not in report.replacement
    assert b"PK\x03\x04" not in report.replacement


@pytest.mark.parametrize(("kind", "name"), [("PNG", "foto.png"), ("HEIF", "foto.heic")])
def test_phone_pictures_become_jpeg(kind: str, name: str) -> None:
    report = seen(makers.photo(640, 820, kind=kind), name, {"jpeg"})
    assert (report.kind, report.judgement.verdict) == ("jpeg", Verdict.ACCEPTED)
    assert report.replacement is not None
    assert report.replacement.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (makers.plain_photo(), "photo.blank"),
        (makers.plain_photo(blur=True), "photo.blurred"),
        (makers.photo(320, 400), "photo.tiny"),
    ],
)
def test_illegible_photograph_asks_a_person(content: bytes, code: str) -> None:
    report = seen(content, "foto.jpg", {"jpeg"})
    assert report.judgement.verdict is Verdict.REVIEW
    assert [finding.code for finding in report.judgement.findings] == [code]


def test_legible_photograph_is_accepted() -> None:
    assert seen(makers.photo(), "foto.jpg", {"jpeg"}).judgement.findings == ()


def test_n4_a_page_that_lies_on_its_side_is_told_and_accepted_as_photograph_and_as_scan() -> None:
    with Image.open(io.BytesIO(makers.photo())) as upright:
        for angle, told in ((0, []), (90, ["sideways"]), (270, ["sideways"])):
            lying, photo, scan = upright.rotate(angle, expand=True), io.BytesIO(), io.BytesIO()
            lying.save(photo, "JPEG", quality=90)
            lying.save(scan, "PDF")
            for content, kind in ((photo, "jpeg"), (scan, "pdf")):
                judged = seen(content.getvalue(), f"hoja.{kind}", {kind}).judgement
                assert judged.verdict is Verdict.ACCEPTED
                assert [one.code.partition(".")[2] for one in judged.findings] == told, (angle, kind)


def test_png_bomb_is_refused_without_being_unpacked() -> None:
    assert refused(makers.png_bomb(), "foto.png", {"jpeg"}).startswith("photo.too_many_pixels")


def test_cut_photograph_is_refused() -> None:
    assert refused(makers.photo()[:5000], "foto.jpg", {"jpeg"}).startswith("photo.damaged")


# --- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("año,1\n".encode(), "utf-8"),
        ("\ufeffaño,1\n".encode(), "utf-8"),
        ("año,1\n".encode("latin-1"), "cp1252"),
        ("año,1\n".encode("utf-16"), "utf-16"),
        ("año,cuenta,1\n".encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + "año,1\n".encode("utf-16-be"), "utf-16"),
    ],
)
def test_table_says_its_encoding(content: bytes, encoding: str) -> None:
    assert seen(content, "banco.csv", {"csv"}).judgement.facts == {"encoding": encoding, "lines": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\x00c\n", "table.binary"),
        (b"\x00\x01" * 50, "table.binary"),
        (b"\xff\xfea\x00b", "table.binary"),
        (b"  \n", "table.empty"),
        (b"a" * (5 * 1024 * 1024 + 1), "table.too_large"),
    ],
)
def test_table_outside_the_gate_is_refused(content: bytes, code: str) -> None:
    assert refused(content, "banco.csv", {"csv"}).startswith(code)


def test_table_with_tabs_is_a_table_by_its_own_ending_too() -> None:
    assert seen(b"a\tb\n", "banco.TSV", {"csv"}).judgement.verdict is Verdict.ACCEPTED


# --- checks by name ----------------------------------------------------------------------------------------------


def test_check_is_called_by_name_with_context_and_base_facts() -> None:
    report = seen(makers.pdf(), "a.pdf", {"pdf"}, check="tests.papers.checks.look", told="algo")
    assert report.judgement.facts["told"] == "algo"
    assert report.judgement.facts["pages"] == 1
    assert report.judgement.findings[-1].code == "test.seen"


def test_check_may_answer_a_plain_dict() -> None:
    report = seen(makers.INVOICE, "a.xml", {"xml"}, check="tests.papers.checks.doubt")
    assert report.judgement.verdict is Verdict.REVIEW


def test_check_is_not_asked_about_a_refused_file() -> None:
    report = seen(b"hola", "a.pdf", {"pdf"}, check="tests.papers.checks.look", told="algo")
    assert "told" not in report.judgement.facts


# --- the cage (XP-03, F-11) --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "code"), [("abort", "file.breaks_reader"), ("broken", "file.breaks_reader"), ("swell", "file.too_heavy")]
)
def test_crash_of_a_child_is_a_finding_and_the_next_file_is_fine(check: str, code: str) -> None:
    report = seen(makers.INVOICE, "a.xml", {"xml"}, check=f"tests.papers.checks.{check}")
    assert report.judgement.verdict is Verdict.REJECTED
    assert [finding.code for finding in report.judgement.findings] == [code]
    assert seen(makers.INVOICE, "a.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED


def test_hanging_child_is_ended_while_the_other_lane_works() -> None:
    answers: list[Report] = []

    def hang() -> None:
        answers.append(seen(makers.INVOICE, "a.xml", {"xml"}, check="tests.papers.checks.sleep"))

    started = time.monotonic()
    slow = threading.Thread(target=hang)
    slow.start()
    time.sleep(0.3)
    for _ in range(3):
        assert seen(makers.INVOICE, "b.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED
    assert slow.is_alive()
    slow.join(LONG)
    assert 9 < time.monotonic() - started < examiner._client._answer_seconds
    assert answers[0].judgement.findings[0].code == "file.too_slow"


@pytest.mark.skipif(sys.platform != "linux", reason="solo Linux quita la red; doctor lo dice")
def test_child_has_no_network_no_disk_and_no_secrets(tmp_path: Path) -> None:
    target = tmp_path / "escrito"
    with Canary() as canary:
        report = seen(
            makers.INVOICE, "a.xml", {"xml"}, check="tests.papers.checks.reach_out", port=canary.port, path=str(target)
        )
        assert canary.visits == 0
    facts = report.judgement.facts
    assert facts["network"] != "reached"
    assert facts["disk"] != "written"
    assert facts["secrets"] == []
    assert not target.exists() or target.read_bytes() == b""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize(("does", "why"), [("while True: pass", "busy"), ("import time; time.sleep(60)", "time")])
def test_xp_03_whose_time_is_over_for_want_of_a_processor_is_told_from_what_hangs(does: str, why: str) -> None:
    said = [sys.executable, "-S", "-c", f"print(flush=True)\n{does}"]
    one, other = socket.socketpair()
    with subprocess.Popen(said, stdout=subprocess.PIPE) as child, closing(one), closing(other):
        assert child.stdout is not None and child.stdout.readline() == b"\n"
        while _state(child.pid) != {"busy": "R", "time": "S"}[why]:  # it is at it
            time.sleep(0.01)
        server = Server([], lambda head, body: (head, body), examiner.LIMITS, {})
        server._jobs = {0: (job := _Job(one, child.pid, 0.0))}
        server._end_late_jobs()
        assert (job.ended_by_us, child.wait(LONG)) == (why, -signal.SIGKILL)
    server._watch.close()


def test_xp_03_a_busy_machine_is_asked_once_more_and_then_later(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    told = [{"ended": "busy"}, {"op": "done"}, {"ended": "busy"}, {"ended": "busy"}]
    client = Client("tests.papers", lanes=1, answer_seconds=1)
    lane, other = socket.socketpair()
    monkeypatch.setattr(client, "_borrow", lambda: lane)
    monkeypatch.setattr(client, "_give_back", lambda lane: None)
    monkeypatch.setattr(wire, "receive", lambda lane: asked.append(told[0]) or (told.pop(0), b""))
    assert client.ask({})[0] == {"op": "done"} and len(asked) == 2
    with pytest.raises(ServerGone):
        client.ask({})
    assert len(asked) == 4
    lane.close()
    other.close()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def server_pid() -> int:
    process = examiner._client._process
    assert process is not None
    return process.pid


def test_killed_server_comes_back_for_the_next_file() -> None:
    seen(makers.INVOICE, "a.xml", {"xml"})
    os.kill(server_pid(), signal.SIGKILL)
    assert seen(makers.INVOICE, "a.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED


def test_server_killed_in_the_middle_of_a_file_still_gives_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """To whoever waited, at once: nobody waits until the time for an answer is over."""
    monkeypatch.setattr(examiner._client, "_answer_seconds", LONG)
    seen(makers.INVOICE, "a.xml", {"xml"})
    answers, content, began = list[Report](), makers.pdf(pages=40), time.monotonic()
    threads = [threading.Thread(target=lambda: answers.append(seen(content, "a.pdf", {"pdf"}))) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.15)
    os.kill(server_pid(), signal.SIGKILL)
    for thread in threads:
        thread.join(LONG)
    assert [answer.judgement.verdict for answer in answers] == [Verdict.ACCEPTED] * 4
    assert time.monotonic() - began < LONG


def test_forked_process_gets_a_server_of_its_own() -> None:
    seen(makers.INVOICE, "a.xml", {"xml"})
    child = os.fork()
    if child == 0:
        status = 1
        try:
            ok = seen(makers.INVOICE, "a.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED
            examiner.stop()
            status = 0 if ok else 1
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    assert status == 0
    assert seen(makers.INVOICE, "a.xml", {"xml"}).judgement.verdict is Verdict.ACCEPTED


def test_doctor_is_told_which_walls_stand() -> None:
    assert {name for name, _holds, _sentence in examiner.isolation_report()} == {"examinador", "red", "memoria"}
