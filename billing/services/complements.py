"""Payment complements: handed in, judged against the chain, reminded of (S0.19, N11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from billing import rules, selectors
from billing.models import Complement, ComplementDecision, ComplementDue, ComplementPayment, Invoice
from billing.rules import ComplementState, PaymentState
from billing.services.invoices import FileRefused
from portal import clock, queue
from portal.errors import Conflict, RuleBroken, Verdict
from portal.fiscal import services as fiscal
from portal.history import services as history
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.papers import services as papers
from portal.papers.selectors import kept_draft
from portal.people import selectors as people
from portal.treasury import services as treasury
from portal.work import services as work

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import Party, User
    from portal.treasury.models import Transfer


def hand_in_complement(*, party: Party, transfer: Transfer, xml: EncryptedUpload, by: User, at: datetime) -> Complement:
    """Judge a REP against the transfer and the balance chain; accepted closes its invoices at once (ADR 0013).

    A transfer that pays several invoices may have one REP for all of them or several that add up to it.

    The file is examined before the transaction; the chain is looked at again under the lock.
    """
    examined, expected = _examine_complement(party, transfer, xml, at)
    return _keep_complement(party=party, transfer=transfer, examined=examined, expected=expected, by=by, at=at)


def take_in_complement(
    *, party: Party, transfer: Transfer, xml: EncryptedUpload, by: User, at: datetime
) -> dict[str, Any]:
    """Judge a REP: accepted it is handed in at once, else kept for its owner to look at before a reviewer has it.

    Answers what the kept file says, {} where it was handed in. Raises Conflict while another waits for its owner.
    """
    form = rules.kept_as(transfer.pk)
    if kept_draft(form=form, by=by, at=at):
        raise Conflict(
            "Otro complemento de este depósito espera que lo envíes. Envíalo o quítalo y sube este.", code="one_waits"
        )
    examined, expected = _examine_complement(party, transfer, xml, at)
    if examined.verdict == Verdict.ACCEPTED:
        _keep_complement(party=party, transfer=transfer, examined=examined, expected=expected, by=by, at=at)
        return {}
    _check_covers(_owed(party, transfer), examined.facts)
    papers.keep_examined(form=form, examined=examined, by=by, at=at)
    return examined.facts


def _examine_complement(
    party: Party, transfer: Transfer, xml: EncryptedUpload, at: datetime
) -> tuple[papers.Examined, list[Any]]:
    """A REP that the machine does not refuse, and the chain that it was held against."""
    context = selectors.complement_expectation(transfer, _owed(party, transfer), on=clock.date_in(at))
    examined = papers.examine_upload(
        upload=xml, kinds={"xml"}, check="portal.fiscal.checks.complement", context=context
    )
    papers.require_accepted(examined, refused=lambda file: FileRefused("El complemento", file))
    return examined, context["invoices"]


@transaction.atomic
def _keep_complement(
    *, party: Party, transfer: Transfer, examined: papers.Examined, expected: list[Any], by: User, at: datetime
) -> Complement:
    treasury.hold_transfer(transfer)  # a deposit that comes back at this moment finds this REP, or this REP finds it
    invoices = _owed(party, transfer, lock=True)
    standing = selectors.complement_expectation(transfer, invoices, on=clock.date_in(at))["invoices"]
    if _moved(expected, standing, lambda: examined.facts["payments"]):
        raise Conflict(
            "Mientras subías el archivo cambió el saldo de tus facturas. Revisa los datos y súbelo otra vez.",
            code="chain_moved",
        )
    paid = _check_covers(invoices, examined.facts)
    complement = _new_complement(party, transfer, examined, by, at)
    complement.save(force_insert=True)
    fiscal.claim_receipt(
        uuid=complement.uuid,
        use="complement",
        subject=complement,
        party=party,
        issuer_rfc=examined.facts["fields"]["emisor_rfc"],
        total=paid,
        issued_on=date.fromisoformat(examined.facts["fields"]["Fecha"][:10]),
        sha256=examined.sha256,
        by=by,
        at=at,
    )
    _keep_chain(complement, {invoice.uuid: invoice for invoice in invoices})
    if complement.state == ComplementState.ACCEPTED:
        _close_complement(complement, at)
        _tell_issuer(complement, "complement_accepted", at)
    history.record(
        action="billing.complement_handed_in",
        subject=complement,
        party_id=party.pk,
        by=by,
        at=at,
        details={"state": str(complement.state), "invoices": _folios(complement), "paid": str(paid)},
    )
    return complement


def _new_complement(party: Party, transfer: Transfer, examined: papers.Examined, by: User, at: datetime) -> Complement:
    return Complement(
        party=party,
        transfer=transfer,
        uuid=examined.facts["tfd"]["uuid"].lower(),
        xml=papers.store_upload(examined=examined, purpose="complement_xml", party=party, by=by, at=at),
        state=ComplementState.ACCEPTED if examined.verdict == Verdict.ACCEPTED else ComplementState.IN_REVIEW,
        findings=[finding.as_json() for finding in examined.findings],
        facts=examined.facts,
        handed_in_by=by,
        handed_in_at=at,
    )


def _moved(expected: list[Any], standing: list[Any], payments: Callable[[], list[dict[str, Any]]]) -> bool:
    """Whether a chain that this REP was held against is another one now.

    One that is owed no more, because another REP of the same transfer came first, matters only to whom names it.
    """
    if any(row not in expected for row in standing):
        return True
    gone = {row["uuid"] for row in expected} - {row["uuid"] for row in standing}
    return bool(gone and gone & {row["uuid"].lower() for row in payments()})


def _check_covers(invoices: Sequence[Invoice], facts: dict[str, Any]) -> Decimal:
    """Each document leaves its invoice at zero; a Monto that is more than they say speaks for the whole deposit.

    Answers what the REP pays (MXN).
    """
    rows: list[dict[str, Any]] = facts["payments"]
    amount = sum((Decimal(node["amount"]) for node in facts["payment_nodes"]), Decimal(0))
    paid = sum((Decimal(row["amount"]) for row in rows), Decimal(0))
    after = {row["uuid"].lower(): Decimal(row["balance_after"]) for row in rows}
    spoken_for = [invoice for invoice in invoices if invoice.uuid in after or amount != paid]
    rules.check_covers({invoice.folio: after.get(invoice.uuid) for invoice in spoken_for})
    folios = {invoice.uuid: invoice.folio for invoice in invoices}
    rules.check_once([folios[row["uuid"].lower()] for row in rows])
    return paid


def _owed(party: Party, transfer: Transfer, *, lock: bool = False) -> list[Invoice]:
    """The deposit's invoices that still owe their complement; locked, two uploads at once follow each other."""
    rows = Invoice.objects.select_related("insurer", "party").filter(party=party, transfer=transfer).order_by("pk")
    invoices = list(rows.select_for_update(of=("self",)) if lock else rows)
    due = [invoice for invoice in invoices if invoice.payment_state == PaymentState.COMPLEMENT_DUE]
    in_review = set(rows.with_complement_in_review().values_list("pk", flat=True))
    if not invoices:
        raise Conflict(
            "El banco devolvió este depósito: no lleva complemento. Espera a que te paguemos otra vez.",
            code="deposit_returned",
        )
    if not due:
        raise Conflict("Este depósito ya tiene su complemento. No hace falta subir otro.", code="complement_present")
    owing = [invoice for invoice in due if invoice.pk not in in_review]
    if not owing:
        raise Conflict(
            "Este depósito ya tiene un complemento en revisión. Espera la respuesta.", code="complement_present"
        )
    return owing


