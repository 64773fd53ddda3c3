"""What breaks the constraints of the floor's other rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models

from billing.models import ComplementDue
from config.demo.models import DemoClock, DemoDay
from portal import ids
from portal.calendars.models import CalendarFeed
from portal.help.models import ContactMessage
from portal.imports.models import ImportRun, ImportTask, KnownHeading
from portal.listing.models import SavedView
from portal.notices.models import Enclosure, MailPreference, Notice
from portal.once.models import IdempotencyKey
from portal.papers import services as papers
from portal.papers.models import ListExport
from portal.resume.models import KeptForm
from portal.rulebook.models import Rule
from portal.work.models import Hold, Look
from tests.breakers import Breaker, changed, same
from tests.factories import people
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY


def idempotency_key() -> models.Model:
    return IdempotencyKey.objects.create(
        user=people.a_person(),
        scope="test.act",
        key="k" * 8,
        body_sha256="b" * 64,
        attempt=ids.uuid7(),
        locked_until=NOW,
        created_at=NOW,
    )


def imported() -> models.Model:
    by, sender = people.reviewer(), people.an_insurer()
    return ImportRun.objects.create(
        kind="test",
        sender=sender,
        source="file",
        file=a.stored_pdf(sender, by),
        sha256="b" * 64,
        declared={},
        counted={},
        rows=2,
        new=1,
        unchanged=0,
        skipped=0,
        wrong=1,
        state="applied",
        read_by=by,
        read_at=NOW,
        closed_by=by,
        closed_at=NOW,
    )


def import_task() -> models.Model:
    run: Any = imported()
    return ImportTask.objects.create(run=run, act="read", by=run.read_by, asked_at=NOW)


def known_heading() -> models.Model:
    run = imported()
    return KnownHeading.objects.create(kind="test", sender=run.sender, heading="folio", column="key", said_in=run)


def message() -> models.Model:
    return ContactMessage.objects.create(
        folio="QS-2020-000001",
        name="Ana",
        email="ana@ejemplo.mx",
        kind="question",
        body="¿Cuándo?",
        created_at=NOW,
        anchor=TODAY,
        due_on=TODAY,
        rolled_on=TODAY,
        due_rule="contact.answer_days v1 · operador",
    )


def feed() -> models.Model:
    return CalendarFeed.objects.create(user=people.reviewer(), digest="a" * 64, created_at=NOW)


def complement_due() -> models.Model:
    return ComplementDue.objects.create(anchor=TODAY, due_on=TODAY, rolled_on=TODAY, due_rule="rep_due_day v1 · RMF")


def preference() -> models.Model:
    return MailPreference.objects.create(user=people.a_person(), kind="billing/invoice_paid")


def notice() -> models.Model:
    by = people.a_person()
    return Notice.objects.create(user=by, kind="digest", key="k", title="t", body="b", created_at=NOW)


def enclosure() -> models.Model:
    paper = papers.issue_document(kind="prueba", template="pdf/document.html", context={}, party=None, by=None, at=NOW)
    return Enclosure.objects.create(notice=notice(), document=paper)


def enclosed_file() -> models.Model:
    told = {"content": b"%PDF", "name": "a.pdf", "kind": "pdf", "purpose": "prueba"}
    return Enclosure.objects.create(notice=notice(), file=papers.store_bytes(**told, party=None, by=None, at=NOW))


def hold() -> models.Model:
    return Hold.objects.create(thing_type="x.y", thing_id="1", queue="x.y", holder=people.reviewer(), since=NOW)


def look() -> models.Model:
    return Look.objects.create(thing_type="x.y", thing_id="1", viewer=people.reviewer(), seen_at=NOW)


def saved_view() -> models.Model:
    return SavedView.objects.create(
        user=people.a_person(), listing="people", name="Nuevas", path="/mesa/", is_default=True, created_at=NOW
    )


def rule() -> models.Model:
    return Rule.objects.order_by("pk")[0]


def list_export() -> models.Model:
    return ListExport.objects.create(by=people.a_person(), listing="people", title="Personas", file="csv", asked_at=NOW)


def kept_form() -> models.Model:
    return KeptForm.objects.create(
        user=people.a_person(), action="/a/", page="/", fields="{}", kept_at=NOW, expires_at=NOW + timedelta(hours=1)
    )


def demo_day() -> models.Model:
    return DemoDay.objects.create(asked=ids.uuid7(), number=1, of=1)


def the_clock() -> models.Model:
    return DemoClock.objects.get_or_create(pk=1)[0]


BREAKERS: dict[str, Breaker] = {
    # imports (N4)
    "import_state_known": changed(imported, state="lost"),
    "one_live_import_per_file": same(imported),
    "import_counts_add_up": changed(imported, unchanged=1),
    "import_closed_when": changed(imported, closed_at=None),
    "import_secrets_only_while_open": changed(imported, secrets="{}"),
    "import_file_has_its_hash": changed(imported, sha256=""),
    "import_task_act_known": changed(import_task, act="nap"),
    "one_open_task_per_import": same(import_task),
    "one_meaning_per_heading": same(known_heading),
    # help (S3.7)
    "contact_state_known": changed(message, state="lost", without=("contact_answer_who_and_when_together",)),
    "contact_answer_who_and_when_together": changed(message, state="answered", answer="Mañana."),
    "contact_fields_all_required": changed(message, body=""),
    # once (MO-04)
    "key_state_known": changed(idempotency_key, state="lost", without=("done_key_has_its_answer",)),
    # notices
    "one_preference_per_kind": same(preference),
    "enclosure_is_one_paper": changed(enclosure, document=None),
    "one_enclosure_per_document": same(enclosure),
    "one_enclosure_per_file": same(enclosed_file),
    "notice_mailed_alone_or_with_the_days": changed(notice, digested_at=NOW),
    # papers: long lists
    "export_file_known": changed(list_export, file="docx"),
    "export_is_made_whole": changed(list_export, made_at=NOW),
    # resume
    "one_kept_form_per_action": same(kept_form),
    "kept_form_expires": changed(kept_form, expires_at=NOW),
    # work
    "one_holder_per_thing": same(hold, queue="x.z"),
    "one_look_per_viewer_and_thing": same(look),
    # rulebook and the demo's clock
    "saved_view_named_once": same(saved_view, is_default=False),
    "one_default_view_per_list": same(saved_view, name="Otra"),
    "saved_view_named_and_placed": changed(saved_view, path="mesa/"),
    "one_live_feed_per_person": same(feed, digest="b" * 64),
    **{
        f"{table}_{name}": changed(row, without=without, **values)
        for table, row, without in (
            ("contactmessage", message, ("contact_answer_who_and_when_together",)),
            ("complementdue", complement_due, ()),
        )
        for name, values in {
            "due_after_its_anchor": {"due_on": TODAY - timedelta(days=1)},
            "due_says_its_rule": {"due_rule": ""},
            "met_due_is_not_reminded": {"met_at": NOW, "next_reminder_on": TODAY},
        }.items()
    },
    "rule_publisher_and_instant_together": changed(rule, published_by=None, published_at=NOW),
    "one_demo_clock": same(the_clock, pk=2),
    "demo_day_once": same(demo_day),
    "demo_day_is_one_of_them": changed(demo_day, number=2),
}
