"""The kind of import that treasury takes in (`portal/imports`): what the bank answers of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from portal.access import Permission
from portal.imports.registry import ImportSpec
from portal.treasury import bank_files, services

if TYPE_CHECKING:
    from portal.imports.models import ImportRun


def _page(run: ImportRun) -> str:
    return reverse("treasury:bank_result", args=[run.bank_result.batch_id, run.bank_result.pk])


BANK_ANSWERS = ImportSpec(
    kind=services.ANSWERS,
    title="Respuestas del banco",
    permission=Permission.PREPARE_PAYMENTS,
    layout=bank_files.ANSWER,
    judge=services.judge_answer,
    apply=services.apply_answer,
    purpose="bank-result",
    start="treasury:batches",
    done=_page,
    find=services.find_answered,
    note=services.note_answer,
    page=_page,
)
