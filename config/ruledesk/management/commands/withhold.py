"""`withhold --scheme CODE --amount N --on DATE | -`: what is withheld from a fee, by the rulebook's own rows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand
from config.ruledesk.schemes import scheme_rule
from portal.fiscal.findings import say
from portal.fiscal.rules import withhold
from portal.money import parse_money
from portal.rulebook.rules import Enforcement, RuleInForce

_NAMES = ("scheme", "amount", "on")


class Command(LineCommand):
    """Computes withholdings as the assistant of an invoice does (S0.20-S0.23)."""

    help = "Dice qué se retiene de un honorario según un esquema y una fecha; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """One question by options, or many by standard input."""
        parser.add_argument(
            "source", metavar="-", nargs="?", choices=["-"], help='- lee objetos {"scheme","amount","on"}'
        )
        parser.add_argument("--scheme", metavar="CÓDIGO", help="PF, RESICO, PF_JAL, RESICO_JAL …")
        parser.add_argument("--amount", metavar="MONTO", help="honorario en pesos, sin IVA")
        parser.add_argument("--on", metavar="FECHA", help="fecha de la factura, AAAA-MM-DD")

    def handle(self, *args: Any, source: str | None, **options: Any) -> None:
        """Answer every question."""
        asked = {name: options[name] for name in _NAMES}
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, asked))


def judge(question: Mapping[str, Any]) -> Answer:
    """Lines, payable and warnings of one question; amounts MXN, rates as six-decimal fractions."""
    lines.need(question, *_NAMES)
    code = lines.as_text(question["scheme"], "scheme").strip()
    on = lines.as_date(question["on"], "on")
    base = parse_money(lines.as_text(question["amount"], "amount"), "MXN")
    rule = scheme_rule(code, on=on)
    kept = withhold(base, rule.value["components"])
    return {
        "lines": [
            {
                "component": line.component,
                "rate": f"{line.rate:.6f}",
                "base": f"{line.base:.2f}",
                "amount": f"{line.amount:.2f}",
                "rule": rule.reference,
            }
            for line in kept
        ],
        "payable": f"{base - sum((line.amount for line in kept), Decimal(0)):.2f}",
        "warnings": _warnings(code, rule),
    }


def _warnings(code: str, rule: RuleInForce) -> list[dict[str, str]]:
    said = []
    if not rule.active:
        said.append(
            {
                "code": "scheme_inactive",
                "message": f"El esquema {code} no está activo: ninguna factura se compara con él. "
                "Se activa en Reglas cuando el operador lo confirme.",
            }
        )
    if rule.enforcement == Enforcement.ACCEPTED_WITH_WARNING:
        said.append(lines.told(say("scheme_review", scheme=code)))
    if rule.conflict_note:
        said.append({"code": "scheme_conflict", "message": rule.conflict_note})
    return said
