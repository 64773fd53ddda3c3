"""The calls of a family: a draft as its pages fill it, what it lacks, sending, and how a claim is followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms

from claims import forms, listings, selectors, services
from claims.api.shapes import (
    PAPERS,
    AgreedHospitalsTold,
    ClaimDraftsTold,
    ClaimDraftTold,
    ClaimTold,
    LacksTold,
    explained,
)
from claims.models import Claim, ClaimFile, ClaimInvoice, Decision
from claims.selectors import pages, reach, scheduled
from memberships.models import Condition
from portal import clock
from portal.access import Permission as P
from portal.api.answers import With
from portal.api.calls import Asked, acts, at, lists, shows
from portal.design.forms import Form
from portal.listing import Link
from portal.people.models import User

READ, WRITE = "claims:read", "claims:write"


# --- what is found: one's own, else nothing --------------------------------------------------------------------------


def _drafts(asked: Asked) -> dict[str, Any]:
    rows = Claim.objects.drafts_of(asked.by).select_related("affected").order_by("-changed_at", "-pk")
    return {"drafts": list(rows)}


def _draft(asked: Asked, pk: UUID) -> Claim:
    return reach.draft(asked.by, pk)


def _draft_file(asked: Asked, pk: UUID, item: UUID) -> tuple[Claim, ClaimFile]:
    return reach.draft_file(asked.by, pk, item)


def _draft_invoice(asked: Asked, pk: UUID, invoice: UUID) -> tuple[Claim, ClaimInvoice]:
    return reach.draft_invoice(asked.by, pk, invoice)


def _lacks(asked: Asked, pk: UUID) -> dict[str, Any]:
    return {"missing": selectors.lacks_of(_draft(asked, pk), at=asked.at)}


def _hospitals(asked: Asked, pk: UUID) -> dict[str, Any]:
    claim = _draft(asked, pk)
    return {"hospitals": list(scheduled.agreed_hospitals(claim, on=clock.date_in(asked.at)))}


def _filed(asked: Asked, folio: str) -> Claim:
    return reach.filed_claim(asked.by, folio)


def claim_told(asked: Asked, found: Claim) -> With:
    """A claim as it stands now, for this very person."""
    row = reach.own_claim(asked.by, found.folio)
    page = pages.claim_page(row, user=asked.by, at=asked.at)
    whole, decision = page["whole"], page["decision"]
    told = None if decision is None else _decided(decision, page, whole=whole)
    return With(
        row,
        whole=whole,
        ball=page["ball"],
        told_kind=row.kind if whole else "",
        told_stage=row.stage if whole else "",
        told_subtype=row.subtype if whole else "",
        told_day=row.planned_on if whole else None,
        told_hospital=row.hospital if whole else None,
        bills=scheduled.bills_of(row) if whole else [],
        person=row.affected.as_printed if whole else "",
        told_coverage=row.coverage.label if whole else "",
        told_condition=row.condition.name if whole and row.condition else "",
        business_hours=selectors.elapsed_minutes(row, at=asked.at) // 60,
        told_estimate=getattr(row, "estimate", None) if whole else None,
        decision=told,
        files=page.get("files", []),
    )


def _decided(decision: Decision, page: dict[str, Any], *, whole: bool) -> With:
    lines, told = page.get("lines", []), explained(page.get("explanations", []))
    return With(decision, explained=lines, told=told, note=decision.note if whole else "")


def _claim(asked: Asked, folio: str) -> With:
    return claim_told(asked, reach.own_claim(asked.by, folio))


# --- acts: what the form read, as the service takes it ---------------------------------------------------------------


class FileForm(Form):
    """One file of a draft, and what it is; an invoice's PDF is dropped where its XML is."""

    document = django_forms.ChoiceField(label="Qué documento es", choices=PAPERS)
    file = django_forms.FileField(label="Archivo")


def offered(asked: Asked, _claim: Claim) -> dict[str, Any]:
    """What a draft may be of, and every illness that its filer may name."""
    on = clock.date_in(asked.at)
    offers = selectors.choices_of(asked.by, on=on)
    people = {one.person.pk: one.person for one in offers}.values()
    return {
        "choices": offers,
        "conditions": [one for person in people for one in selectors.conditions_for(asked.by, person, on=on)],
    }


def _without_rfc(asked: Asked, claim: Claim) -> dict[str, Any]:
    return {"people": selectors.without_rfc(claim, on=clock.date_in(asked.at))}


def change(*, claim: Claim, choice: str, condition: str, what: str, by: User, at: datetime) -> Claim:
    """Say whom and what a draft is of, and whether it asks beforehand: both or neither."""
    pending = condition == forms.PENDING
    found = Condition.objects.get(pk=condition) if condition and not pending else None
    told = {"choice": choice, "condition": found, "pending": pending, "scheduled": what == forms.EVENT}
    return services.describe_draft(claim=claim, **told, by=by, at=at)


def attach(*, claim: Claim, document: str, file: Any, by: User, at: datetime) -> Claim:
    """Judge and keep one file."""
    services.add_file(claim=claim, upload=file, document=document, by=by, at=at)
    return claim


def remove_file(*, held: tuple[Claim, ClaimFile], by: User, at: datetime) -> Claim:
    """Take a file out of a draft."""
    services.remove_file(claim=held[0], item=held[1], by=by, at=at)
    return held[0]


