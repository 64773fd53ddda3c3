"""`audit-verify`: walk the chain of seals and name the first bad row; exit 1 when there is one (AD-03)."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal import clock
from portal.history import selectors


class Command(BaseCommand):
    """Verifies the record."""

    help = "Recorre la cadena de auditoría y nombra el primer renglón malo."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found."""
        report = selectors.verify(at=clock.real_now())
        if report.fault:
            self.stderr.write(
                f"MAL: {report.fault.row}: {report.fault.message} (sellos buenos antes: {report.checked})"
            )
            sys.exit(1)
        self.stdout.write(f"BIEN: {report.checked:,} sellos en orden, {report.unsealed:,} renglones por sellar.")
