"""The calls of scheduled events, the adviser and hospitals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers as s

from claims import forms, listings, services
from claims.api.desk import DECIDE, DeskStandTold, opened, stand_of
from claims.api.family import READ, WRITE
from claims.api.shapes import ClaimDraftTold
from claims.models import Claim, Decision, Hospital
from claims.selectors import desk as pages
from claims.selectors import reach, scheduled
from memberships.models import Condition
from portal.access import Permission as P
from portal.api.answers import Answer
from portal.api.calls import Asked, acts, at, lists
from portal.design.forms import TextField
from portal.help.models import ContactMessage
from portal.listing import Link
from portal.people import selectors as people
from portal.people.models import User


class AdviceTold(Answer):
    """What a family asked the adviser, and the answer."""

    folio = s.CharField()
    insurer = s.CharField(source="subject_folio")
    body = s.CharField()
    answer = s.CharField()
    due_on = s.DateField()


class HospitalTold(Answer):
    """A hospital under an insurer's agreement; `until` is the first day without it."""

    id = s.UUIDField(source="pk")
    insurer = s.UUIDField(source="insurer_id")
    key = s.CharField()
    name = s.CharField()
    city = s.CharField()
    state = s.CharField()
    since = s.DateField()
    until = s.DateField(allow_null=True)


def _draft(asked: Asked, pk: UUID) -> Claim:
    return reach.draft(asked.by, pk)


def _request(asked: Asked, folio: str) -> ContactMessage:
    return scheduled.adviser_request(asked.by, folio)


def _hospital(asked: Asked, pk: UUID) -> Hospital:
    return scheduled.hospital_of(pk)


class EventCallForm(forms.EventForm):
    """The same, the hospital by its id."""

    hospital = TextField(  # type: ignore[assignment]  # a program names it by its id
        label="Hospital, por su id", required=False, max_length=40
    )


class AdviceCallForm(forms.AdviceForm):
    """The same, the hospital by its id."""

    hospital = TextField(  # type: ignore[assignment]  # a program names it by its id
        label="Hospital, por su id", required=False, max_length=40
    )


def plan(*, claim: Claim, hospital: str, by: User, at: datetime, **told: Any) -> Claim:
    """Say what is planned, when and where."""
    return services.schedule_event(claim=claim, hospital=_known(hospital), by=by, at=at, **told)


def advise(*, message: ContactMessage, hospital: str, answer: str, by: User, at: datetime) -> ContactMessage:
    """Answer a family, with a hospital of the list or none."""
    return services.answer_adviser(message=message, hospital=_known(hospital), answer=answer, by=by, at=at)


def _known(hospital: str) -> Hospital | None:
    """By the id that was sent. Raises Http404 for one that is none."""
    if not hospital:
        return None
    try:
        return scheduled.hospital_of(UUID(hospital))
    except ValueError:
        return scheduled.hospital_of(UUID(int=0))


def decide(*, claim: Claim, condition: str, by: User, at: datetime, **told: Any) -> Decision:
    """Authorise an event, or refuse it."""
    found = Condition.objects.get(pk=condition) if condition else None
    return services.decide_event(claim=claim, condition=found, by=by, at=at, **told)


class BillCallForm(forms.BillForm):
    """A bill by a program: its rows go on as the first ones do."""

    takes_more = True


def bill(*, claim: Claim, by: User, at: datetime, **told: Any) -> Decision:
    """Record what a hospital billed."""
    form = forms.BillForm(told)
    form.full_clean()
    return services.record_bill(claim=claim, lines=form.told(), by=by, at=at)


def keep(*, hospital: Hospital | None = None, insurer: str, by: User, at: datetime, **told: Any) -> Hospital:
    """Add a hospital, or correct one."""
    return services.keep_hospital(hospital=hospital, insurer=people.insurers().get(pk=insurer), by=by, at=at, **told)


def conditions(asked: Asked, claim: Claim) -> dict[str, Any]:
    """The illnesses that may be named, and whether one has to be."""
    return pages.illnesses_of(claim)


_DESK = "mesa/tramites/<str:folio>/"
_OPENED: dict[str, Any] = {
    "scope": DECIDE,
    "permission": P.DECIDE_CLAIMS,
    "find": opened,
    "thing": "claim",
    "answers": DeskStandTold,
    "after": stand_of,
}
_ADVISES: dict[str, Any] = {"scope": DECIDE, "permission": P.ADVISE_CLAIMS}
_DAY = date(2026, 12, 4).isoformat()
_HOSPITAL = {
    "insurer": "0198c0de-0000-7000-8000-000000000000",
    "key": "H-12",
    "name": "Hospital del Valle",
    "city": "Ciudad de México",
    "state": "Ciudad de México",
    "since": _DAY,
}
RESOURCES = (
    at(
        "tramites/borradores/<uuid:pk>/evento/",
        "api_event",
        acts(
            plan,
            "Decir qué se programa, cuándo y en qué hospital",
            takes=EventCallForm,
            example={"subtype": "surgery", "planned_on": _DAY, "hospital": "", "unlisted": "Clínica del Sol"},
            scope=WRITE,
            permission=P.FILE_CLAIMS,
            find=_draft,
            thing="claim",
            answers=ClaimDraftTold,
        ),
    ),
    at("mesa/asesoria/", "api_advice", lists(listings.ADVICE, "Preguntas a asesoría", scope=READ)),
    at(
        "mesa/asesoria/<str:folio>/",
        "api_advise",
        acts(
            advise,
            "Contestar qué hospital tiene convenio",
            takes=AdviceCallForm,
            example={"hospital": "", "answer": "Ese hospital no tiene convenio. Elige uno de la lista."},
            find=_request,
            thing="message",
            answers=AdviceTold,
            **_ADVISES,
        ),
    ),
    at(
        "mesa/hospitales/",
        "api_new_hospital",
        acts(
            keep,
            "Agregar un hospital con convenio",
            takes=forms.HospitalForm,
            example=_HOSPITAL,
            answers=HospitalTold,
            status=201,
            leads=Link("claims:api_hospital", "pk"),
            **_ADVISES,
        ),
    ),
    at("mesa/hospitales/lista/", "api_hospitals", lists(listings.HOSPITALS, "Hospitales con convenio", scope=READ)),
    at(
        "mesa/hospitales/<uuid:pk>/",
        "api_hospital",
        acts(
            keep,
            "Corregir un hospital, o decir hasta cuándo tiene convenio",
            takes=forms.HospitalForm,
            example=_HOSPITAL,
            find=_hospital,
            thing="hospital",
            answers=HospitalTold,
            **_ADVISES,
        ),
    ),
    at(
        f"{_DESK}evento/",
        "api_decide_event",
        acts(
            decide,
            "Autorizar un evento, o rechazarlo",
            takes=forms.EventDecisionForm,
            given=conditions,
            example={"condition": "", "authorised": "80000.00", "why": "", "note": ""},
            **_OPENED,
        ),
    ),
    at(
        f"{_DESK}cuenta-del-hospital/",
        "api_record_bill",
        acts(
            bill,
            "Registrar la cuenta del hospital",
            takes=BillCallForm,
            given=lambda _asked, _claim: {"rows": forms.MOST_BILLED},
            example={
                "concept_1": "Quirófano",
                "on_1": _DAY,
                "claimed_1": "30000.00",
                "covered_1": "30000.00",
                "why_1": "",
            },
            **_OPENED,
        ),
    ),
)