def _keep_chain(complement: Complement, invoices: dict[str, Invoice]) -> None:
    rows: list[dict[str, Any]] = complement.facts["payments"]
    ComplementPayment.objects.bulk_create(
        ComplementPayment(
            complement=complement,
            transfer_id=complement.transfer_id,
            invoice=invoices[row["uuid"].lower()],
            number=row["number"],
            balance_before=Decimal(row["balance_before"]),
            paid=Decimal(row["amount"]),
            balance_after=Decimal(row["balance_after"]),
            paid_on=date.fromisoformat(row["paid_on"][:10]),
        )
        for row in rows
    )


def _close_complement(complement: Complement, at: datetime) -> None:
    """Close each invoice whose balance reached zero."""
    for payment in complement.payments.select_related("invoice").filter(balance_after=0, live=True):
        rules.PAYMENT.check(payment.invoice.payment_state, PaymentState.CLOSED)
        Invoice.objects.filter(pk=payment.invoice_id).update(payment_state=PaymentState.CLOSED)
        ComplementDue.objects.filter(invoice=payment.invoice_id).update(met_at=at, next_reminder_on=None)


@transaction.atomic
def decide_complement(
    *, complement: Complement, accept: bool, reason: str, by: User, at: datetime, undo_for: timedelta = timedelta()
) -> Complement:
    """A reviewer decides a complement the machine could not (unknown certificate), at once or after `undo_for`."""
    complement = lock_complement(complement)
    decision = ComplementDecision(complement=complement, accept=accept, reason=reason.strip()[:300], by=by, at=at)
    missing = "" if accept else "Escribe por qué lo rechazas para que el médico lo corrija."
    _check_complement(complement, decision.state, reason, by, at, missing=missing)
    work.settle(thing=complement, by=by)
    if not queue.decide(decision, lambda: _settle_decision(decision), undo_for=undo_for):
        history.record(
            action="billing.complement_decided",
            subject=complement,
            party_id=complement.party_id,
            by=by,
            at=at,
            details={"outcome": str(decision.state), "seconds": int(undo_for.total_seconds())},
        )
    return complement


