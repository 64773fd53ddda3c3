"""What `check-file` asks the rooms: the gates and checks of the screens, held against the facts that were given."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from billing.selectors.schemes import limits_of_cfdi, oldest_invoice
from claims.selectors import oldest_expense
from config.ruledesk import lines, schemes
from config.ruledesk.lines import Answer, Unjudged
from portal import identifiers
from portal.errors import Finding, RuleBroken, Verdict
from portal.fiscal import selectors as fiscal
from portal.fiscal.certificates import NotACertificate, read_certificates
from portal.fiscal.expectations import (
    ClaimInvoiceExpectation,
    ComplementExpectation,
    EarlierPayment,
    FamilyMember,
    InvoiceExpectation,
    Order,
    PaidInvoice,
    PaidTransfer,
    Receiver,
)
from portal.money import parse_money
from portal.papers import services as papers
from portal.papers.kinds import claimed
from portal.rulebook import selectors as rulebook
from portal.treasury.services.accounts import check_clabe

Facts = Mapping[str, Any]
Context = dict[str, Any]
_AWAY = "examiner_away"
_ENDS = 2


@dataclass(frozen=True, slots=True)
class FileKind:
    """What `--as` names: the file types taken, the check, how facts become its context.

    `typed` refuses what a person types beside the file, with the screen's own RuleBroken.
    """

    takes: frozenset[str]
    check: str
    context: Callable[[Facts, date | None, date], Mapping[str, Any]]
    typed: Callable[[Facts], object] = lambda facts: None


@dataclass(slots=True)
class FileDesk:
    """Judges files of one kind against the same facts. `trust` is base64 DER beyond our own store."""

    kind: FileKind
    facts: Facts
    today: date
    trust: list[str] = field(default_factory=list)

    def judge(self, path: str) -> Answer:
        """Verdict, findings and facts of one file. Raises Unjudged for a file that cannot be had."""
        file = _file(path)
        try:
            self.kind.typed(self.facts)
            papers.check_size(file.stat().st_size)
            examined = self._examined(_bytes(file), file.name)
        except RuleBroken as broken:
            if broken.code == _AWAY:
                raise
            return _told(path, Verdict.REJECTED, broken.findings or (broken.finding,), {})
        return _told(path, examined.verdict, examined.findings, examined.facts)

    def _examined(self, content: bytes, name: str) -> papers.Examined:
        """Once; a second time when the invoice's own date has other schemes than the date first supposed."""
        context = self._context(None)
        examined = self._ask(content, name, context)
        issued = _issued_on(examined.facts)
        dated = self._context(issued) if issued and "schemes" in context else context
        return examined if dated == context else self._ask(content, name, dated)

    def _context(self, issued_on: date | None) -> Mapping[str, Any]:
        context = self.kind.context(self.facts, issued_on, self.today)
        if self.kind.check not in _FISCAL:
            return context
        vouched = fiscal.vouched()
        return {**context, **vouched, "trust": [*vouched["trust"], *self.trust]}

    def _ask(self, content: bytes, name: str, context: Mapping[str, Any]) -> papers.Examined:
        check = self.kind.check
        if not check and claimed(name) == "xml":
            check = "portal.fiscal.checks.read"
        return papers.examine_bytes(
            content=content, name=name, kinds=set(self.kind.takes), check=check, context=dict(context)
        )


def desk(kind: str, facts: Facts, trust: Iterable[str], *, on: date) -> FileDesk:
    """The desk for a kind of file. Raises Unjudged for an unknown kind, facts nobody can read, or a bad certificate."""
    if kind not in KINDS:
        raise Unjudged("kind_unknown", f"No existe la clase «{kind[:40]}». Usa una de: {', '.join(KINDS)}.")
    made = FileDesk(KINDS[kind], facts, on, [text for path in trust for text in _certificates(path)])
    made.kind.context(facts, None, on)  # facts are read before the first file is
    return made


# --- bytes in, JSON out ----------------------------------------------------------------------------------------------


