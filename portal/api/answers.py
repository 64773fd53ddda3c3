"""What a call answers: serializers that only write, so that the schema and the answer are one declaration."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.design import dates
from portal.money import round_money
from portal.zones import MEXICO_CITY

AGAIN = 2  # seconds after which what a drain does may be asked for again
MONEY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d+(\.\d{2})?$", "examples": ["1300.00"]},
        "currency": {"type": "string", "enum": ["MXN", "CLP"], "examples": ["MXN"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}


class Answer(serializers.Serializer):
    """One thing as the API tells it. `view` makes what the fields read out of what the call found."""

    def view(self, found: Any) -> Any:
        """The thing itself, unless an answer needs more than its fields."""
        return found

    def to_representation(self, instance: Any) -> Any:
        """The fields of the view, of JSON's own types."""
        return super().to_representation(self.view(instance))


@extend_schema_field(MONEY_SCHEMA)
class Money(serializers.Field):
    """{amount, currency}: the amount as text with the currency's decimals; the currency is a field's or MXN."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
        self.currency = currency

    def get_attribute(self, instance: Any) -> Any:
        """The amount and its currency."""
        amount = super().get_attribute(instance)
        if amount is None:
            return None
        return amount, _of(instance, self.currency) if self.currency else "MXN"

    def to_representation(self, value: Any) -> dict[str, str]:
        """As JSON."""
        amount, currency = value
        return {"amount": str(round_money(Decimal(amount), currency)), "currency": currency}


@extend_schema_field({"type": "string", "format": "date-time", "examples": ["2026-11-20T12:30:00-06:00"]})
class Instant(serializers.Field):
    """An instant as ISO text, in the local time of central Mexico."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        """As JSON."""
        return dates.as_local(value, MEXICO_CITY).isoformat(timespec="seconds")


class With:
    """A thing and what is told beside its columns: `With(invoice, orders=lines)`."""

    def __init__(self, thing: Any, **more: Any) -> None:
        self._thing = thing
        self.__dict__.update(more)

    def __getattr__(self, name: str) -> Any:
        """Whatever it has not, the thing has."""
        return getattr(self._thing, name)


class Found(Answer):
    """One finding of the machine about a file."""

    code = serializers.CharField()
    level = serializers.ChoiceField(["error", "review", "warning", "not_checked", "ok"])
    message = serializers.CharField()
    cure = serializers.CharField()


def _of(instance: Any, path: str) -> Any:
    return reduce(
        lambda one, name: one[name] if isinstance(one, dict) else getattr(one, name), path.split("."), instance
    )
