"""Checks that belong to claims and run inside the examiner child: plain bytes and facts, no database."""

from __future__ import annotations

from typing import Any

from claims.rules.papers import uuids_in
from portal.papers.judgement import Judgement


def paper(content: bytes, context: dict[str, Any]) -> Judgement:  # every check has this shape
    """Which folios fiscales a family's PDF shows: so its invoice is found. A photograph shows none."""
    return Judgement((), {"uuids": uuids_in(context.get("base", {}).get("text", ()))})
