"""Papers for tests: the paper mill with people and orders already chosen."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from config.demo import samples

ISSUER = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
RECEIVER = {"rfc": "PSE010101AA1", "name": "PLAN SEGURO", "zip": "06600", "regime": "601"}
ORDERS = (
    {"account": "OA-2026-000123", "patient": "María José Núñez Peña", "payable": "1500.00"},
    {"account": "77", "patient": "Juan Pérez", "payable": "333.33"},
)
PF = [{"component": "ISR", "rate": "0.100000"}]
RESICO = [{"component": "ISR", "rate": "0.012500"}]
PF_JAL = [*PF, {"component": "LOCAL", "rate": "0.030000"}]
RESICO_JAL = [{"component": "ISR", "rate": "0.025000"}, {"component": "LOCAL", "rate": "0.030000"}]
RESICO_JAL_STAT = [*RESICO, {"component": "LOCAL", "rate": "0.030000"}]
ISSUED_AT = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - a CFDI's wall clock
ON = "2026-11-22"


def scheme(code: str, components: list[dict[str, str]], enforcement: str = "required") -> dict[str, Any]:
    """A withholding scheme as the check context carries it."""
    return {"code": code, "enforcement": enforcement, "components": components, "rule": "S0.20", "regime": "612"}


def invoice(faults: Iterable[str] = (), **changes: Any) -> bytes:
    """A sealed invoice of ISSUER for ORDERS under PF_JAL, or with the named faults."""
    values = {"issuer": ISSUER, "receiver": RECEIVER, "orders": ORDERS, "components": PF_JAL, "issued_at": ISSUED_AT}
    return samples.make_invoice(**{**values, **changes}, faults=faults)


def expected_invoice(**changes: Any) -> dict[str, Any]:
    """The check context that `invoice()` fulfils."""
    context = {"issuer_rfc": ISSUER["rfc"], "receiver": RECEIVER, "orders": list(ORDERS), "on": ON}
    context |= {"schemes": [scheme("PF_JAL", PF_JAL)], "tolerance": "0.01", "trust": trust()}
    return {**context, **changes}


def trust() -> list[str]:
    """The mill's authority and PAC as a check context carries them."""
    return [base64.b64encode(der).decode() for der in samples.trust_der()]


FIRST, SECOND = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"


def payment(**changes: Any) -> dict[str, Any]:
    """A transfer of 1,850.00 that closes one invoice and pays the second part of another."""
    first = {
        "uuid": FIRST.upper(),
        "number": 1,
        "balance_before": "1350.00",
        "paid": "1350.00",
        "balance_after": "0.00",
    }
    second = {"uuid": SECOND, "number": 2, "balance_before": "850.00", "paid": "500.00", "balance_after": "350.00"}
    taxes = {"total": "1350.00", "base": "1500.00", "components": PF}
    documents = [first | taxes, second | taxes]
    return {"paid_on": "2026-11-18", "amount": Decimal("1850.00"), "documents": documents, **changes}


def complement(faults: Iterable[str] = (), **changes: Any) -> bytes:
    """A sealed complement for `payment()`, or with the named faults."""
    values = {"issuer": ISSUER, "receiver": RECEIVER, "payments": [payment()], "issued_at": ISSUED_AT}
    return samples.make_complement(**{**values, **changes}, faults=faults)


def expected_complement(**changes: Any) -> dict[str, Any]:
    """The check context that `complement()` fulfils."""
    earlier = {"number": 1, "paid_on": "2026-11-05", "amount": "500.00"}
    earlier |= {"balance_before": "1350.00", "balance_after": "850.00"}
    known = {"total": "1350.00", "issued_on": "2026-11-01", "base": "1500.00", "withheld_isr": "150.00"}
    invoices = [{"uuid": FIRST, "payments": [], **known}, {"uuid": SECOND, "payments": [earlier], **known}]
    context = {"issuer_rfc": ISSUER["rfc"], "receiver_rfc": RECEIVER["rfc"], "on": ON, "trust": trust()}
    return {**context, "invoices": invoices, "transfer": {"on": "2026-11-18", "amount": "1850.00"}, **changes}
