"""Papers of memberships: a receipt for each payment, a card and a constancia for each person (S1.2, S1.3, S1.5, C16).

The IMSS alone issues the constancia of movements: ours is the operator's own and says so, and the IMSS's PDF, which the
desk uploads, goes along or follows.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from memberships.models import CoveredPerson, DuesPayment, ImssConstancia, Member, Membership
from memberships.rules import MembershipState
from memberships.rules.family import Datum
from memberships.services import telling
from memberships.services.standing import locked
from portal import clock, names
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.papers import barcodes
from portal.papers import services as papers
from portal.papers.models import IssuedDocument

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

RECEIPT, CARD, CONSTANCIA = "dues_receipt", "member_card", "member_constancia"
IMSS = "imss_constancia"  # what the IMSS's own PDF is kept for
_MIN_LETTERS = 20  # fewer: the PDF is an image
_OF_ANOTHER = "El PDF no dice el nombre ni la CURP de {name}. Revisa que sea suyo: se manda por correo."


def issue_receipt(*, membership: Membership, payment: DuesPayment, by: User | None, at: datetime) -> IssuedDocument:
    """The receipt of a payment, which is no CFDI; it carries the titular's party. Part of the act that records it."""
    assert membership.titular is not None
    payment.receipt = papers.issue_document(
        kind=RECEIPT,
        template="pdf/memberships/receipt.html",
        context={
            "folio": membership.folio,
            "titular": membership.titular.as_printed,
            "plan": membership.plan.name,
            "amount": str(payment.amount),
            "value_on": payment.value_on.isoformat(),
            "means": payment.means_label,
        },
        party=membership.titular.party,
        by=by,
        at=at,
    )
    payment.save(update_fields=["receipt"])
    return payment.receipt


def issue_papers(*, membership: Membership, by: User | None, at: datetime) -> list[Member]:
    """A card and the operator's constancia for everybody of a family who lacks one; each carries its person's own
    party (2.12 of the domain).

    Part of the act that records it. Answers those who got a card.
    """
    stays = membership.members.current(on=clock.date_in(at)).select_related("person__party").order_by("since", "pk")
    given = list(stays.filter(card=None))
    for member in given:
        _issue_card(membership, member, by=by, at=at)
    for member in stays.filter(constancia=None):
        member.constancia = papers.issue_document(
            kind=CONSTANCIA,
            template="pdf/memberships/constancia.html",
            context={
                **_told(membership, member),
                "operator": membership.plan.party.name,
                "since_on": member.since.isoformat(),
            },
            party=member.person.party,
            by=by,
            at=at,
        )
        member.save(update_fields=["constancia"])
    return given


def _told(membership: Membership, member: Member) -> dict[str, Any]:
    """What a card says of a person: never RFC, CURP, NSS or birth date (C17a)."""
    return {
        "folio": membership.folio,
        "plan": membership.plan.name,
        "name": member.person.as_printed,
        "kinship": member.kinship_label,
    }


def _issue_card(membership: Membership, member: Member, *, by: User | None, at: datetime) -> None:
    bars = barcodes.code128_svg(membership.folio, label=f"Folio {membership.folio}")
    drawn = "data:image/svg+xml;base64," + base64.b64encode(bars.encode()).decode()
    member.card = papers.issue_document(
        kind=CARD,
        template="pdf/memberships/card.html",
        context={**_told(membership, member), "barcode": drawn},
        party=member.person.party,
        by=by,
        at=at,
    )
    member.save(update_fields=["card"])


@transaction.atomic
def reissue_card(*, member: Member, reason: str, by: User, at: datetime) -> Member:
    """A new card in place of one that was lost or is wrong: the old one is void from now on, and its check says so.

    Raises Conflict for who has no card or is not of the family any more, RuleBroken without a reason.
    """
    membership = locked(member.membership)
    row = (
        membership.members.current(on=clock.date_in(at))
        .select_related("person__party", "card")
        .filter(pk=member.pk)
        .first()
    )
    if row is None or row.card is None or membership.state == MembershipState.CANCELLED:
        raise Conflict("Esa persona no tiene una credencial que cambiar. Recarga la página.", code="card_missing")
    old = papers.void_document(document=row.card, reason=reason, by=by, at=at)
    _issue_card(membership, row, by=by, at=at)
    telling.tell_papers(member=row, documents=[row.card_id], key=str(row.card_id), reissued=True, at=at)
    details = {"folio": membership.folio, "voided": old.folio, "card": row.card.folio}
    record(
        action="memberships.card_reissued",
        subject=row,
        party_id=row.person.party_id,
        by=by,
        at=at,
        reason=reason,
        details=details,
    )
    return row


def keep_imss_constancia(*, member: Member, upload: EncryptedUpload, by: User, at: datetime) -> ImssConstancia:
    """Keep the IMSS's own PDF of a person; it goes with their family's welcome, or by a mail of its own after it.

    The same bytes again change nothing, others take the place of what stood. Raises Conflict for who left, or whose
    family did, RuleBroken for a file that is refused, or that has a text which names somebody else.
    """
    person = member.person
    examined = papers.require_accepted(papers.examine_upload(upload=upload, kinds={"pdf"}), field="file")
    text = "\n".join(examined.facts.get("text", ()))
    is_read = sum(letter.isalnum() for letter in text) >= _MIN_LETTERS
    named = person.curp and person.curp in text.upper()
    if is_read and not named and names.find(text, person.as_printed).found is names.Found.NOT:
        raise RuleBroken(_OF_ANOTHER.format(name=person.as_printed), code="paper_of_another", field="file")
    return _keep_imss(member, examined, by=by, at=at)


@transaction.atomic
def _keep_imss(member: Member, examined: papers.Examined, *, by: User, at: datetime) -> ImssConstancia:
    stay = locked(member.membership).members.get(pk=member.pk)
    if not stay.gets_papers(on=clock.date_in(at)):
        raise Conflict(
            "Esa persona ya no es de la familia, o su afiliación se canceló. Recarga la página.", code="member_gone"
        )
    row = CoveredPerson.objects.select_for_update(of=("self",)).select_related("party").get(pk=stay.person_id)
    file = papers.store_upload(examined=examined, purpose=IMSS, party=row.party, by=by, at=at)
    stood = row.imss_constancias.filter(replaced_at=None).first()
    if stood is not None and stood.file_id == file.pk:
        return stood
    if ImssConstancia.objects.filter(file=file).exists():
        raise Conflict(
            "Ese PDF ya se había subido y después llegó otro más nuevo. Sube el más nuevo.", code="imss_older"
        )
    row.imss_constancias.filter(replaced_at=None).update(replaced_at=at)
    made = ImssConstancia.objects.create(person=row, file=file, uploaded_at=at, uploaded_by=by)
    for stay in Member.objects.welcomed(on=clock.date_in(at)).filter(person=row):
        telling.tell_papers(member=stay, what=Datum.IMSS, files=[file.pk], key=str(made.pk), at=at)
    details = {"sha256": file.sha256}
    record(
        action="memberships.imss_constancia_kept", subject=made, party_id=row.party_id, by=by, at=at, details=details
    )
    return made
