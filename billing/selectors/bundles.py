"""Which orders an XML bills by the accounts that its concepts name (S0.10), and what stands in a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from billing import rules
from billing.models import Bundle, BundleFile, CareOrder, Invoice
from billing.selectors import pages, promises
from billing.selectors.parts import Context, findings, money
from portal.access import Permission
from portal.errors import Finding, RuleBroken
from portal.fiscal.rules.common import names_account, plain
from portal.people.models import Party

if TYPE_CHECKING:
    from datetime import date

    from portal.people.models import User

PHYSICIAN = "medico"
AFTER_SENDING_SEVERAL = "Una persona de revisión las mira. Si a alguna le falta algo, te lo decimos todo junto."
MOST_CANDIDATES = 20_000


def orders_named(party: Party, facts: Mapping[str, Any]) -> list[CareOrder]:
    """The orders that an XML of this physician bills. Raises RuleBroken, with the cause, where it bills none."""
    told = facts.get("fields") or {}
    if not told:
        raise RuleBroken("No es una factura: aquí va el XML de un CFDI 4.0. Sube el de tu factura.", code="not_cfdi")
    issuer, receiver = (told.get(name) or "" for name in ("emisor_rfc", "receptor_rfc"))
    if issuer != party.rfc:
        raise RuleBroken(
            f"La emitió {issuer or 'nadie'} y este paquete es de {party.rfc}. Súbela en el paquete de quien la emitió.",
            code="other_issuer",
        )
    text = " · ".join(concept["description"] for concept in facts["concepts"])
    joined = plain(text).replace(" ", "")  # folded once: most accounts are told apart by this alone
    mine = CareOrder.objects.of_parties([party.pk]).filter(insurer__rfc=receiver).order_by("-service_on", "pk")
    accounts = mine.values_list("pk", "account")[:MOST_CANDIDATES]
    there = [(pk, account) for pk, account in accounts if plain(account).replace(" ", "") in joined]
    named = [pk for pk, account in there if names_account(text, account)]
    if not named:
        raise RuleBroken(
            f"Ningún concepto dice la cuenta de una orden tuya de {receiver}. Pon la cuenta de la orden en cada "
            "descripción, como te la damos al facturar.",
            code="no_account",
        )
    orders = list(mine.filter(pk__in=named).select_related("insurer"))
    _refuse_taken(orders)
    return orders


def _refuse_taken(orders: Sequence[CareOrder]) -> None:
    for order in orders:
        line = order.lines.filter(live=True).select_related("invoice").first()
        if line is not None:
            where = f"la factura {line.invoice.folio}" if line.invoice.folio else "un borrador tuyo"
            raise RuleBroken(f"La orden {order.account} ya está en {where}. No la factures dos veces.", code="taken")
        if order.state != rules.OrderState.AVAILABLE:
            raise RuleBroken(
                f"La orden {order.account} ya no se factura: {order.state_label.lower()}. Revisa la orden.", code="gone"
            )


# --- a bundle as its page shows it -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A draft of a bundle, or what was sent of it: its files, its orders, what it still lacks ("" nothing)."""

    invoice: Invoice
    names: str
    accounts: str
    total: str
    missing: str

    @property
    def href(self) -> str:
        """Where it is looked at and changed."""
        return reverse("billing:draft", args=[self.invoice.pk])

    @property
    def is_ready(self) -> bool:
        """Whether it can be sent: nothing lacks, and it was not sent before."""
        return not self.missing and not self.invoice.folio

    @property
    def state(self) -> tuple[str, str]:
        """Where it stands in words, and the tone."""
        if self.invoice.folio:
            return f"Enviada {self.invoice.folio}", "info"
        return (self.missing, "warn") if self.missing else ("Lista para enviar", "ok")


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that became part of nothing, and why."""

    file: BundleFile
    why: str
    findings: Sequence[Finding]

    @property
    def name(self) -> str:
        """As it was dropped."""
        return self.file.name

    @property
    def remove(self) -> str:
        """Where it is taken out."""
        return reverse("billing:remove_stray", args=[self.file.pk])

    @property
    def put_back(self) -> str:
        """Where that is undone."""
        return reverse("billing:put_stray_back", args=[self.file.pk])


def party_of(user: User, rfc: str) -> Party:
    """The physician that an address names, else the first this person bills for; 404 for anybody else's."""
    mine = user.proved_party_ids(Permission.BILL_ORDERS)
    found = Party.objects.filter(pk__in=mine, **({"rfc": rfc} if rfc else {})).order_by("rfc").first()
    if found is None:
        raise Http404
    return found


def address(name: str, party: Party) -> str:
    """A page about the bundle of this physician."""
    return f"{reverse(name)}?{urlencode({PHYSICIAN: party.rfc})}"


def open_bundle(party: Party) -> Bundle | None:
    """What was dropped for the physician and not sent yet."""
    return Bundle.objects.filter(party=party, closed_at=None).first()


