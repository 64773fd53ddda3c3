"""The kinds of import that treasury takes in (`portal/imports`): what the bank answers of a batch, what moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from portal.access import Permission
from portal.imports.registry import ImportSpec
from portal.treasury import bank_files, services
from portal.treasury.rules.movements_layout import MOVEMENTS as MOVEMENTS_LAYOUT

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


def _file_page(run: ImportRun) -> str:
    return reverse("treasury:movement_file", args=[run.movement_file.pk])


MOVEMENTS = ImportSpec(
    kind=services.MOVEMENTS,
    title="Movimientos de cobranza",
    permission=Permission.MATCH_DEPOSITS,
    layout=MOVEMENTS_LAYOUT,
    judge=services.judge_file,
    apply=services.apply_file,
    purpose="movements",
    start="treasury:movement_files",
    done=_file_page,
    find=services.find_account,
    note=services.note_file,
    page=_file_page,
)
