"""The machines of memberships: a family's, a certificate's and a month's; kinships, means and standing as stored."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from portal.states import Ball, Machine, Stand, choices


class PlanKind(StrEnum):
    """What a plan is: dues of ours by the month, or the policy of an insurer."""

    MEMBERSHIP = "membership"
    POLICY = "policy"


PLAN_KIND_LABELS = {PlanKind.MEMBERSHIP: "Membresía", PlanKind.POLICY: "Póliza"}


class Kinship(StrEnum):
    """Who somebody is in a family."""

    TITULAR = "titular"
    SPOUSE = "spouse"
    PARTNER = "partner"
    PARENT = "parent"
    CHILD = "child"


KINSHIP_LABELS = {
    Kinship.TITULAR: "Titular",
    Kinship.SPOUSE: "Cónyuge",
    Kinship.PARTNER: "Pareja",
    Kinship.PARENT: "Madre o padre",
    Kinship.CHILD: "Hija o hijo",
}


class Sex(StrEnum):
    """As the CURP has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


SEX_LABELS = {Sex.FEMALE: "Mujer", Sex.MALE: "Hombre", Sex.OTHER: "No binario"}


class Means(StrEnum):
    """How money came."""

    STORE = "store"
    BANK = "bank"
    CARD = "card"
    DESK = "desk"  # told by the desk or a file: money that came by another way than the portal's


MEANS_LABELS = {
    Means.STORE: "Tienda",
    Means.BANK: "Banco",
    Means.CARD: "Tarjeta",
    Means.DESK: "Registrado por la mesa",
}


class MembershipState(StrEnum):
    """Where a membership stands; from the first payment on the days and the payments say so (domain 2.11)."""

    DRAFT = "draft"
    AWAITING_PAYMENT = "awaiting_payment"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


MEMBERSHIP = Machine(
    MembershipState,
    {
        MembershipState.DRAFT: Stand(
            label="Falta terminar la afiliación",
            desk="Sin terminar",
            tone="neutral",
            to=(MembershipState.AWAITING_PAYMENT,),
            ball=Ball.YOU,
            next="Termina la afiliación",
        ),
        MembershipState.AWAITING_PAYMENT: Stand(
            label="Espera el primer pago",
            tone="warn",
            to=(MembershipState.ACTIVE, MembershipState.CANCELLED),
            ball=Ball.YOU,
            next="Paga la primera mensualidad",
            due="dues.first_payment_days",
        ),
        # Waiting again when its first payment was taken back on the very day it came.
        MembershipState.ACTIVE: Stand(
            label="Vigente",
            tone="ok",
            to=(MembershipState.AWAITING_PAYMENT, MembershipState.SUSPENDED, MembershipState.CANCELLED),
        ),
        MembershipState.SUSPENDED: Stand(
            label="Suspendida",
            tone="error",
            to=(MembershipState.ACTIVE, MembershipState.CANCELLED),
            ball=Ball.YOU,
            next="Paga lo que falta",
            due="dues.suspended_days",
        ),
        # Back where a payment of an earlier value date says that it should not have ended.
        MembershipState.CANCELLED: Stand(
            label="Cancelada",
            tone="neutral",
            to=(MembershipState.AWAITING_PAYMENT, MembershipState.ACTIVE, MembershipState.SUSPENDED),
        ),
    },
)
LIVE = [one.value for one in MembershipState if one is not MembershipState.CANCELLED]


class CertificateState(StrEnum):
    """Where the certificate of a policy stands, as its insurer says."""

    ACTIVE = "active"
    ENDED = "ended"


CERTIFICATE = Machine(
    CertificateState,
    {
        CertificateState.ACTIVE: Stand(label="Vigente en la póliza", tone="ok", to=(CertificateState.ENDED,)),
        CertificateState.ENDED: Stand(label="Terminado", tone="neutral", to=(CertificateState.ACTIVE,)),
    },
)


# What is asked of a titular who owes, where it is not simply the month's dues.
OWED_LABELS: dict[MembershipState, str] = {
    MembershipState.AWAITING_PAYMENT: "Falta tu primer pago",
    MembershipState.SUSPENDED: "Tu familia no está cubierta: faltan mensualidades",
}


class ChargeState(StrEnum):
    """Whether a month's dues are owed."""

    OPEN = "open"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"


CHARGE = Machine(
    ChargeState,
    {
        ChargeState.OPEN: Stand(
            label="Por pagar",
            tone="warn",
            to=(ChargeState.SETTLED, ChargeState.WRITTEN_OFF),
            ball=Ball.YOU,
            next="Págala",
            due="dues.grace_days",
        ),
        # Open again: its payment was taken back, or an earlier one says that it was not to be written off.
        ChargeState.SETTLED: Stand(label="Pagada", tone="ok", to=(ChargeState.OPEN,)),
        ChargeState.WRITTEN_OFF: Stand(label="Ya no se cobra", tone="neutral", to=(ChargeState.OPEN,)),
    },
)


def steps(machine: Machine, old: str, new: StrEnum, *, by_way_of: StrEnum) -> Iterator[StrEnum]:
    """The steps that lead from a state to another one, over `by_way_of` where no step leads there at once.

    A payment that is known late may change several things at a time; none where nothing changes.
    """
    if old == new:
        return
    if not machine.allows(old, new):
        yield by_way_of
    yield new


KINSHIP_CHOICES = choices(KINSHIP_LABELS)
SEX_CHOICES = choices(SEX_LABELS)
MEANS_CHOICES = choices(MEANS_LABELS)
PLAN_KIND_CHOICES = choices(PLAN_KIND_LABELS)
