"""`claim-missing -`: what a claim still lacks before it can be sent, by the rulebook of its day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.core.management.base import CommandParser

from claims.rules.kinds import AccountStanding, ConditionStanding, Kind, Stage, Subtype
from claims.rules.missing import Filing, Hospital, InvoicePapers, Requirement, missing_to_submit
from claims.selectors import report_months, requirements_on
from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal.reading import one_reading

_NEEDED = ("kind", "stage", "on", "account")
_KEYS = ("subtype", "coverage", "coverages", "condition", "hospital", "documents", "medical_report_on", "invoices")
_KEYS += ("consents", "files_pending", "files_rejected")


class Command(LineCommand):
    """Lists what is missing as the page and the sending do (S3.15-S3.27)."""

    help = "Dice qué le falta a un trámite para enviarse; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument(
            "source", metavar="-", choices=["-"], help='- lee objetos {"kind","subtype","stage","on",…}'
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question; the rulebook is read once."""
        with one_reading():
            months, asked = cache(report_months), cache(requirements_on)
            self.answer(lambda text: judge(lines.parse_object(text), months, asked), lines.questions(source, {}))


def judge(
    question: Mapping[str, Any], months: Callable[[date], int], asked: Callable[[date], Iterable[Requirement]]
) -> Answer:
    """Names of what is missing, none when the claim can be sent."""
    lines.need(question, *_NEEDED)
    lines.need_keys(question, *_KEYS)
    on = lines.as_date(question["on"], "on")
    report_on = question["medical_report_on"]
    filing = Filing(
        kind=lines.as_choice(question["kind"], "kind", Kind),
        subtype=lines.as_choice(question["subtype"], "subtype", Subtype) if question["subtype"] else None,
        stage=lines.as_choice(question["stage"], "stage", Stage),
        on=on,
        coverage=lines.as_text(question["coverage"] or "", "coverage"),
        coverages=_texts(question, "coverages"),
        condition=lines.as_choice(question["condition"] or "", "condition", ConditionStanding),
        hospital=lines.as_choice(question["hospital"] or "", "hospital", Hospital),
        documents=_documents(question["documents"]),
        medical_report_on=lines.as_date(report_on, "medical_report_on") if report_on else None,
        invoices=[_invoice(row) for row in lines.objects(question, "invoices")],
        account=lines.as_choice(question["account"], "account", AccountStanding),
        consents=_texts(question, "consents"),
        files_pending=_count(question["files_pending"], "files_pending"),
        files_rejected=_count(question["files_rejected"], "files_rejected"),
    )
    return {"missing": missing_to_submit(filing, requirements=asked(on), report_months=months(on))}


def _texts(question: Mapping[str, Any], name: str) -> list[str]:
    if not isinstance(question[name], list):
        raise Unjudged("datum_unreadable", f"{name} no es una lista. Escríbela entre corchetes: […].")
    return [lines.as_text(one, name) for one in question[name]]


def _documents(found: object) -> dict[str, int]:
    if not isinstance(found, dict):
        raise Unjudged("datum_unreadable", 'documents no es un objeto. Escríbelo así: {"claim_form": 1}.')
    return {name: _count(number, f"documents.{name[:40]}") for name, number in found.items()}


def _invoice(row: Mapping[str, Any]) -> InvoicePapers:
    flags = ("xml", "pdf", "payment_proof", "medicines", "hospital")
    lines.need(row, *flags)
    lines.need_keys(row, "method")
    told = {name: lines.as_flag(row[name], f"invoices.{name}") for name in flags}
    return InvoicePapers(method=lines.as_text(row["method"] or "", "method").strip(), **told)


def _count(value: object, name: str) -> int:
    if (number := lines.as_whole(value, name)) < 0:
        raise Unjudged("number_negative", f"{name} es negativo. Escribe cuántos hay, desde 0.")
    return number
