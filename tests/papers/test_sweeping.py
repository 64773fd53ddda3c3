"""UP-06, OP-14: what no row points at goes aside for 30 days and comes back; a wrong database moves nothing."""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.papers import checking, rules, services, store
from portal.papers.models import PageImage, StoredFile
from portal.papers.rules import FileVerdict
from portal.people.models import User
from tests.papers import makers
from tests.papers.test_services import plain, stored

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


def old(key: str, days: float = 2) -> str:
    then = time.time() - days * DAY
    os.utime(store.path_of(key), (then, then))
    return key


def loose(number: int) -> list[str]:
    return [old(store.write(f"sin fila {one}".encode()).storage_key) for one in range(number)]


def aged_aside(key: str, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(store._aside(key), (then, then))


@pytest.fixture
def file(physician: User) -> StoredFile:
    made = stored(physician)
    old(made.storage_key)
    for page in PageImage.objects.all():
        old(page.storage_key)
    return made


@pytest.mark.parametrize(
    ("orphans", "known", "refused"),
    [
        (0, 0, ""),
        (1, 0, "no conoce ningún archivo"),
        (1, 1, ""),
        (10, 20, ""),  # few, however few files there are
        (11, 1099, "1 %"),
        (11, 1100, ""),
        (100, 10_000, ""),
        (100, 9_999, "1 %"),
        (101, 1_000_000, "más de 100"),
    ],
)
def test_more_than_killed_uploads_explain_is_refused(orphans: int, known: int, refused: str) -> None:
    why = rules.sweep_refusal(orphans=orphans, known=known)
    assert refused in why
    assert bool(why) is bool(refused)


def test_an_orphan_goes_aside_is_told_and_goes_for_good_after_30_days(
    file: StoredFile, caplog: pytest.LogCaptureFixture
) -> None:
    (key,) = loose(1)
    assert services.sweep() == {"parts": 0, "orphans": 1}
    assert key in caplog.text
    assert not store.path_of(key).exists()
    assert [(one, time.time() - since < 60) for one, since in store.keys_aside()] == [(key, True)]
    aged_aside(key, 29.9)
    assert services.sweep() == {"parts": 0, "orphans": 0}
    aged_aside(key, 30.1)
    assert services.sweep() == {"parts": 0, "orphans": 0, "expired": 1}
    assert list(store.keys_aside()) == []
    assert plain(file) == makers.pdf()


def test_a_file_aside_comes_back_when_the_database_knows_it_again(file: StoredFile) -> None:
    for key in [file.storage_key, *PageImage.objects.values_list("storage_key", flat=True)]:
        store.set_aside(key)
        aged_aside(key, 31)
    assert services.sweep()["back"] == 1 + PageImage.objects.count()
    assert plain(file) == makers.pdf()
    assert services.bring_back() == 0


def test_eleven_orphans_among_a_handful_of_files_stay_where_they_are(
    file: StoredFile, caplog: pytest.LogCaptureFixture
) -> None:
    keys = loose(11)
    assert services.sweep() == {"parts": 0, "orphans": 0, "refused": 11}
    assert all(store.path_of(key).exists() for key in keys)
    assert [record.levelno for record in caplog.records if "sweep refused" in record.message] == [logging.ERROR]
    assert services.sweep(however_many=True) == {"parts": 0, "orphans": 11}


def test_a_database_that_knows_no_file_moves_none_and_deletes_none() -> None:
    (key, aside) = loose(2)
    store.set_aside(aside)
    aged_aside(aside, 40)
    assert services.sweep() == {"parts": 0, "orphans": 0, "refused": 1}
    assert store.path_of(key).exists()
    store.remove(key)
    assert services.sweep() == {"parts": 0, "orphans": 0}
    assert [one for one, _since in store.keys_aside()] == [aside]


def test_refused_files_are_no_known_ones(file: StoredFile) -> None:
    PageImage.objects.all().delete()
    StoredFile.objects.update(verdict=FileVerdict.REJECTED)
    loose(1)
    assert services.sweep()["refused"] == 2  # with the picture of its page


def test_what_is_not_ours_is_neither_moved_nor_deleted(file: StoredFile) -> None:
    strange = store.path_of(file.storage_key).with_name("notas.txt")
    strange.write_text("de otra mano")
    os.utime(strange, (0, 0))
    assert services.sweep() == {"parts": 0, "orphans": 0}
    assert strange.read_text() == "de otra mano"


def test_cut_off_between_the_two_steps_a_file_is_young_and_in_its_place(
    file: StoredFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = loose(1)

    def cut(*paths: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cutting, pytest.raises(KeyboardInterrupt):
        cutting.setattr(store, "_move", cut)
        services.sweep()
    assert time.time() - store.path_of(key).stat().st_mtime < 60
    assert services.sweep() == {"parts": 0, "orphans": 0}
    assert services.sweep(older_than=timedelta(seconds=-60)) == {"parts": 0, "orphans": 1}


def test_many_keys_are_asked_in_batches(file: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.papers.services.sweeping.BATCH", 2)
    keys = loose(5)
    assert services.sweep() == {"parts": 0, "orphans": 5}
    assert sorted(key for key, _since in store.keys_aside()) == sorted(keys)
    assert plain(file) == makers.pdf()


# --- what a start asks ---------------------------------------------------------------------------------------------


def start(*arguments: str) -> str:
    said = StringIO()
    call_command("check-start", *arguments, stdout=said)
    return said.getvalue()


def test_a_start_on_its_own_database_says_nothing(file: StoredFile) -> None:
    assert start() == ""


def test_a_database_that_is_only_older_starts_and_lists_the_difference(file: StoredFile, physician: User) -> None:
    newer = loose(25)
    gone = stored(physician, b"<a/>", "a.xml", purpose="otra")
    store.remove(gone.storage_key)
    told = start()
    assert "no conoce (se conservan): 25" in told
    assert told.count("\n  ") == 20 + 1 + 1  # twenty of them, "…", and the one that is missing
    assert f"no están (búscalos en el respaldo): 1\n  {gone.pk}" in told
    assert all(store.path_of(key).exists() for key in newer)


def test_an_empty_database_beside_files_is_refused_until_a_person_says_it_is_the_right_one() -> None:
    (key,) = loose(1)
    with pytest.raises(CommandError, match=r"ninguno de los 1 archivos.*No se tocó nada.*--apartar"):
        start()
    assert store.path_of(key).exists()
    assert start("--apartar") == "Archivos en cuarentena desde ahora: 1\n"
    assert [one for one, _since in store.keys_aside()] == [key]
    assert start() == ""


def test_a_world_that_was_being_built_when_it_was_cut_off_goes_on() -> None:
    loose(3)
    store.beginning().touch()
    assert start() == ""
    store.beginning().unlink()
    with pytest.raises(CommandError):
        start()


def test_a_start_brings_back_what_was_aside_and_is_known(file: StoredFile) -> None:
    store.set_aside(file.storage_key)
    assert "volvieron de la cuarentena" in start()
    assert checking.verify_files().faults == []