def apply_complement_decision(*, decision: ComplementDecision, at: datetime) -> None:
    """Let a decision take effect, dated when it was made; called by the drain once nobody can undo it."""

    def effect() -> None:
        decision.complement = lock_complement(decision.complement, decided=True)
        _check_complement(decision.complement, decision.state, decision.reason, decision.by, decision.at)
        _settle_decision(decision)

    def refused(why: str) -> None:
        history.record(
            action="billing.complement_decision_refused",
            subject=decision.complement,
            party_id=decision.complement.party_id,
            by=None,
            at=at,
            reason=why,
            details={"outcome": str(decision.state)},
        )

    queue.take_effect(decision, effect, refused=refused)


@transaction.atomic
def undo_complement_decision(*, decision: ComplementDecision, by: User, at: datetime) -> None:
    """Take one's own decision back in time: nothing of it happened, the complement waits for a reviewer again."""
    queue.undo(decision, by=by, at=at)
    history.record(
        action="billing.complement_decision_undone",
        subject=decision.complement,
        party_id=decision.complement.party_id,
        by=by,
        at=at,
        details={"outcome": str(decision.state)},
    )


def _settle_decision(decision: ComplementDecision) -> None:
    """What a decision does; the complement is locked."""
    complement, by, at = decision.complement, decision.by, decision.at
    _move_complement(complement, decision.state, decision.reason, by, at)
    if decision.accept:
        _close_complement(complement, at)
    else:
        free_receipt(complement=complement, by=by, at=at)
    _told(complement, decision.reason, by, at)


@transaction.atomic
def cancel_complement(*, complement: Complement, reason: str, by: User, at: datetime) -> Complement:
    """A REP cancelled at the SAT reopens the balance of its invoices (domain 1.3)."""
    missing = "Escribe cómo supiste que está cancelado."
    complement = lock_complement(complement)
    _check_complement(complement, ComplementState.CANCELLED, reason, by, at, missing=missing)
    _move_complement(complement, ComplementState.CANCELLED, reason, by, at)
    free_receipt(complement=complement, by=by, at=at)
    closed = Invoice.objects.filter(
        pk__in=complement.payments.values("invoice"), transfer=complement.transfer_id, payment_state=PaymentState.CLOSED
    )
    reopened = list(closed.select_related("complement_due").order_by("pk").select_for_update(of=("self",)))
    for invoice in reopened:
        rules.PAYMENT.check(invoice.payment_state, PaymentState.COMPLEMENT_DUE)
        invoice.payment_state = PaymentState.COMPLEMENT_DUE
        _reopen_due(invoice, at)
    return _told(complement, reason, by, at, kind="" if reopened else "complement_cancelled_as_asked")


def _reopen_due(invoice: Invoice, at: datetime) -> None:
    """A deadline is met once: the same date binds again in a row of its own, reminded of today."""
    met: Any = invoice.complement_due
    invoice.complement_due = ComplementDue.objects.create(
        anchor=met.anchor,
        due_on=met.due_on,
        rolled_on=met.rolled_on,
        due_rule=met.due_rule,
        next_reminder_on=clock.date_in(at),
    )
    invoice.save(update_fields=["complement_due", "payment_state"])


