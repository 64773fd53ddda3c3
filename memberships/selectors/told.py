"""What pages of a family, a person, a slip, a card payment and a policy say first: whose turn, by when, what next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.urls import reverse

from memberships.models import CardAttempt, CoveredPerson, Membership, Plan, Refund, Slip
from memberships.rules import CARD, CHARGE, MEMBERSHIP, REFUND, SLIP, ChargeState, MembershipState, imss
from memberships.rules.slips import SlipState
from memberships.selectors import figures
from memberships.selectors.imss import imss_check
from memberships.selectors.policies import PolicyPage
from memberships.selectors.refunds import refund_figure
from portal.design.detailing import Clock, Missing, Told, told_of
from portal.rulebook.selectors import whole
from portal.states import BALL_LABELS, DESK_BALL_LABELS, Ball, Stand

# --- a family --------------------------------------------------------------------------------------------------------


def family_told(found: Membership, *, on: date, pays: str = "", grows: bool = False) -> Told:
    """A family as its titular reads it; `pays` is what their button says, `grows` whether they may add people."""
    if found.state == MembershipState.DRAFT:
        return told_of(MEMBERSHIP.at(found.state), act=("Seguir con la afiliación", reverse("memberships:join_you")))
    stand, clocks = _standing(found, on=on)
    more = [
        ("Ver mensualidades", reverse("memberships:charges")),
        ("Ver mi estado de cuenta", reverse("memberships:statement")),
    ]
    if grows:
        more.insert(0, ("Agregar a una persona", reverse("memberships:add_member", args=[found.pk])))
    act = (pays, reverse("memberships:make_slip", args=[found.pk])) if pays else None
    return told_of(stand, clocks=clocks, act=act, more=tuple(more), folio=found.folio)


def family_told_at_desk(found: Membership, *, on: date) -> Told:
    """The same family as the desk reads it."""
    stand, clocks = _standing(found, on=on)
    return told_of(stand, desk=True, clocks=clocks)


def _standing(found: Membership, *, on: date) -> tuple[Stand, tuple[Clock, ...]]:
    """Whose turn a family is, and the day that its state promises: its end, its grace's end, or the next month."""
    stand = MEMBERSHIP.at(found.state)
    if found.state == MembershipState.ACTIVE:
        charge = found.charges.filter(state=ChargeState.OPEN, undone_at=None).order_by("due_on", "pk").first()
        if charge is None:
            on_its_way = found.next_due_on and Clock(
                "Próxima mensualidad", found.next_due_on, figure=figures.next_due_figure(found)
            )
            return stand, (on_its_way,) if on_its_way else ()
        by = charge.grace_ends_on or charge.due_on
        figure = figures.grace_figure(charge)
        return CHARGE.at(ChargeState.OPEN), (Clock("Mensualidad por pagar", by, late=by < on, figure=figure),)
    last = found.changes.filter(undone_at=None).order_by("-on", "-pk").first() if stand.due else None
    if last is None:
        return stand, ()
    ends = last.on + timedelta(days=whole(stand.due, on=last.on) - 1)  # on the day after the last one it is over
    figure = figures.end_figure(last.on, stand.due, ends)
    return stand, (Clock("Se paga antes de que la membresía termine", ends, late=ends < on, figure=figure),)


# --- one of a family -------------------------------------------------------------------------------------------------


def person_told(person: CoveredPerson, *, sees_imss: bool, invites: str = "") -> Told | None:
    """Where somebody stands with the IMSS and the way to their guide; nothing where it may not be seen.

    `invites` is the address where their titular gives them an own profile, "" where there is nothing to give.
    """
    more = (("Invitar a su propio perfil", invites),) if invites else ()
    if not sees_imss:
        return Told(BALL_LABELS[Ball.NOBODY], more=more) if more else None
    check = imss_check(person)
    path = imss.path_of(rights=check.rights, clinic=check.clinic, has_card=check.has_card)
    done = path is imss.Path.NOTHING_TO_DO
    step = imss.step_told(path, ticked=check.ticked)
    guide = ("Ver la guía del IMSS" if done else "Seguir con el IMSS", reverse("memberships:imss", args=[person.pk]))
    return Told(
        BALL_LABELS[Ball.NOBODY if done else Ball.YOU], next=f"El IMSS, paso a paso: {step}", act=guide, more=more
    )


# --- paying ----------------------------------------------------------------------------------------------------------


def slip_told(slip: Slip, *, lead: str, pdf: str = "", again: str = "") -> Told:
    """A slip, for whoever has its code: what to do with it as it stands (`lead`), the paper, another one (`again`)."""
    told = told_of(SLIP.at(slip.state), next=lead.rstrip("."), folio=slip.folio)
    acts = [("Descargar la ficha en PDF", pdf)] if pdf and slip.may_pay else []
    if again:
        acts.insert(0, ("Hacer otra ficha", again))
    rest = slip.rest if slip.state == SlipState.CANCELLED else None
    lacks = (
        (Missing("Una parte del importe.", rest.get_absolute_url(), f"Pagar el resto con la ficha {rest.folio}"),)
        if rest
        else ()
    )
    return replace(told, missing=lacks, act=acts[0] if acts else None, more=tuple(acts[1:]))


def card_told(attempt: CardAttempt, *, lead: str, again: bool) -> Told:
    """A payment by card, for whoever has its code; `again` where it may be tried anew."""
    act = ("Intentar otra vez, o pagar en tienda o banco", reverse("memberships:pay")) if again else None
    told = told_of(CARD.at(attempt.state), next=lead.rstrip("."), act=act, folio=attempt.folio)
    return replace(told, ball=BALL_LABELS[Ball.YOU]) if again else told


def refund_told_at_desk(refund: Refund, *, on: date) -> Told:
    """A refund as the desk reads it, with the day that was promised and where it comes from."""
    figure = refund_figure(refund)
    clocks = (Clock("Está devuelto", refund.due_on, late=refund.due_on < on, figure=figure),) if refund.due_on else ()
    return told_of(REFUND.at(refund.state), desk=True, clocks=clocks if figure else ())


# --- a policy at the desk --------------------------------------------------------------------------------------------


def policy_told(plan: Plan, page: PolicyPage, *, takes: bool, on: date) -> Told:
    """Whether a policy has the year that holds on a day, and by when it needs the next; `takes` files of its people."""
    year = ("Agregar año", reverse("memberships:add_policy_year", args=[plan.pk]))
    people = ("Importar certificados", reverse("memberships:import_certificates", args=[plan.pk]))
    holds = any(one.since <= on < one.until for one, _terms in page.years)
    last = max((one.until for one, _terms in page.years), default=None)
    lacks = () if holds else (Missing("El año que rige hoy: sin él no se reciben certificados.", year[1], year[0]),)
    clocks = (Clock("Se agrega el año que sigue", last, late=last <= on),) if last else ()
    return Told(
        DESK_BALL_LABELS[Ball.NOBODY if holds else Ball.US],
        clocks=clocks,
        missing=lacks,
        act=people if takes and holds else year,
        more=(year,) if takes and holds else (),
    )
