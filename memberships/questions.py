"""What is asked before something of memberships ends: the thing and the consequence."""

from __future__ import annotations

from django.urls import reverse

from memberships.models import Member, Membership, Refund, Slip
from memberships.models.shared import CURRENCY
from portal.design.asking import Question
from portal.money import format_money

_WHAT = (
    "Si está vigente termina el día 1 del mes que sigue, y hasta entonces la familia sigue cubierta. Si no, termina "
    "ahora. Lo que se debe ya no se cobra. No se puede deshacer."
)


def cancel_family(found: Membership) -> Question:
    """Before the desk ends a family's membership."""
    return Question(
        id="cancelar_membresia",
        title=f"¿Cancelar la membresía {found.folio}?",
        text=_WHAT,
        label="Cancelar membresía",
        action=reverse("memberships:cancel", args=[found.pk]),
        back=reverse("memberships:affiliation", args=[found.pk]),
    )


def cancel_own(found: Membership) -> Question:
    """Before a titular ends their own."""
    return Question(
        id=f"cancelar_{found.pk}",
        title=f"¿Cancelar tu membresía {found.folio}?",
        text=_WHAT.replace("la familia", "tu familia"),
        label="Cancelar mi membresía",
        action=reverse("memberships:cancel_own", args=[found.pk]),
        back=reverse("memberships:home"),
        keep="Conservarla",
    )


def end_member(found: Member) -> Question:
    """Before a titular ends somebody's stay."""
    return Question(
        id=f"terminar_{found.pk}",
        title=f"¿Quitar a {found.person.as_printed} de tu membresía?",
        text="Desde hoy no está en la membresía y su credencial deja de valer. No se puede deshacer.",
        label="Quitar de la membresía",
        action=reverse("memberships:end_member", args=[found.pk]),
        back=reverse("memberships:person", args=[found.person_id]),
        keep="Conservarla",
    )


def reissue_card(found: Member) -> Question:
    """Before the desk changes somebody's card."""
    return Question(
        id="cambiar_credencial",
        title=f"¿Cambiar la credencial de {found.person.as_printed}?",
        text="La de ahora deja de valer desde este momento y quien la ve recibe la nueva. No se puede deshacer.",
        label="Cambiar credencial",
        action=reverse("memberships:reissue_card", args=[found.pk]),
        back=reverse("memberships:member_papers", args=[found.pk]),
    )


def cancel_slip(found: Slip) -> Question:
    """Before a titular ends a slip of theirs."""
    return Question(
        id="cancelar_ficha",
        title=f"¿Cancelar la ficha {found.folio} de {format_money(found.amount, CURRENCY)}?",
        text="Ya no la pagues: lo que llegue con ella espera a una persona. No se puede deshacer. Puedes hacer otra.",
        label="Cancelar la ficha",
        action=reverse("memberships:cancel_slip", args=[found.code]),
        back=found.get_absolute_url(),
        keep="Conservarla",
    )


def approve_refund(found: Refund) -> Question:
    """Before somebody authorises a refund to a card."""
    return Question(
        id="autorizar_devolucion",
        title=f"¿Autorizar la devolución {found.folio or 'sin folio'} de {format_money(found.amount, CURRENCY)}?",
        text="Se la pedimos a la pasarela. No se puede deshacer.",
        label="Autorizar la devolución",
        action=reverse("memberships:approve_refund", args=[found.pk]),
        back=found.get_absolute_url(),
    )
