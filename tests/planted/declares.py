"""What of trips the floor's machines are told: what is owed, taken in and found."""

from __future__ import annotations

from django.urls import reverse

from portal.access import Permission, Role
from portal.imports.registry import ImportSpec
from portal.listing import Link
from portal.listing.search import Findable, Found, Name
from portal.people.rules import SignUp
from portal.treasury.registry import AccountPurpose, PayableKind
from portal.work.registry import Queue
from tests.planted import rules, services
from tests.planted.listings import TRIPS as TRIPS_LISTED
from tests.planted.models import Trip

NOTICES = {"planted/approved": "Autorizamos un viático", "planted/late": "Un viático que se te debe"}
SLIP = "trip_slip"
SIGN_UP = SignUp(
    role=Role.PROVIDER,
    label="Quien viaja por nosotros",
    lead="Para cobrar tus viáticos.",
    asks="Te pedimos tu RFC, tu correo y una contraseña.",
    identifier="rfc",
    consents=("portal-privacy",),
    purpose="pagar mis viáticos",
    first_page="people:account",
)
TRAVEL = AccountPurpose(
    code="travel",
    label="Viáticos",
    sentence="Aquí solo recibes tus viáticos.",
    held_with=Permission.MANAGE_OWN_TEAM,
)
TRIP = PayableKind(
    kind="trip",
    purpose="travel",
    liability=rules.OWED,
    entry=rules.APPROVED,
    nouns=("viático", "viáticos"),
    see=Permission.MANAGE_OWN_TEAM,
    paid=services.note_paid,
)
TRIPS = ImportSpec(
    kind="planted.trips",
    title="Viáticos",
    permission=Permission.REVIEW_ACCOUNTS,
    layout=rules.LAYOUT,
    judge=services.judge_trips,
    apply=services.apply_trips,
    purpose="trips_csv",
    start="planted:trips",
    done=lambda run: reverse("planted:trips"),
)
TRIPS_TO_APPROVE = Queue(
    name="planted.trips",
    label="Viáticos por autorizar",
    permission=Permission.REVIEW_ACCOUNTS,
    rows=lambda user, at: Trip.objects.visible_to(user).filter(state=rules.State.ASKED).select_related("party"),
    seen=Trip.objects.visible_to,
    page="planted:trips",
    query=f"estado={rules.State.ASKED}",
    listing=TRIPS_LISTED,
    since="asked_at",
    title=lambda row: row.folio,
    who=lambda row: row.party.name,
    href=Link("planted:trip", "folio"),
)
FINDABLES = (
    Findable(
        "planted.trip",
        "Viáticos",
        (Name("folio"),),
        Trip.objects.visible_to,
        lambda row: Found(row.folio, row.why, reverse("planted:trip", args=[row.folio])),
        folio="folio",
    ),
)