def _file(path: str) -> Path:
    """A file that is there. Raises Unjudged."""
    file = Path(path)
    try:
        if file.is_dir():
            raise Unjudged("file_is_folder", f"«{path}» es una carpeta. Di los archivos uno por uno.")
        if file.is_file():
            return file
    except (OSError, ValueError):  # a name that no disk takes
        pass
    raise Unjudged("file_missing", f"No está el archivo «{path}». Revisa la ruta.")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unjudged("file_unreadable", f"No se puede leer «{file}». Revisa sus permisos.") from error


def _told(path: str, verdict: str, findings: Iterable[Finding], facts: Facts) -> Answer:
    """The text of a PDF is not told; facts that are never stored lose the sign that says so."""
    shown = {name.removeprefix("_"): value for name, value in facts.items() if name not in {"text", "_text"}}
    return {
        "path": path,
        "verdict": str(verdict),
        "findings": [finding.as_json() for finding in findings],
        "facts": shown,
    }


def _certificates(path: str) -> list[str]:
    content = _bytes(_file(path))
    try:
        return [base64.b64encode(one.der).decode("ascii") for one in read_certificates(content)]
    except NotACertificate as error:
        raise Unjudged("trust_unreadable", f"«{path}» no es un certificado DER, PEM ni un ZIP de ellos.") from error


def _issued_on(facts: Facts) -> date | None:
    try:
        return date.fromisoformat(str((facts.get("fields") or {}).get("Fecha"))[:10])
    except ValueError:
        return None


# --- facts into contexts ---------------------------------------------------------------------------------------------


def _claim_document(facts: Facts, issued_on: date | None, today: date) -> Context:  # every kind has this shape
    return {}


def _bank_statement(facts: Facts, issued_on: date | None, today: date) -> Context:
    context = _texts(facts, "clabe", "holder", "rfc")
    if clabe := identifiers.check("clabe", context.get("clabe", "")).canonical:
        context["clabe"] = clabe
    if on := _on(facts):
        context |= {"on": on.isoformat(), "max_age_months": rulebook.whole("statement.max_age_months", on=on)}
    return context


def _typed_clabe(facts: Facts) -> None:
    if clabe := _texts(facts, "clabe").get("clabe"):
        check_clabe(clabe)


def _invoice(facts: Facts, issued_on: date | None, today: date) -> InvoiceExpectation:
    context = cast(InvoiceExpectation, _texts(facts, "issuer_rfc", "issuer_regime"))
    on = _on(facts)
    if facts.get("receiver") is not None:
        receiver = _texts(_object(facts["receiver"], "receiver"), "rfc", "name", "zip", "regime", "use")
        context["receiver"] = cast(Receiver, receiver)
    if facts.get("orders") is not None:
        context["orders"] = [_order(one) for one in _list(facts["orders"], "orders")]
    if code := _texts(facts, "scheme").get("scheme", ""):
        found = schemes.candidates(code, on=issued_on or on or today)
        context["schemes"] = [scheme.as_context() for scheme in found]
        context.setdefault("issuer_regime", schemes.regime_of(code))
    if on:
        context["on"], context["oldest"] = on.isoformat(), oldest_invoice(on=on).isoformat()
    return {**context, **limits_of_cfdi(on=on or today)}


def _complement(facts: Facts, issued_on: date | None, today: date) -> ComplementExpectation:
    context = cast(ComplementExpectation, _texts(facts, "issuer_rfc", "receiver_rfc"))
    on = _on(facts)
    if facts.get("invoices") is not None:
        context["invoices"] = [_paid_invoice(one) for one in _list(facts["invoices"], "invoices")]
    if facts.get("transfer") is not None:
        transfer = _dated(_object(facts["transfer"], "transfer"), "on", "amount", "handed_in")
        context["transfer"] = cast(PaidTransfer, transfer)
    if on:
        context["on"] = on.isoformat()
    return {**context, **limits_of_cfdi(on=on or today)}


def _claim_invoice(facts: Facts, issued_on: date | None, today: date) -> ClaimInvoiceExpectation:
    context = cast(ClaimInvoiceExpectation, _texts(facts, "insurer_rfc"))
    on = _on(facts)
    if facts.get("family") is not None:
        context["family"] = [_relative(one) for one in _list(facts["family"], "family")]
    if facts.get("years") is not None:
        context["years"] = [_policy_year(one) for one in _list(facts["years"], "years")]
    if on:
        context["on"], context["oldest"] = on.isoformat(), oldest_expense(on).isoformat()
    return {**context, **limits_of_cfdi(on=on or today)}


