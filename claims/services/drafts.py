"""A draft: whom and what it is of, its files one by one; nothing that was kept is lost with a session."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from claims import selectors
from claims.models import Claim, ClaimFile, ClaimInvoice, Submission
from claims.rules.kinds import MINOR_COVERAGE, Kind, kind_of
from claims.rules.papers import Paper
from claims.rules.states import CLAIM, ClaimState
from claims.services.assents import ask_assent, drop_assent
from memberships import selectors as memberships
from memberships import services as families
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history import services as history
from portal.people.models import User
from portal.prepared import prepared

if TYPE_CHECKING:
    from memberships.models import Condition

NO_COVERAGE = (
    "Nadie de tu familia tiene una cobertura vigente en este portal, ni la tuvo hace poco. Si tu póliza está vigente, "
    "escríbenos desde «Contacto»."
)


USED = (
    "Esa factura ya se usó en otro trámite. Cada factura se presenta una sola vez: busca en tus trámites, y si no la "
    "reconoces escríbenos desde «Contacto»."
)


@transaction.atomic
def start_claim(*, by: User, at: datetime) -> Claim:
    """Begin a draft of the filer's first coverage; its first page changes whom and what it is of.

    Raises RuleBroken where nobody of theirs has a coverage today, Conflict for who has too many drafts.
    """
    on = clock.date_in(at)
    _require_room(by, on=on)
    choices = selectors.choices_of(by, on=on)
    if not choices:
        raise RuleBroken(NO_COVERAGE, code="no_coverage")
    first = choices[0]
    return open_draft(
        kind=kind_of(first.coverage.kind).value,
        certificate=first.certificate,
        affected=first.person,
        coverage=first.coverage,
        by=by,
        at=at,
    )


def _require_room(by: User, *, on: date) -> None:
    """Raises Conflict for who has as many drafts as are kept at once; what follows a folio is one a folio by itself."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two tabs at once begin one after the other
    most = selectors.most_drafts(on)
    if Claim.objects.drafts_of(by).filter(parent=None).count() >= most:
        raise Conflict(
            f"Tienes {most} borradores sin enviar, los que se guardan a la vez. Envía o descarta uno y empieza otro.",
            code="too_many_drafts",
            way=("Ver mis borradores", reverse("claims:claims")),
        )


def open_draft(*, by: User, at: datetime, **told: Any) -> Claim:
    """A draft with its first envelope, which is of the affected person."""
    claim = Claim.objects.create(
        payee=selectors.payee_of(by),
        filed_by=by,
        created_at=at,
        changed_at=at,
        **selectors.draft_days(clock.date_in(at)),
        **told,
    )
    files, size = selectors.envelope_limits(clock.date_in(at))
    Submission.objects.create(
        claim=claim,
        number=1,
        party=claim.affected.party,
        opened_by=by,
        opened_at=at,
        file_limit=files,
        byte_limit=size,
    )
    _record_act(claim, "claims.draft_started", by=by, at=at)
    return claim


@transaction.atomic
def change_claim(
    *, claim: Claim, choice: str, condition: Condition | None, pending: bool, by: User, at: datetime
) -> Claim:
    """Say whom and which coverage a draft is of, and which illness; what it is called follows from the coverage.

    Raises RuleBroken for a choice that is not the filer's, an illness that is not the person's, or another person once
    there are files: they carry the party of whom they are about.
    """
    envelope, row = hold_draft(claim)
    on = clock.date_in(at)
    chosen = next((one for one in selectors.choices_of(by, on=on) if one.key == choice), None)
    if chosen is None:
        raise RuleBroken("Elige una persona y cobertura de la lista.", code="not_a_choice", field="choice")
    if row.parent is not None:
        condition, pending = _kept_of_parent(row, row.parent, chosen, condition, pending)
    kept = row.parent.condition if row.parent else None
    if condition not in {None, kept, *selectors.conditions_for(by, chosen.person, on=on)}:
        raise RuleBroken("Ese padecimiento no es de esa persona. Elige otro.", code="not_theirs", field="condition")
    moves = chosen.person.pk != row.affected_id
    if moves:
        _move_envelope(envelope, chosen, row)
        drop_assent(claim=row, by=by, at=at)
    elif chosen.coverage.plan_id != row.coverage.plan_id:
        _leave_invoices(envelope, row)
    row.affected, row.coverage, row.certificate = chosen.person, chosen.coverage, chosen.certificate
    if not row.parent_id and (row.kind != Kind.SCHEDULED or chosen.coverage.kind == MINOR_COVERAGE):
        row.kind = kind_of(chosen.coverage.kind).value
        row.subtype, row.hospital, row.planned_on, row.unlisted, row.adviser_request = "", None, None, "", None
    row.condition, row.condition_pending = condition, pending and condition is None
    keep_draft(claim=row, at=at)
    row.save()
    _record_act(row, "claims.draft_changed", by=by, at=at)
    if moves or not row.assents.exists() or selectors.assent_of(row):  # who said no is asked by a button alone
        ask_assent(claim=row, by=by, at=at)
    return row


