"""What a bank answer that was read says of its batch: a page-shaped read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.errors import Finding, Level
from portal.imports.selectors import wrong_rows
from portal.treasury import bank_files, rules
from portal.treasury.models import BankResult, Transfer


@dataclass(frozen=True, slots=True)
class Answer:
    """A bank answer beside the transfers it answers, as they stand now."""

    rows: list[dict[str, Any]]
    left_out: list[Finding]
    known: int
    unanswered: int


def answer_of(result: BankResult) -> Answer:
    """What applying an answer does, row by row; what was left out of it and why; how many transfers still wait."""
    told = result.told
    transfers = {row.tracking: row for row in Transfer.objects.filter(batch=result.batch_id).order_by("number")}
    rows = [
        {
            "transfer": transfers[row["tracking"]],
            "row": row,
            "on": date.fromisoformat(row["on"]),
            "label": rules.TRANSFER.label(row["outcome"]),
            "tone": rules.TRANSFER.tone(row["outcome"]),
        }
        for row in told
    ]
    waiting = {key for key, row in transfers.items() if row.state == rules.TransferState.PENDING}
    left_out = [
        Finding(bank_files.LEFT_OUT, Level.REVIEW, f"Renglón {number}: {message}", "")
        for number, _column, message in wrong_rows(result.run)[: bank_files.MAX_SHOWN]
    ]
    return Answer(
        sorted(rows, key=lambda line: line["transfer"].number),
        left_out,
        result.run.unchanged,
        len(waiting - {row["tracking"] for row in told}),
    )
