"""F-05, OP-02, JB-04: Redis refuses, hangs or is emptied; people notice nothing and no job is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
import redis
from django.contrib.auth.hashers import make_password

from portal import clock
from portal.notices.models import Notice, SentMail
from portal.papers.models import IssuedDocument
from portal.people.models import User
from portal.queue import KICK_PAUSE_SECONDS
from tests.factories.people import PASSWORD
from tests.faults import ground, invariants
from tests.faults.ground import LONG, Browser, Proxy, Web, celery, commands, wait_for
from tests.faults.town import Doctor, Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[str]:
    """The broker itself, behind the door."""
    with ground.broker(folder) as address:
        yield address


@pytest.fixture(scope="module")
def door(broker: str) -> Iterator[Proxy]:
    """What the portal takes for Redis."""
    made = Proxy(broker)
    yield made
    made.shut()


@pytest.fixture(scope="module")
def redis_url(door: Proxy) -> str:
    """The portal knows the door only."""
    return door.url


def submitted(place: Town, web: Web, doctor: Doctor) -> float:
    """Upload both files and submit over HTTP; seconds of the submission, which kicks two drains."""
    invoice = place.draft(doctor)
    xml, pdf = place.papers(invoice)
    browser, page = Browser(web.port, doctor.user), f"/medico/facturas/borradores/{invoice.pk}/"
    upload = browser.post(f"{page}archivos/", {"xml": ("factura.xml", xml), "pdf": ("factura.pdf", pdf)})
    assert upload.status == 302, upload.sentence
    answer = browser.post(f"{page}enviar/")
    assert (answer.status, answer.location[-7:]) == (302, "/listo/"), answer.sentence
    assert browser.get(answer.location).status == 200
    return answer.seconds


def calls(broker: str) -> int:
    """Wake-up calls that nobody has taken yet."""
    with redis.Redis.from_url(broker) as asked:
        return int(asked.llen("celery"))  # type: ignore[arg-type]


def sign_in(web: Web, user: User) -> None:
    """By password, as people do."""
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="argon2"))
    browser = Browser(web.port)
    answer = browser.post("/entrar/", {"identifier": user.email, "password": PASSWORD})
    assert answer.status == 302, answer.sentence
    assert "cauce_session" in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("mode", ["refuses", "hangs"])
def test_f_05_redis_away_slows_no_request_and_refuses_nobody(
    mode: str, place: Town, web: Web, door: Proxy, broker: str
) -> None:
    door.open()
    web.kill()
    web.start()  # a process without a pause of its kicks
    doctor = place.doctor()
    quiet = median(submitted(place, web, doctor) for _ in range(4))
    assert calls(broker) > 0, "no wake-up call arrives from gunicorn's threads"
    if mode == "refuses":
        door.shut()
    else:
        door.open("hang")
    reached, said, began = calls(broker), len(web.text()), time.monotonic()
    try:
        sign_in(web, place.doctor().user)
        away = [submitted(place, web, doctor) for _ in range(5)]
        browser = Browser(web.port, place.reviewer)
        assert browser.get("/mesa/facturas/").status == 200
        assert '"degraded"' in browser.get("/salud/listo").text
    finally:
        door.open()
    print(
        f"F-05 {mode}: submit {quiet:.3f} s before; away first {away[0]:.3f} s, worst {max(away):.3f} s, "
        f"median {median(away):.3f} s = {median(away) / quiet:.2f} times"
    )
    assert calls(broker) == reached, "the door was not shut"
    pauses = 1 + int((time.monotonic() - began) / KICK_PAUSE_SECONDS)
    asked = web.text()[said:].count("broker away")
    assert 1 <= asked <= commands.WEB_WORKERS * pauses, "each process asks the broker once, then its kicks rest"
    invariants.all_hold()


def test_f_05_jobs_of_the_time_without_redis_run_when_it_is_back_and_flushall_loses_none(
    place: Town, web: Web, door: Proxy, broker: str, folder: Path
) -> None:
    """Worker and beat live through it: no restart, only the next beat."""
    for model in (IssuedDocument, Notice):  # of the tests before
        model.objects.filter(done_at=None).update(parked_at=clock.real_now())
    processes = [celery(folder, door.url), celery(folder, door.url, beat=True)]
    doctor = place.doctor()
    door.open()
    try:
        for process in processes:
            process.start()
        submitted(place, web, doctor)
        wait_for(nothing_waits, LONG)  # both start
        door.shut()
        submitted(place, web, doctor)
        time.sleep(1)
        assert waiting() > 0, "somebody worked without a wake-up call"
        door.open()
        began = time.monotonic()
        wait_for(nothing_waits)
        print(f"F-05: caught up {time.monotonic() - began:.1f} s after Redis came back")
        submitted(place, web, doctor)
        with redis.Redis.from_url(broker) as emptied:
            emptied.flushall()
        wait_for(nothing_waits)
    finally:
        for process in processes:
            process.kill()
    assert SentMail.objects.exists()
    invariants.all_hold(orphans_at_most=0)


def waiting() -> int:
    """Papers and mails that nobody has made yet."""
    rows = (model.objects.filter(done_at=None, parked_at=None) for model in (IssuedDocument, Notice))
    return sum(found.count() for found in rows)


def nothing_waits() -> bool:
    """All done."""
    return waiting() == 0
