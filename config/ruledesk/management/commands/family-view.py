"""`family-view -`: may this person of a family see that datum of another today? Needs neither database nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from memberships.rules.family import SHAREABLE, Datum, Viewer, sight

_OLDEST = 1850


class Command(LineCommand):
    """Says who sees whom as pages and files do (AC-05)."""

    help = "Dice si alguien de una familia ve un dato de otra persona, y por qué; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument(
            "source", metavar="-", choices=["-"], help='- lee objetos {"viewer","born_on","has_account",…}'
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """Whether the datum is visible on the day `on`, and the reason."""
    lines.need(question, "viewer", "born_on", "has_account", "shares", "what", "on")
    born_on = lines.as_date(question["born_on"], "born_on", first_year=_OLDEST)
    on = lines.as_date(question["on"], "on")
    if born_on > on:
        raise Unjudged("not_born_yet", "born_on es posterior a on: esa persona aún no había nacido. Revisa las fechas.")
    found = sight(
        viewer=lines.as_choice(question["viewer"], "viewer", Viewer),
        what=lines.as_choice(question["what"], "what", Datum),
        born_on=born_on,
        has_account=lines.as_flag(question["has_account"], "has_account"),
        shares=_shares(question["shares"]),
        on=on,
    )
    return {"visible": found.visible, "reason": {"code": found.code, "message": found.message}}


def _shares(value: object) -> set[Datum]:
    if not isinstance(value, list):
        raise Unjudged("datum_unreadable", 'shares no es una lista. Escríbela así: ["card", "imss"].')
    shares = {lines.as_choice(one, "shares", Datum) for one in value}
    if wrong := sorted(shares - {*SHAREABLE}):
        raise Unjudged("choice_unknown", f"shares: {wrong[0]} no se comparte. Usa: {', '.join(SHAREABLE)}.")
    return shares
