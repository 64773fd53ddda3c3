"""`folio-series`: how far each series counted and whether a number lacks its paper, one series a line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from config.ruledesk.lines import LineCommand
from portal.folios import rules, selectors
from portal.folios.selectors import SeriesState


class Command(LineCommand):
    """Lists the series of folios for the auditor (S2.41)."""

    help = "Enumera las series de folios: último número, dados, anulados y faltantes; un objeto JSON por línea."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One option: which series."""
        parser.add_argument("--prefix", default="", choices=sorted(rules.PREFIXES), help="solo las de este prefijo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell each one."""
        found = {str(at): one for at, one in enumerate(selectors.series_states(prefix=options["prefix"]))}
        self.answer(lambda at: _told(found[at]), found)


def _told(one: SeriesState) -> dict[str, Any]:
    return asdict(one) | {"office": one.office or None}
