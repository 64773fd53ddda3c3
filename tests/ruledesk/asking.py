"""Asking the rule desk as a shell does: words, standard input, answers by line, and how the command ended."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import call_command


def ask(*words: str, stdin: str | bytes = b"") -> tuple[list[dict[str, Any]], int]:
    """The answers of a command, one a line, and its exit code."""
    out, ended = io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        try:
            call_command(*words, stdout=out)
        except SystemExit as left:
            ended = int(left.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], ended


def one(*words: str, stdin: str | bytes = b"") -> dict[str, Any]:
    """The single answer of a command that could judge."""
    answers, ended = ask(*words, stdin=stdin)
    assert ended == 0, answers
    (answer,) = answers
    return answer


def lines(*questions: dict[str, Any]) -> str:
    """Questions as JSON lines."""
    return "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)


def codes(answers: list[dict[str, Any]]) -> list[str]:
    """The error code of each line, "" where there was an answer."""
    return [answer["error"]["code"] if set(answer) == {"error"} else "" for answer in answers]
