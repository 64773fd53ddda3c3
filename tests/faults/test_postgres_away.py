"""F-06: every connection of the application is cut at work: a clear page, no half write, the next request is fine."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections

from portal.outage import RETRY_SECONDS
from portal.papers import services as papers
from portal.treasury.models import LedgerTransaction
from tests.copies import as_owner
from tests.faults import invariants
from tests.faults.ground import LONG, Answer, Browser, Web, end_all_backends, end_backends, free_keys, wait_for
from tests.faults.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def cut_in_the_middle(
    folder: Path, browser: Browser, path: str, fields: dict | None = None, *, at: int, key: str
) -> Answer:
    """A POST that rests at a statement while its connection is cut."""
    answers, rests = list[Answer](), folder / "rests"
    clicking = threading.Thread(
        target=lambda: answers.append(browser.post(path, fields, key=key, fault=f"pause:{at}:{rests}"))
    )
    clicking.start()
    wait_for(rests.exists, LONG)
    assert end_backends() >= 1
    rests.unlink()
    clicking.join(LONG)
    return answers[0]


def test_f_06_idle_connections_cut_are_nobodys_trouble(place: Town, web: Web) -> None:
    browser = Browser(web.port, place.doctor().user)
    for _ in range(8):
        assert browser.get("/medico/").status == 200
    assert end_backends() >= 1
    answers = [browser.get("/medico/").status for _ in range(16)]
    assert answers == [200] * 16, "a pooled connection that died was handed to somebody"


@pytest.mark.parametrize("at", [12, 25, 40])
def test_f_06_connection_cut_in_an_act_leaves_nothing_and_the_same_key_finishes_it(
    at: int, place: Town, web: Web, folder: Path
) -> None:
    invoice = place.submitted(place.doctor())
    browser, page = Browser(web.port, place.reviewer), f"/mesa/facturas/{invoice.folio}/aceptar/"
    before = invariants.digest()
    broken = cut_in_the_middle(folder, browser, page, at=at, key=f"key-cut-{at}-{invoice.folio}")
    assert broken.status == 503, broken.sentence
    assert broken.headers["retry-after"] == str(RETRY_SECONDS)
    assert "Traceback" not in broken.text
    assert "Referencia" in broken.text, broken.sentence
    assert "Content-Security-Policy".lower() in broken.headers
    assert invariants.changed(before, invariants.digest()) == []
    free_keys()
    assert browser.get("/mesa/facturas/").status == 200, "the next request met the dead connection"
    assert browser.post(page, key=f"key-cut-{at}-{invoice.folio}").status == 302
    assert LedgerTransaction.objects.filter(subject_id=str(invoice.pk)).count() == 1
    invariants.all_hold()


def test_f_06_connection_cut_while_a_file_is_kept_leaves_at_most_its_ciphertexts(
    place: Town, web: Web, folder: Path
) -> None:
    doctor = place.doctor()
    browser, (clabe, pdf) = Browser(web.port, doctor.user), place.statement(doctor)
    fields = {"clabe": clabe, "statement": ("estado.pdf", pdf)}
    assert browser.get("/cuenta/bancaria/").status == 200
    before = invariants.digest()
    broken = cut_in_the_middle(folder, browser, "/cuenta/bancaria/nueva/", fields, at=14, key="key-cut-capture")
    assert broken.status == 503, broken.sentence
    assert broken.headers["retry-after"] == str(RETRY_SECONDS)
    assert invariants.changed(before, invariants.digest()) == []
    assert len(invariants.orphans()) <= 2
    free_keys()
    wait_for(lambda: browser.post("/cuenta/bancaria/nueva/", fields, key="key-cut-capture").status == 302)
    papers.sweep(older_than=timedelta(seconds=-60))
    invariants.all_hold(orphans_at_most=0)


@pytest.mark.parametrize(
    ("closes", "opens", "read"),
    [
        ("ALTER DATABASE {} ALLOW_CONNECTIONS false", "ALTER DATABASE {} ALLOW_CONNECTIONS true", {503}),
        ("ALTER DATABASE {} CONNECTION LIMIT 0", "ALTER DATABASE {} CONNECTION LIMIT -1", {503}),
        (
            "ALTER DATABASE {} SET default_transaction_read_only = on",
            "ALTER DATABASE {} RESET default_transaction_read_only",
            {200, 503},  # a page is read, unless its session is to be written too
        ),
    ],
    ids=["down", "too many connections", "read only"],
)
def test_f_06_a_server_that_takes_nobody_is_503_for_pages_and_api_and_heals_by_itself(
    closes: str, opens: str, read: set[int], place: Town, web: Web
) -> None:
    doctor = place.doctor()
    browser, name = Browser(web.port, doctor.user), connection.settings_dict["NAME"]
    order_page = "/cuenta/bancaria/nueva/"
    fields = {"clabe": place.statement(doctor)[0]}
    before = invariants.digest()
    connections.close_all()
    as_owner(closes, name)
    try:
        end_all_backends(name)
        answers = [browser.get("/medico/") for _ in range(4)]
        posted = [browser.post(order_page, fields, key="key-away-" + name) for _ in range(2)]
        api = browser.post("/api/v1/ordenes/")
    finally:
        as_owner(opens, name)
        end_all_backends(name)
    assert {answer.status for answer in answers} <= read, answers[0].sentence
    away = [answer for answer in (*answers, *posted) if answer.status != 200]
    assert [answer.status for answer in posted] == [503, 503], posted[0].sentence
    for answer in away:
        assert answer.headers["retry-after"] == str(RETRY_SECONDS)
        assert "no puede atenderte" in answer.text
    if read == {503}:
        assert (api.status, api.headers["content-type"]) == (503, "application/problem+json")
    assert [browser.get("/medico/").status for _ in range(8)] == [200] * 8
    assert invariants.changed(before, invariants.digest()) == []
