"""A right file beside a wrong field waits a day for who sent it: its own ciphertext, one a person and form (D24)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from config.demo.uploads import upload_of
from portal import clock, ids, vault
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.papers import checking, selectors, services, store, tasks
from portal.papers.models import DraftFile, StoredFile
from portal.papers.services import drafts
from portal.people.models import User
from tests.factories import people
from tests.factories.threads import LONG, somebody_waits
from tests.papers import makers

pytestmark = pytest.mark.django_db
AT = clock.real_now()
MEGABYTE = 1024 * 1024


def kept(by: User, content: bytes = makers.pdf(), *, name: str = "Constancia.pdf", **more: Any) -> DraftFile:
    said = {"form": "f", "kinds": {"pdf", "csv"}, "by": by, "at": AT}
    return services.keep_draft(upload=upload_of(name, content), **said | more)


def test_it_is_sealed_shown_to_its_person_alone_and_goes_with_its_form(
    physician: User, stranger: User, django_capture_on_commit_callbacks: Any
) -> None:
    draft = kept(physician)
    place = store.path_of(draft.storage_key)
    assert makers.pdf()[:20] not in place.read_bytes() and not StoredFile.objects.exists()
    assert (str(draft), draft.display_name, draft.kind) == ("Constancia.pdf", "Constancia.pdf", "pdf")
    assert selectors.kept_draft(form="f", by=physician, at=AT) == draft
    assert selectors.kept_draft(form="other", by=physician, at=AT) is None
    assert selectors.kept_draft(form="f", by=stranger, at=AT) is None
    again = services.draft_upload(draft)
    assert (again.name, again.read(), again.sha256) == ("Constancia.pdf", makers.pdf(), draft.sha256)
    again.close()
    assert not checking.verify_files().faults and checking.verify_files().read == 1
    with django_capture_on_commit_callbacks(execute=True):
        services.drop_draft(form="f", by=physician, at=AT)
        services.drop_draft(form="f", by=physician, at=AT)
    assert not place.exists() and not DraftFile.objects.exists()
    acts = AuditEvent.objects.filter(action__startswith="papers.draft").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["papers.draft_kept", "papers.draft_dropped"]


def test_another_takes_its_place_and_after_a_day_its_bytes_go(
    physician: User, stranger: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, newer, other = kept(physician), kept(physician, makers.pdf(pages=2)), kept(stranger)
    assert not store.path_of(first.storage_key).exists() and DraftFile.objects.count() == 2
    day = timedelta(hours=24)
    assert services.drop_drafts(at=AT + day - timedelta(seconds=1)) == 0
    assert selectors.kept_draft(form="f", by=physician, at=AT + day) is None
    with django_capture_on_commit_callbacks(execute=True):
        assert services.drop_drafts(at=AT + day) == 2
    assert not any(store.path_of(one.storage_key).exists() for one in (newer, other))
    assert tasks.drop_drafts() == 0


def test_one_kept_anew_while_the_old_ones_are_cleared_stays(physician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, later = drafts.drop_draft, AT + timedelta(hours=24)
    kept(physician)

    def meanwhile(**said: Any) -> bool:
        kept(physician, at=later)
        return drop(**said)

    monkeypatch.setattr(drafts, "drop_draft", meanwhile)
    assert services.drop_drafts(at=later) == 0 and DraftFile.objects.get().kept_at == later


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_one_person_that_keep_at_once_wait_for_each_other() -> None:
    by, answers = people.a_person(), list[Any]()

    def second() -> None:
        try:
            answers.append(kept(by, makers.pdf(pages=2)))
        except IntegrityError as error:
            answers.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    examined = services.examine_upload(upload=upload_of("a.pdf", makers.pdf()), kinds={"pdf"})
    with transaction.atomic():
        drafts.keep_examined(form="f", examined=examined, by=by, at=AT)
        other.start()
        assert somebody_waits(), "the second one never waited"
    other.join(LONG)
    assert not other.is_alive() and [DraftFile.objects.get()] == answers


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"hola", "a.pdf"), (b"", "a.pdf"), (makers.pdf(), "a.xml"), (b"%PDF-1.7\n" + b" " * 5 * MEGABYTE, "a.pdf")],
    ids=["no pdf", "empty", "another kind", "too large to be judged at once"],
)
def test_what_is_refused_is_not_kept_and_what_was_kept_before_stays(physician: User, content: bytes, name: str) -> None:
    before = kept(physician)
    with pytest.raises(RuleBroken):
        kept(physician, content, name=name)
    assert DraftFile.objects.get() == before


def test_a_long_table_is_kept_unread_up_to_its_own_limit(physician: User) -> None:
    long = b"cuenta,importe\n" + b"A,1.00\n" * MEGABYTE
    assert kept(physician, long, name="ordenes.csv", largest=10 * MEGABYTE).size == len(long)
    with pytest.raises(RuleBroken):
        kept(physician, long, name="ordenes.csv", largest=6 * MEGABYTE)


def test_its_key_is_wrapped_anew_with_those_of_every_file(physician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = kept(physician)
    monkeypatch.setattr(vault, "is_newest", lambda sealed, purpose: False)
    assert services.rewrap_files() == 1
    assert b"".join(selectors.open_file(DraftFile.objects.get())) == makers.pdf()
    assert bytes(DraftFile.objects.get().wrapped_key) != bytes(draft.wrapped_key)


def test_a_person_has_one_at_a_time_of_each_form(physician: User) -> None:
    draft = kept(physician)
    draft.pk, draft.storage_key = ids.uuid7(), store.new_key()
    with pytest.raises(IntegrityError, match="one_draft_file_per_form"), transaction.atomic():
        draft.save(force_insert=True)