def _relative(found: object) -> FamilyMember:
    told = _object(found, "family")
    lines.need(told, "name")
    rfc = _texts(told, "rfc").get("rfc", "")
    return {"name": lines.as_text(told["name"], "family.name").strip(), "rfc": rfc or None}


def _policy_year(found: object) -> list[str]:
    ends = _list(found, "years")
    if len(ends) != _ENDS:
        raise Unjudged("facts_unreadable", "En los datos, un año de years es [desde, hasta].")
    since, until = (lines.as_date(end, "years") for end in ends)
    if until <= since:
        raise Unjudged("facts_unreadable", "En los datos, un año de years termina antes de empezar. Revísalo.")
    return [since.isoformat(), until.isoformat()]


def _order(found: object) -> Order:
    order = _object(found, "orders")
    lines.need(order, "account", "payable")
    context = cast(Order, _texts(order, "account", "patient"))
    return {**context, "payable": _amount(order["payable"], "orders.payable")}


def _paid_invoice(found: object) -> PaidInvoice:
    invoice = _object(found, "invoices")
    lines.need(invoice, "uuid", "total")
    told = {**_texts(invoice, "uuid"), **_dated(invoice, "issued_on", "total", "base", "withheld_isr")}
    context = cast(PaidInvoice, told)
    payments = _list(invoice.get("payments") or [], "invoices.payments")
    return {**context, "payments": [_earlier(one) for one in payments]}


def _earlier(found: object) -> EarlierPayment:
    payment = _object(found, "invoices.payments")
    lines.need(payment, "number", "balance_after")
    number = lines.as_whole(payment["number"], "payments.number")
    told = _dated(payment, "paid_on", "amount", "balance_before", "balance_after")
    return {**cast(EarlierPayment, told), "number": number}


def _dated(found: Facts, day: str, *amounts: str) -> Context:
    """A date and amounts of an object, those that it has."""
    context: Context = {name: _amount(found[name], name) for name in amounts if found.get(name) is not None}
    return context | ({day: lines.as_date(found[day], day).isoformat()} if found.get(day) else {})


def _on(facts: Facts) -> date | None:
    return lines.as_date(facts["on"], "on") if facts.get("on") else None


def _texts(facts: Facts, *names: str) -> Context:
    return {name: lines.as_text(facts[name], name).strip() for name in names if facts.get(name) is not None}


def _amount(value: object, name: str) -> str:
    """Pesos as plain text. Raises Unjudged naming the fact."""
    try:
        amount: Decimal = parse_money(lines.as_text(value, name), "MXN")
    except RuleBroken as broken:
        raise Unjudged(broken.code, f"{name}: {broken.message}") from broken
    return f"{amount:.2f}"


def _object(found: object, name: str) -> Facts:
    if not isinstance(found, Mapping):
        raise Unjudged("facts_unreadable", f"En los datos, {name} debe ser un objeto {{…}}.")
    return found


def _list(found: object, name: str) -> list[object]:
    if not isinstance(found, list):
        raise Unjudged("facts_unreadable", f"En los datos, {name} debe ser una lista […].")
    return found


_INVOICE, _COMPLEMENT = "portal.fiscal.checks.invoice", "portal.fiscal.checks.complement"
_CLAIM_INVOICE = "portal.fiscal.checks.claim_invoice"
_FISCAL = {_INVOICE, _COMPLEMENT, _CLAIM_INVOICE}
KINDS: dict[str, FileKind] = {
    "claim-document": FileKind(frozenset({"xml", "pdf", "jpeg"}), "", _claim_document),
    "bank-statement": FileKind(frozenset({"pdf"}), "portal.treasury.statement.check", _bank_statement, _typed_clabe),
    "invoice": FileKind(frozenset({"xml"}), _INVOICE, _invoice),
    "complement": FileKind(frozenset({"xml"}), _COMPLEMENT, _complement),
    "claim-invoice": FileKind(frozenset({"xml"}), _CLAIM_INVOICE, _claim_invoice),
}
