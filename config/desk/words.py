"""The record in words: what each act and each thing is called on the audit page. Codes stay what is stored.

Each app says its own in its `audit_words` (`ACTS`, `THINGS`, `DRAINS`).
"""

from __future__ import annotations

from portal import modules
from portal.access import ROLE_LABELS


def _of_apps(table: str) -> dict[str, str]:
    return {
        code: said for _, module in modules.named("audit_words") for code, said in getattr(module, table, {}).items()
    }


ACTS: dict[str, str] = _of_apps("ACTS")
THINGS: dict[str, str] = _of_apps("THINGS")
DRAINS: dict[str, str] = _of_apps("DRAINS")
# What stands beside the acts: who read, who took a list away, who was refused a page.
READINGS: dict[str, str] = {"read": "Lectura", "exported": "Lista descargada", "refused": "Página negada"}

ROLES: dict[str, str] = {str(role): label for role, label in ROLE_LABELS.items()}


def act(code: str) -> str:
    """What an act is called; its code while nobody named it."""
    return ACTS.get(code, code)


def roles(acting_as: str) -> str:
    """The stored role slugs in words."""
    return ", ".join(ROLES.get(one, one) for one in acting_as.split())


def drain(name: str) -> str:
    """What a queue's work is called."""
    return DRAINS.get(name, name)