def pairs(bundle: Bundle | None) -> list[Pair]:
    """The drafts that a bundle became, in the order in which they came."""
    files = BundleFile.objects.filter(bundle=bundle, invoice__isnull=False).order_by("pk")
    by_invoice: dict[Any, list[str]] = {}
    for row in files:
        by_invoice.setdefault(row.invoice_id, []).append(row.name)
    drafts = Invoice.objects.select_related("xml", "pdf").prefetch_related("lines__order").in_bulk([*by_invoice])
    return [_pair(drafts[pk], names) for pk, names in by_invoice.items()]


def _pair(invoice: Invoice, names: Sequence[str]) -> Pair:
    orders = [line.order for line in invoice.lines.all() if line.live]
    missing = rules.missing_to_submit(
        has_xml=invoice.xml_id is not None,
        has_pdf=invoice.pdf_id is not None,
        verdict=invoice.verdict,
        orders=len(orders),
        withdrawn=[order.account for order in orders if order.state == rules.OrderState.WITHDRAWN],
        mended=invoice.is_mended,
        paired=invoice.is_paired,
    )
    accounts = sorted(order.account for order in orders)
    told = ", ".join(accounts[:3]) + (f" y {len(accounts) - 3} más" if len(accounts) > 3 else "")
    return Pair(invoice, ", ".join(names), told, money(invoice.total), "" if invoice.folio else " ".join(missing))


def strays(bundle: Bundle | None, *, removed: bool = False) -> list[Stray]:
    """What matched nothing, or what of it was taken out."""
    rows = BundleFile.objects.filter(bundle=bundle, invoice=None, removed_at__isnull=not removed).order_by("pk")
    return [Stray(row, row.why, findings(row.findings)) for row in rows]


def own_file(user: User, pk: int) -> BundleFile:
    """A file of an own bundle; 404 for anybody else's."""
    mine = user.proved_party_ids(Permission.BILL_ORDERS)
    return get_object_or_404(BundleFile.objects.select_related("bundle__party"), pk=pk, bundle__party__in=mine)


def page(user: User, party: Party) -> Context:
    """What was dropped so far: drafts, those that can be sent, and what matched nothing."""
    bundle = open_bundle(party)
    found = pairs(bundle)
    several = Party.objects.filter(pk__in=user.proved_party_ids(Permission.BILL_ORDERS)).order_by("name")
    physicians = [(one.name, address("billing:bundle", one), one.pk == party.pk) for one in several]
    return {
        "party": party,
        "pairs": found,
        "ready": [one for one in found if one.is_ready],
        "is_open": bundle is not None,
        "close": address("billing:bundle_close", party),
        "strays": strays(bundle),
        "removed": strays(bundle, removed=True),
        "physicians": physicians if len(physicians) > 1 else [],
        "here": address("billing:bundle", party),
        "review": address("billing:bundle_review", party),
        "crumbs": [("Órdenes", reverse("billing:orders")), ("Varias facturas a la vez", "")],
    }


def review(user: User, party: Party) -> Context:
    """What is about to be sent, to be looked at once more."""
    told = page(user, party)
    ready = told["ready"]
    total = sum((one.invoice.total for one in ready), start=0)
    crumbs = [("Órdenes", reverse("billing:orders")), ("Varias facturas a la vez", told["here"]), ("Revisar", "")]
    rows = [(one.names, f"{one.accounts} · {one.total}", one.href) for one in ready]
    return told | {"rows": rows, "total": money(total) if ready else "", "crumbs": crumbs}


def sent(bundle: Bundle, *, on: date) -> Context:
    """What became of each draft of a bundle that was sent, and what goes on in the next one."""
    rest, done = open_bundle(bundle.party), [one for one in pairs(bundle) if one.invoice.folio]
    told = promises.sentences(done[0].invoice, on=on) if done else []
    return {
        "title": f"{len(done)} facturas enviadas" if len(done) != 1 else "1 factura enviada",
        "sent": done,
        "facts": [_sent(one.invoice, one) for one in done],
        "about": done[0].invoice.folio if done else "",
        "left": [one for one in pairs(rest) if not one.invoice.folio],
        "strays": strays(rest),
        "here": address("billing:bundle", bundle.party),
        "next_steps": [pages.AFTER_SENDING if len(done) == 1 else AFTER_SENDING_SEVERAL, *told, pages.AFTER_PAYING],
        "crumbs": [("Facturas", reverse("billing:invoices")), ("Enviadas", "")],
    }


def _sent(invoice: Invoice, pair: Pair) -> tuple[str, str, str]:
    """One invoice of a confirmation: its folio, which orders and how much, its page (where its receipt is)."""
    return invoice.folio or "", f"{pair.accounts}: {pair.total}", reverse("billing:invoice", args=[invoice.folio])