def put_file_back(*, held: tuple[Claim, ClaimFile], by: User, at: datetime) -> Claim:
    """Undo that."""
    services.put_file_back(claim=held[0], item=held[1], by=by, at=at)
    return held[0]


def correct_invoice(*, held: tuple[Claim, ClaimInvoice], by: User, at: datetime, **told: Any) -> Claim:
    """Say what an invoice is of."""
    services.correct_invoice(claim=held[0], invoice=held[1], **told, by=by, at=at)
    return held[0]


def submit(*, claim: Claim, consent: bool, by: User, at: datetime) -> Claim:
    """Send it: its folio, its clock."""
    return services.submit_claim(claim=claim, consented=consent, by=by, at=at)


_FILES: dict[str, Any] = {"scope": WRITE, "permission": P.FILE_CLAIMS}
_OWN: dict[str, Any] = {**_FILES, "find": _draft, "thing": "claim", "answers": ClaimDraftTold}
_SEES: dict[str, Any] = {"scope": READ, "permission": P.SEE_OWN_CLAIMS}
_ID = "0198c0de-0000-7000-8000-000000000000"
_DRAFT = "tramites/borradores/<uuid:pk>/"

DRAFTS = (
    at(
        "tramites/borradores/",
        "api_new",
        shows(_drafts, "Tus borradores", scope=READ, permission=P.FILE_CLAIMS, answers=ClaimDraftsTold),
        acts(
            services.start_claim,
            "Empezar un trámite",
            answers=ClaimDraftTold,
            status=201,
            leads=Link("claims:api_draft", "pk"),
            **_FILES,
        ),
    ),
    at(
        _DRAFT,
        "api_draft",
        shows(_draft, "Un borrador", scope=READ, permission=P.FILE_CLAIMS, answers=ClaimDraftTold),
        acts(
            change,
            "Decir de quién y de qué es",
            takes=forms.WhoForm,
            given=offered,
            example={"choice": f"{_ID}:1", "what": "", "condition": "pending"},
            **_OWN,
        ),
    ),
    at(
        f"{_DRAFT}archivos/",
        "api_attach",
        acts(
            attach,
            "Subir un archivo",
            takes=FileForm,
            example={"document": "official_id", "file": "@ine.pdf"},
            **_OWN,
        ),
    ),
    at(
        f"{_DRAFT}archivos/<uuid:item>/quitar/",
        "api_remove_file",
        acts(remove_file, "Quitar un archivo", **_OWN | {"find": _draft_file, "thing": "held"}),
    ),
    at(
        f"{_DRAFT}archivos/<uuid:item>/devolver/",
        "api_put_file_back",
        acts(put_file_back, "Devolver un archivo que se quitó", **_OWN | {"find": _draft_file, "thing": "held"}),
    ),
    at(
        f"{_DRAFT}facturas/<uuid:invoice>/",
        "api_correct_invoice",
        acts(
            correct_invoice,
            "Decir si una factura trae medicamentos o es de un hospital",
            takes=forms.InvoiceOfForm,
            example={"medicines": True, "hospital": False},
            **_OWN | {"find": _draft_invoice, "thing": "held"},
        ),
    ),
    at(
        f"{_DRAFT}rfc/",
        "api_give_rfc",
        acts(
            services.give_rfc,
            "Decir el RFC de alguien de tu familia que una factura trae",
            takes=forms.RfcForm,
            given=_without_rfc,
            example={"person": _ID, "rfc": "LURF850505AA1"},
            **_OWN,
        ),
    ),
    at(
        f"{_DRAFT}faltantes/",
        "api_missing",
        shows(_lacks, "Lo que le falta a un borrador", scope=READ, permission=P.FILE_CLAIMS, answers=LacksTold),
    ),
    at(
        f"{_DRAFT}hospitales/",
        "api_agreed_hospitals",
        shows(
            _hospitals,
            "Los hospitales con convenio que un evento puede nombrar",
            scope=READ,
            permission=P.FILE_CLAIMS,
            answers=AgreedHospitalsTold,
        ),
    ),
    at(
        f"{_DRAFT}enviar/",
        "api_submit",
        acts(
            submit,
            "Enviar el trámite y generar su folio",
            takes=forms.SendForm,
            after=claim_told,
            leads=Link("claims:api_claim", "folio"),
            example={"consent": True},
            **_OWN | {"answers": ClaimTold},
        ),
    ),
    at(
        f"{_DRAFT}descartar/",
        "api_discard",
        acts(services.discard_claim, "Descartar un borrador", **_OWN | {"answers": None}),
    ),
)
FOLLOWING = (
    at("tramites/", "api_claims", lists(listings.UNDER_WAY_LIST, "Tus trámites en curso", scope=READ)),
    at("tramites/historial/", "api_history", lists(listings.HISTORY, "Tus trámites terminados", scope=READ)),
)
CLAIMS = (
    at("tramites/<str:folio>/", "api_claim", shows(_claim, "Un trámite tuyo", answers=ClaimTold, **_SEES)),
    at(
        "tramites/<str:folio>/retirar/",
        "api_withdraw",
        acts(
            services.withdraw_claim,
            "Retirar un trámite antes de que se decida",
            find=_filed,
            thing="claim",
            answers=ClaimTold,
            after=claim_told,
            **_FILES,
        ),
    ),
)
