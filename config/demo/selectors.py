"""What the demo's pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from billing.models import Invoice
from config.demo.models import DemoDay
from config.demo.people import PEOPLE
from config.demo.samples import families
from memberships.models import Member, Plan, PolicyYear, Slip
from memberships.rules.family import of_age_on
from portal.notices.models import SentMail
from portal.treasury.models import PaymentBatch

MAILS = 50  # a page
CURE = "No se perdió nada: reinténtalo y sigue desde ahí. Si vuelve a detenerse, empieza de cero."


def people() -> list[dict[str, Any]]:
    """The sample people with their roles in words."""
    return [{"slug": p.slug, "name": p.name, "role": p.roles_told, "what": p.what, "rfc": p.rfc} for p in PEOPLE]


def days_to_play() -> dict[str, Any] | None:
    """How far the clock is with the days that somebody asked for, as `job-progress` draws it; None while it rests."""
    day = DemoDay.objects.filter(done_at=None).order_by("pk").first()
    if day is None:
        return None
    said = f"Va en el día {day.number} de {day.of}."
    if day.parked_at is not None:
        said = (
            f"El día {day.number} de {day.of} no terminó: su trabajo falló ({day.last_error or 'sin mensaje'}). {CURE}"
        )
    return {
        "title": "El reloj se detuvo" if day.parked_at is not None else "El reloj avanza",
        "done": day.number - 1,
        "total": day.of,
        "text": said,
        "failed": day.parked_at is not None,
    }


@dataclass(frozen=True, slots=True)
class Mails:
    """A page of the mailbox, how many there are in all, and before which mail the next page begins (0: no more)."""

    rows: list[SentMail]
    count: int
    older: int


def mails(*, before: int = 0) -> Mails:
    """The last mails, newest first, or the page of those sent before a mail."""
    rows = SentMail.objects.defer("text", "html").order_by("-sent_at", "-pk")
    if (begins := SentMail.objects.filter(pk=before).first()) is not None:
        rows = rows.filter(Q(sent_at__lt=begins.sent_at) | Q(sent_at=begins.sent_at, pk__lt=before))
    page = list(rows[: MAILS + 1])
    return Mails(page[:MAILS], SentMail.objects.count(), page[MAILS - 1].pk if len(page) > MAILS else 0)


def drafts() -> list[Invoice]:
    """Invoices whose files can be tried: drafts and returned ones."""
    return list(
        Invoice.objects.filter(state__in=["draft", "returned"])
        .select_related("party", "insurer")
        .order_by("-created_at", "-pk")[:20]
    )


def deposits() -> list[Invoice]:
    """Paid invoices whose complement is owed."""
    return list(
        Invoice.objects.without_complement().select_related("party", "transfer").order_by("-paid_on", "-pk")[:20]
    )


def open_slips(means: str) -> list[tuple[str, Decimal]]:
    """Reference and amount of the slips that wait to be paid there."""
    rows = Slip.objects.filter(state="issued", scheme__means=means).order_by("pk")
    return list(rows.values_list("reference", "amount")[:20])


def batches() -> list[PaymentBatch]:
    """Batches that wait for the bank's answer."""
    return list(PaymentBatch.objects.filter(state="exported").order_by("-prepared_at", "-pk")[:20])


def certified(*, on: date) -> list[Member]:
    """Adults of a policy without an account: what their certificates say, by which they register."""
    stays = Member.objects.current(on=on).exclude(membership__plan__policy_number="").filter(person__party__grants=None)
    found = stays.select_related("person", "membership__plan").order_by("pk")
    return [stay for stay in found if of_age_on(stay.person.born_on) <= on]


def people_file(what: str, *, on: date) -> bytes | None:
    """A table of people for the affiliation desk, of the plan that is offered or of a policy's current year."""
    if what == "afiliaciones":
        plan = Plan.objects.offered().order_by("created_at", "pk").first()
        return families.families(on, plan=plan.name) if plan else None
    if what == "certificados":
        years = PolicyYear.objects.filter(since__lte=on, until__gt=on).select_related("plan")
        year = years.order_by("plan__created_at", "pk").first()
        return families.certificates(on, policy=year.plan.policy_number, since=year.since) if year else None
    return None