def _kept_of_parent(
    row: Claim, parent: Claim, chosen: selectors.Choice, condition: Condition | None, pending: bool
) -> tuple[Condition | None, bool]:
    """What follows a folio keeps its person, coverage and, once it is known, its illness."""
    if (chosen.person.pk, chosen.coverage.pk) != (row.affected_id, row.coverage_id):
        raise RuleBroken(
            "Un complemento es de la misma persona y cobertura que su folio. Para otra presenta un trámite nuevo.",
            code="not_of_its_folio",
            field="choice",
        )
    if parent.condition is not None:
        return parent.condition, False
    return condition, pending


def _move_envelope(envelope: Submission, chosen: selectors.Choice, claim: Claim) -> None:
    """The envelope is of another person now; what was taken out of it before is not put back."""
    if envelope.items.filter(removed_at=None).exists():
        raise RuleBroken(
            "Los archivos de este borrador son de otra persona. Quítalos antes, o empieza otro trámite.",
            code="files_of_another",
            field="choice",
        )
    ClaimInvoice.objects.filter(claim=claim).delete()
    ClaimFile.objects.filter(envelope=envelope).delete()
    envelope.party = chosen.person.party
    envelope.save(update_fields=["party"])


def _leave_invoices(envelope: Submission, claim: Claim) -> None:
    """Invoices are judged by the policy they are sent under: none goes with a draft to another one."""
    if claim.invoices.standing().exists():
        raise RuleBroken(
            "Las facturas de este borrador se revisaron con otra póliza. Quítalas antes y súbelas otra vez.",
            code="invoices_of_another",
            field="choice",
        )
    ClaimInvoice.objects.filter(claim=claim).delete()
    envelope.items.filter(document=Paper.INVOICE_XML).delete()


@transaction.atomic
def discard_claim(*, claim: Claim, by: User, at: datetime) -> Claim:
    """Drop a draft: it takes no more files and leaves the filer's list. Raises Conflict for one that was sent."""
    envelope, row = hold_draft(claim)
    CLAIM.check(row.state, ClaimState.DISCARDED)
    row.state, row.changed_at, row.looks_again_on = ClaimState.DISCARDED, at, None
    row.save(update_fields=["state", "changed_at", "looks_again_on"])
    envelope.closed_at = at
    envelope.save(update_fields=["closed_at"])
    _record_act(row, "claims.draft_discarded", by=by, at=at)
    return row


@transaction.atomic
def give_rfc(*, claim: Claim, person: str, rfc: str, by: User, at: datetime) -> Claim:
    """Tell the RFC of somebody of the family that an invoice of a draft asks for; the next one is judged by it.

    Raises RuleBroken for whom nothing is asked of, or an RFC that is not theirs.
    """
    on = clock.date_in(at)
    _envelope, row = hold_to_file(claim=claim, by=by, on=on)
    found = next((one for one in selectors.without_rfc(row, on=on) if str(one.pk) == person), None)
    if found is None:
        raise RuleBroken("Elige a una persona de la lista.", code="not_a_choice", field="person")
    families.keep_rfc(person=found, rfc=rfc, by=by, at=at)
    return row


def keep_draft(*, claim: Claim, at: datetime) -> None:
    """A draft was changed: its days begin anew. The caller saves it."""
    claim.changed_at = at
    for name, value in selectors.draft_days(clock.date_in(at)).items():
        setattr(claim, name, value)


def hold_draft(claim: Claim) -> tuple[Submission, Claim]:
    """A draft and its envelope under their locks, the envelope first as an upload holds it.

    Raises Conflict where it was sent, with the way to what it became, or discarded.
    """
    envelope = Submission.objects.select_for_update().get(claim=claim, number=1)
    row = _held_draft(claim.pk)[0]
    if row.folio:
        way = ("Ver el trámite", reverse("listing:folio", args=[row.folio]))
        raise Conflict(f"Ya lo enviaste: folio {row.folio}. No hace falta enviarlo otra vez.", code="sent", way=way)
    if row.state != ClaimState.DRAFT:
        raise Conflict("Este borrador se descartó. Empieza otro trámite.", code="discarded")
    return envelope, row


@prepared
def _held_draft(claim: UUID) -> QuerySet[Claim]:
    rows = Claim.objects.select_for_update(of=("self",)).filter(pk=claim)
    told = ("affected__party", "coverage__plan__party", "payee", "certificate", "filed_by", "parent__condition")
    return rows.select_related(*told)


def hold_to_file(*, claim: Claim, by: User, on: date) -> tuple[Submission, Claim]:
    """The same of a draft that is still theirs to file."""
    envelope, row = hold_draft(claim)
    selectors.require_filing(by, row, on=on)
    return envelope, row


def require_expense(*, claim: Claim, name: str, on: date) -> None:
    """Raises RuleBroken for an invoice of a day on which somebody else headed the certificate: who left a policy asks
    for what was spent while they were in it.
    """
    if not memberships.files_expense_of(claim.filed_by, claim.affected, on):
        raise RuleBroken(
            f"«{name}» es de un día en que {claim.affected.as_printed} ya no estaba en tu póliza contigo. La presenta "
            "esa persona, o quien es titular ahora.",
            code="expense_of_another_titular",
            field="file",
        )


def _record_act(claim: Claim, action: str, *, by: User, at: datetime) -> None:
    history.record(action=action, subject=claim, by=by, at=at, party_id=claim.affected.party_id)
