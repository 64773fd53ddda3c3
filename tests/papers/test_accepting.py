"""A service uses no paper that the examiner did not accept, or leave to a person."""

from __future__ import annotations

from typing import Any

import pytest

from portal.errors import Conflict, Finding, Level, RuleBroken, Verdict
from portal.papers import services
from portal.papers.rules import FileVerdict

BAD = (Finding("file.kind", Level.ERROR, "El archivo es un GIF.", "Súbelo como PDF."),)


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.REVIEW])
def test_what_was_accepted_or_waits_for_a_person_is_used(verdict) -> None:
    paper = services.Examined("a.pdf", "pdf", verdict)
    assert services.require_accepted(paper) is paper


@pytest.mark.parametrize(
    ("verdict", "more", "told"),
    [
        (Verdict.REJECTED, {"field": "file"}, (RuleBroken, "file.kind", "file", BAD)),
        (Verdict.REJECTED, {"refused": lambda paper: Conflict("no", code="own")}, (Conflict, "own", None, ())),
        (FileVerdict.PENDING, {"field": "xml"}, (RuleBroken, "too_big", "xml", ())),
        (FileVerdict.PENDING, {"too_big": "Pesa."}, (RuleBroken, "too_big", None, ())),
    ],
)
def test_what_was_rejected_or_waits_for_the_examiner_is_refused_in_words(verdict, more: dict[str, Any], told) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.require_accepted(services.Examined("a.pdf", "pdf", verdict, BAD), **more)
    error = refused.value
    assert (type(error), error.code, error.field, error.findings) == told
    assert error.message in {"El archivo es un GIF. Súbelo como PDF.", "no", "Pesa.", services.accepting.TOO_BIG}
