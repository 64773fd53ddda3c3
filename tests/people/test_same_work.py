"""Recovery and sign-up do the same work whoever is asked about: neither words nor time tell an account (AU-03)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import clock, queue
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people import selectors, services
from portal.people.hashers import PortalArgon2
from portal.people.models import OneTimeSecret, Party, Registration, User
from tests.factories import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
NEW = "lluvia-en-la-sierra"
FREE = people.rfc_number(930)


@pytest.fixture
def work(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], list[str]]:
    """What an act does, in order: statements without their values, calls of the hasher, drains it wakes."""
    settings.PASSWORD_HASHERS = ["portal.people.hashers.PortalArgon2"]
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()
    done: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(PortalArgon2, name)
        monkeypatch.setattr(PortalArgon2, name, lambda *a, _real=real, **k: done.append("hash") or _real(*a, **k))
    return lambda act: _done_by(act, done)


def _done_by(act: Callable[[], Any], hashed: list[str]) -> list[str]:
    hashed.clear()
    with taken_back(), CaptureQueriesContext(connection) as ran:
        act()
        woken = [hook[1].drain for hook in connection.run_on_commit if isinstance(hook[1], queue._Kick)]
    statements = [re.split(' VALUES | SET | WHERE | "s', query["sql"])[0] for query in ran.captured_queries]
    ends = {"ROLLBACK TO SAVEPOINT": "END", "RELEASE SAVEPOINT": "END"}
    return [*(ends.get(one, one) for one in statements), *hashed, *woken]


@contextmanager
def taken_back() -> Iterator[None]:
    """Everybody finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def closed() -> User:
    user = people.physician()
    services.disable_person(user=user, by=people.administrator(), at=clock.now(), reason="prueba")
    return user


def never_came() -> User:
    return services.enter_person(email="nunca@ejemplo.mx", name="Ana", by=people.administrator(), at=clock.now())


def test_recovery_does_for_nobody_what_it_does_for_a_person_AU_03(work: Any) -> None:
    doctor, desk = people.physician(), people.reviewer()
    typed = {
        "a physician": doctor.email,
        "by RFC": people.own_party(doctor).rfc,
        "the desk": desk.email,
        "never came in": never_came().email,
        "closed": closed().email,
        "unknown": "nadie@ejemplo.mx",
        "an RFC of nobody": FREE,
        "nonsense": "zzz",
    }
    now = clock.now()
    seen = {
        who: work(lambda one=one: services.ask_secret(identifier=one, ip="127.0.6.1", at=now))
        for who, one in typed.items()
    }
    first = seen["a physician"]
    assert "notices" in first and sum(one.startswith("INSERT") for one in first) >= 4, first
    for who, done in seen.items():
        assert done == first, who


def test_recovery_leaves_nothing_behind_for_nobody_AU_02() -> None:
    shut = closed()
    Notice.objects.all().delete()
    pages = [Client().post("/recuperar/", {"identifier": one}) for one in (shut.email, "nadie@ejemplo.mx", FREE)]
    assert {page.status_code for page in pages} == {200}
    assert not Notice.objects.exists() and not OneTimeSecret.objects.exists()
    refused = AuditEvent.objects.filter(action="people.secret_refused")
    assert refused.count() == 3 and refused.filter(subject_id=str(shut.pk)).count() == 1


def a_bound_rfc() -> str:
    party = people.a_party()
    people.user_with_role(people.Role.MEMBER, party)
    return party.rfc


def test_a_sign_up_does_the_same_whatever_is_known_AU_03(work: Any) -> None:
    doctor, text = people.physician(), selectors.latest_text("portal-privacy")
    assert text is not None
    waiting = people.a_party(rfc=people.rfc_number(931))
    typed = {
        "new": (FREE, "nueva@ejemplo.mx"),
        "a party nobody holds": (waiting.rfc, "nueva@ejemplo.mx"),
        "known address": (FREE, doctor.email),
        "closed": (FREE, closed().email),
        "the desk": (FREE, people.reviewer().email),
        "known RFC": (people.own_party(doctor).rfc, "nueva@ejemplo.mx"),
        "bound RFC": (a_bound_rfc(), "nueva@ejemplo.mx"),
        "an organisation's": (people.rfc_number(932, person=False), "nueva@ejemplo.mx"),
        "both known": (people.own_party(doctor).rfc, doctor.email),
    }
    asked, now = {"password": NEW, "text": text, "ip": "127.0.6.2"}, clock.now()
    seen = {
        who: work(
            lambda pair=pair: services.register_person(
                role="physician", identifier=pair[0], email=pair[1], **asked, at=now
            )
        )
        for who, pair in typed.items()
    }
    first = seen["new"]
    assert first.count("hash") == 1 and first[-1] == "notices" and any("registration" in one for one in first)
    for who, done in seen.items():
        assert done == first, who


@pytest.mark.parametrize(("who", "kind"), [("known", "sign_up_known"), ("closed", ""), ("rfc", "sign_up_rfc_taken")])
def test_a_sign_up_that_opens_nothing_keeps_the_mail_alone_AU_03(who: str, kind: str) -> None:
    doctor = closed() if who == "closed" else people.physician()
    rfc, email = (people.own_party(doctor).rfc, "otra@ejemplo.mx") if who == "rfc" else (FREE, doctor.email)
    Notice.objects.all().delete()
    parties, text = Party.objects.count(), selectors.latest_text("portal-privacy")
    assert text is not None
    services.register_person(
        role="physician", identifier=rfc, email=email, password=NEW, text=text, ip="127.0.6.3", at=clock.now()
    )
    assert [row.kind for row in Notice.objects.all()] == ([kind] if kind else [])
    assert not Notice.objects.exclude(sealed="").exists(), "no link to confirm anything"
    assert not Registration.objects.exists() and Party.objects.count() == parties
    assert AuditEvent.objects.filter(action="people.sign_up_refused").count() == 1
