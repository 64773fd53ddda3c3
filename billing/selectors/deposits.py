"""One deposit as its physician sees it, and every datum its complement must carry (N11). Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from billing import rules, selectors
from billing.models import Complement, ComplementDecision, Invoice
from billing.selectors import figures
from billing.selectors.assistant import Datum, receiver
from billing.selectors.parts import Context, money
from portal.design import dates
from portal.design.detailing import Clock, Told, told_of
from portal.design.templatetags.cauce import filesize_es
from portal.money import ZERO
from portal.papers.models import StoredFile
from portal.text import listed

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.people.models import Party
    from portal.treasury.models import Transfer

# A deposit may have one complement or several (ADR 0013).
_EACH = "Es un complemento por todas. Si emites uno por factura, en cada uno va el importe pagado de la suya."
AFTER_SENDING_ONE = [
    "Una persona de revisión lo compara con tu depósito.",
    "Si lo acepta, el depósito queda completo; si no, te decimos por qué y subes otro.",
    "Te avisamos por correo y en Avisos. Mientras lo revisamos no te recordamos subirlo.",
]
CONCEPT: list[Datum] = [
    ("Tipo y moneda", "P Pago, XXX", "Subtotal y total en 0; sin método ni forma de pago."),
    ("Concepto", "84111506, ACT, Pago", "Cantidad 1, importe 0, objeto de impuesto 01."),
]


HandedIn = tuple[StoredFile, str, str, str, str]


def payment(transfer: Transfer, invoices: list[Invoice], *, on: date) -> Context:
    """The deposit, what it paid, what is missing and where its date comes from; one that came back misses nothing."""
    assert transfer.paid_on is not None  # it reached its account, whatever came after
    handed_in = Complement.objects.filter(transfer=transfer, party=invoices[0].party).order_by("-handed_in_at", "-pk")
    complements = list(handed_in.select_related("party", "xml").prefetch_related("payments__invoice"))
    paid = [row for row in invoices if row.transfer_id == transfer.pk]
    due = [row for row in paid if row.payment_state == rules.PaymentState.COMPLEMENT_DUE]
    looked_at = set(Invoice.objects.filter(transfer=transfer).with_complement_in_review().values_list("pk", flat=True))
    owing = [row for row in due if row.pk not in looked_at]
    links = [selectors.next_link(row) for row in owing]
    due_on = min((row.complement_due_on for row in owing if row.complement_due_on), default=None)
    return {
        "transfer": transfer,
        "told": _told(transfer, owing, due_on, in_review=bool(looked_at), on=on),
        "returned": transfer.returned_on is not None,
        "to_cancel": any(row.state == rules.ComplementState.TO_CANCEL for row in complements),
        "bank_facts": _bank_facts(transfer),
        "invoices": invoices,
        "sum_figure": figures.deposit(invoices),
        "owing": owing,
        "in_review": bool(looked_at),
        "covered": len(paid) - len(owing),
        "due_on": due_on,
        "is_late": any(row.is_overdue(on=on) for row in owing),
        "due_figure": figures.complement_due(owing[0]) if owing else {},
        "links": links,
        "several": len(links) > 1,
        "stamp": to_stamp(transfer, invoices[0].insurer, links) if owing else [],
        "complements": complements,
        "advice": transfer.advice,
        "crumbs": [("Pagos", reverse("billing:payments")), (f"Depósito del {dates.short(transfer.paid_on)}", "")],
    }


def _told(transfer: Transfer, owing: Sequence[Invoice], due_on: date | None, *, in_review: bool, on: date) -> Told:
    """Whose turn a deposit is: its complement's, by its stored day, ours while one is looked at, or nobody's."""
    folio = transfer.batch.folio or ""
    if transfer.returned_on is not None:
        return told_of(rules.PAYMENT.at(rules.PaymentState.PAYABLE), folio=folio)
    if owing:
        clocks = (Clock("Tu complemento", due_on, late=due_on < on),) if due_on else ()
        act = ("Subir complemento", reverse("billing:complement", args=[transfer.pk]))
        return told_of(rules.PAYMENT.at(rules.PaymentState.COMPLEMENT_DUE), clocks=clocks, act=act, folio=folio)
    state = rules.ComplementState.IN_REVIEW if in_review else rules.ComplementState.ACCEPTED
    return told_of(rules.COMPLEMENT.at(state), folio=folio)


def told_where_it_is_given(told: Told, *, kept: bool) -> Told:
    """The same on the page where the complement is uploaded: the act is a place on it; one that is kept has its own."""
    return replace(told, act=("Subir el XML", "#subir") if told.act and not kept else None)


def handed_in_files(complements: Sequence[Complement], *, owing: bool) -> list[HandedIn]:
    """The XML of each complement of a deposit, and what its owner may do with it: take it out, or bring it back.

    (file, state in words, tone, address that takes it out, address that brings it back).
    """
    decided = set(ComplementDecision.objects.filter(complement__in=complements, done_at=None).values_list("complement"))
    standing = {row.uuid for row in complements if row.state != rules.ComplementState.WITHDRAWN}
    shown: dict[str, HandedIn] = {}
    for row in complements:  # the newest first: of one that was taken out twice the last
        withdrawn = row.state == rules.ComplementState.WITHDRAWN
        if withdrawn and (row.uuid in standing or row.uuid in shown or not owing):
            continue
        removable = row.state == rules.ComplementState.IN_REVIEW and (row.pk,) not in decided
        address = [row.transfer_id, row.pk]
        remove = reverse("billing:withdraw_complement", args=address) if removable else ""
        undo = reverse("billing:put_complement_back", args=address) if withdrawn else ""
        shown[row.uuid if withdrawn else str(row.pk)] = (row.xml, row.state_label, row.tone, remove, undo)
    return list(shown.values())


def told_by(facts: Mapping[str, Any], invoices: Sequence[Invoice]) -> list[tuple[str, str]]:
    """What a complement that was read says, for its owner to look at: (label, value), as its check page shows them."""
    folios = {row.uuid: row.folio for row in invoices}
    paid = [
        (f"Paga de {folios[row['uuid'].lower()]}", f"{money(Decimal(row['amount']))}, y deja {money(ZERO)}")
        for row in facts["payments"]
    ]
    days = sorted({dates.short(date.fromisoformat(row["paid_on"][:10])) for row in facts["payments"]})
    return [("Folio fiscal", facts["tfd"]["uuid"].upper()), ("Fecha de pago", listed(days)), *paid]


def check_answers(transfer: Transfer, file: DraftFile, told: Iterable[Sequence[str]]) -> list[tuple[str, str, str]]:
    """A complement about to go to a reviewer, each row with the way to change it: another file."""
    assert transfer.paid_on is not None  # a complement is of a deposit that reached its account
    change = f"{reverse('billing:complement', args=[transfer.pk])}#guardados"
    deposit = f"{money(transfer.amount)} del {dates.short(transfer.paid_on)}"
    answers = [
        ("Depósito", deposit, reverse("billing:payments")),
        ("Archivo", f"{file.display_name} ({filesize_es(file.size)})", change),
    ]
    return [*answers, *((label, value, change) for label, value in told)]


def complement_sent(complement: Complement) -> Context | None:
    """The confirmation of what went to a reviewer: what it is of, what it pays, what happens next.

    None once it was decided, or taken out again.
    """
    if complement.state != rules.ComplementState.IN_REVIEW:
        return None
    transfer = complement.transfer
    assert transfer.paid_on is not None  # a complement is of a deposit that reached its account
    links = list(complement.payments.select_related("invoice"))
    folio, back = transfer.batch.folio or "", reverse("billing:payment", args=[transfer.pk])
    return {
        "complement": complement,
        "facts": [
            ("Enviado", dates.instant(complement.handed_in_at)),
            ("Depósito", f"{folio}, {money(transfer.amount)} del {dates.short(transfer.paid_on)}"),
            ("Folio fiscal", complement.uuid),
            *((f"Paga de {link.invoice.folio}", money(link.paid)) for link in links),
        ],
        "next_steps": AFTER_SENDING_ONE,
        "about": folio,
        "href": back,
        "crumbs": [("Pagos", reverse("billing:payments")), (f"Depósito {folio}", back), ("Enviado", "")],
    }


def _bank_facts(transfer: Transfer) -> list[tuple[str, str]]:
    """What a bank asks to find a deposit."""
    facts = [("Clave de rastreo", transfer.tracking), ("Referencia", transfer.numeric_reference)]
    return [*facts, ("Concepto", transfer.concept), ("Lote", transfer.batch.folio or "")]


def to_stamp(transfer: Transfer, insurer: Party, links: Sequence[selectors.NextLink]) -> list[tuple[str, list[Datum]]]:
    """Every datum of the complement in the order invoicing systems ask: (group, [(label, value, why)])."""
    paid: list[Datum] = [
        ("Fecha de pago", f"{transfer.paid_on:%Y-%m-%d}", "La del banco; la hora puede ser 12:00:00."),
        ("Forma de pago", "03 Transferencia electrónica de fondos", ""),
        ("Moneda y tipo de cambio", "MXN, 1", ""),
        ("Monto", f"{sum((link.paid for link in links), ZERO)}", _EACH if len(links) > 1 else ""),
    ]
    who = receiver(insurer, use="CP01 Pagos")
    return [("Receptor", who), ("Pago", paid), ("Comprobante", CONCEPT), ("Impuestos del pago", _taxes(links))]


def _taxes(links: Sequence[selectors.NextLink]) -> list[Datum]:
    """The sums of the documents' taxes; a local tax has no place in a complement: its balance is net already."""
    base = sum((link.base for link in links), ZERO)
    isr = sum((link.isr for link in links), ZERO)
    kept: list[Datum] = (
        [("ISR retenido (001)", f"{isr}", f"Son {money(isr)} entre todos los documentos.")] if isr else []
    )
    why = "Objeto de impuesto 02 en cada documento. El impuesto local no va en el complemento."
    return [*kept, ("IVA exento (002), base", f"{base}", why)]
