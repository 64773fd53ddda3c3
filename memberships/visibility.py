"""Which papers of memberships are shown to whom, and how a card stands today."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from memberships.models import DuesPayment, Member, Slip, titular_is
from memberships.rules import MembershipState
from memberships.rules.family import Datum, Sight
from memberships.rules.slips import OPEN
from memberships.selectors.family import sights
from memberships.selectors.imss_steps import imss_files, reads_imss
from memberships.services.papers import CARD, CONSTANCIA, IMSS, RECEIPT
from memberships.services.slips import DOCUMENT as SLIP
from portal import clock
from portal.access import Permission
from portal.papers.rules import Standing

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument
    from portal.people.models import User

KINDS = {
    RECEIPT: "Recibo de mensualidad",
    CARD: "Credencial",
    CONSTANCIA: "Constancia de afiliación",
    SLIP: "Ficha de pago",
}
_STANDINGS = {
    MembershipState.ACTIVE.value: Standing.IN_FORCE,
    MembershipState.SUSPENDED.value: Standing.SUSPENDED,
}


def documents(user: User) -> Q:
    """One's own receipts, slips, card and constancia; a titular those of others that they may see today (AC-05); the
    desk all of them.
    """
    if Permission.SEE_MEMBERSHIPS in user.permissions:
        return Q(kind__in=KINDS)
    own = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    if not own:
        return Q(pk__in=[])
    members, seen = _family_of(user)
    cards = [one.card_id for one in members if seen[one.person_id, Datum.CARD].visible]
    constancias = [one.constancia_id for one in members if seen[one.person_id, Datum.IMSS].visible]
    return Q(kind__in=KINDS, party__in=own) | Q(pk__in=[one for one in [*cards, *constancias] if one])


def files(user: User) -> Q:
    """The IMSS's own constancia of whoever one may see in one's families (AC-05); affiliation and auditors all."""
    if reads_imss(user):
        return Q(purpose=IMSS)
    if not user.party_ids(Permission.SEE_OWN_MEMBERSHIP):
        return Q(pk__in=[])
    members, seen = _family_of(user)
    visible = {one.person_id for one in members if seen[one.person_id, Datum.IMSS].visible}
    return Q(pk__in=imss_files(visible))


def _family_of(user: User) -> tuple[list[Member], dict[tuple[UUID, Datum], Sight]]:
    """Everybody of the families whose titular somebody is today, and what they see of each one's papers."""
    on = clock.today()
    stays = Member.objects.current(on=on).filter(titular_is(user, "membership"))
    members = list(stays.select_related("person"))
    return members, sights(user, [one.person for one in members], (Datum.CARD, Datum.IMSS), on=on)


def receipt_standing(document: IssuedDocument) -> Standing:
    """A receipt stands while its payment does: one that was taken back was not paid."""
    gone = DuesPayment.objects.filter(receipt=document).exclude(taken_back_on=None).exists()
    return Standing.CANCELLED if gone else Standing.IN_FORCE


def slip_standing(document: IssuedDocument) -> Standing:
    """A slip stands while a shop or a bank may take it: one that was paid, cancelled or given back is closed."""
    is_open = Slip.objects.filter(document=document, state__in=OPEN).exists()
    return Standing.IN_FORCE if is_open else Standing.CANCELLED


def member_standing(document: IssuedDocument) -> Standing:
    """A card or constancia as its membership stands today; cancelled for who left the family."""
    stays = Member.objects.current(on=clock.today()).filter(Q(card=document) | Q(constancia=document))
    stay = stays.select_related("membership").first()
    return Standing.CANCELLED if stay is None else _STANDINGS.get(stay.membership.state, Standing.CANCELLED)