@transaction.atomic
def ask_to_cancel(*, complement: Complement, by: User, at: datetime) -> Complement:
    """The bank returned the deposit of a locked complement: its physician is told to cancel it at the SAT.

    Its folio fiscal stays taken until the desk sees it cancelled.
    """
    rules.COMPLEMENT.check(complement.state, ComplementState.TO_CANCEL)
    complement.state, complement.reason = ComplementState.TO_CANCEL, rules.DEPOSIT_RETURNED
    complement.save(update_fields=["state", "reason"])
    complement.payments.update(live=False)
    _tell_issuer(complement, "complement_to_cancel", at)
    history.record(
        action="billing.complement_to_cancel",
        subject=complement,
        party_id=complement.party_id,
        by=by,
        at=at,
        reason=complement.reason,
    )
    return complement


def lock_complement(complement: Complement, *, decided: bool = False) -> Complement:
    """The complement, locked; a decision about it that waits refuses every other act."""
    locked = Complement.objects.select_for_update(of=("self",)).select_related("party").get(pk=complement.pk)
    if not decided:
        queue.refuse_decided(ComplementDecision.open_about(locked), rules.DECISION_WAITS)
    return locked


def _check_complement(
    complement: Complement, target: ComplementState, reason: str, by: User, at: datetime, *, missing: str = ""
) -> None:
    """Whether this reviewer may take it to `target`: nobody decides their own. `missing`: said when no reason came."""
    rules.COMPLEMENT.check(complement.state, target)
    if complement.handed_in_by_id == by.pk or people.acts_for(by, complement.party_id, on=clock.date_in(at)):
        raise RuleBroken("No puedes decidir un complemento tuyo. Lo verá otra persona.", code="own_complement")
    if missing and not reason.strip():
        raise RuleBroken(missing, code="no_reason", field="reason")


def _move_complement(complement: Complement, target: ComplementState, reason: str, by: User, at: datetime) -> None:
    rules.COMPLEMENT.check(complement.state, target)
    complement.state, complement.reason = target, reason.strip()[:300]
    complement.decided_by, complement.decided_at = by, at
    complement.save()


def _told(complement: Complement, reason: str, by: User, at: datetime, *, kind: str = "") -> Complement:
    """A decision, told to the physician and to the audit."""
    _tell_issuer(complement, kind or f"complement_{complement.state}", at)
    history.record(
        action=f"billing.complement_{complement.state}",
        subject=complement,
        party_id=complement.party_id,
        by=by,
        at=at,
        reason=reason,
    )
    return complement


def free_receipt(*, complement: Complement, by: User, at: datetime) -> None:
    """End what a complement says of its invoices, and its use of the folio fiscal."""
    complement.payments.update(live=False)
    fiscal.release_receipt(subject=complement, by=by, at=at)


def _folios(complement: Complement) -> list[str]:
    return list(complement.payments.order_by("invoice__folio").values_list("invoice__folio", flat=True).distinct())


def _tell_issuer(complement: Complement, kind: str, at: datetime) -> None:
    missing = Invoice.objects.without_complement().filter(transfer=complement.transfer_id).order_by("folio")
    told = {
        "folios": rules.folios_in_words(_folios(complement)),
        "missing": rules.folios_in_words(list(missing.values_list("folio", flat=True))),
    }
    notices.notify(
        user_ids=people.users_of_party(complement.party_id, on=clock.date_in(at)),
        kind=f"billing/{kind}",
        key=f"{kind}:{complement.pk}:{at.isoformat()}",
        context=told,
        url=reverse("billing:payment", args=[complement.transfer_id]),
        at=at,
    )


def remind_complement(*, due: ComplementDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Remind a physician of an owed complement, once for the planned days that have come; `calendars.remind` calls.

    Several days after a pause are one message: it says what is true today.
    """
    invoice = due.invoice
    notices.notify(
        user_ids=people.users_of_party(invoice.party_id, on=on),
        kind="billing/complement_overdue" if due.is_over(on=on) else "billing/complement_reminder",
        key=f"reminder:{invoice.pk}:{reached[0].isoformat()}",
        context={"folio": invoice.folio, "due": due.due_on},
        url=folio_address(invoice.folio),
        at=at,
    )
    history.record(
        action="billing.complement_reminded",
        subject=invoice,
        party_id=invoice.party_id,
        by=None,
        at=at,
        details={"planned": [day.isoformat() for day in reached], "due": due.due_on.isoformat()},
    )
