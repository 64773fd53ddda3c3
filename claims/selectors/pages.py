"""The member's pages of claims: what stands in a draft, and how a sent one is followed (S3.19-S3.34)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from claims.models import Claim, ClaimDue, ClaimInvoice, Decision
from claims.models.shared import CURRENCY
from claims.rules import ledger
from claims.rules.formats import WHAT_LABELS
from claims.rules.kinds import AccountStanding, Kind, Stage, Subtype, kind_of
from claims.rules.missing import PAID_LATER, Document, Need, asked_for
from claims.rules.papers import PAPER_HELP, PAPER_LABELS, Lack, Paper, Step
from claims.rules.states import AT_HOSPITAL, CLAIM, UNDER_WAY, ClaimState, PaymentState
from claims.selectors import family
from claims.selectors.assents import assent_of, waits_for_assent
from claims.selectors.catalogues import requirements_on
from claims.selectors.family import Choice, choices_of, may_file, sees_all_of, who_are_asked
from claims.selectors.filing import account_standing, files_of, invoices_of, lacks_of
from claims.selectors.further import standing_decision
from claims.selectors.papers import explain_totals, explained_lines, settled_of
from claims.selectors.promises import ball_since, owed_of, payment_clock, steps_ahead, waits_for
from claims.selectors.requests import may_answer, open_request, thread_of
from claims.selectors.running import elapsed_minutes, forecast_of
from claims.selectors.scheduled import waits_for_hospital
from portal import clock
from portal.design import dates
from portal.design.detailing import Clock, Missing, Told, told_of
from portal.history.selectors import timeline
from portal.money import ZERO, format_money
from portal.papers.rules import WANTED
from portal.rulebook import selectors as rulebook
from portal.states import Stand
from portal.treasury import selectors as treasury

if TYPE_CHECKING:
    from memberships.models import Condition, CoveredPerson
    from portal.people.models import User
    from portal.treasury.models import Payable

Context = dict[str, Any]
_PAGES = {Step.WHO: "claims:draft", Step.PAPERS: "claims:papers", Step.PAYMENT: "claims:payment"}
STEPS = (
    ("Quién y qué", "claims:draft"),
    ("Documentos", "claims:papers"),
    ("Datos para el pago", "claims:payment"),
    ("Revisar y enviar", "claims:check"),
)
_PAPER_OF = {"not_covered": "Carta de rechazo", "authorised": "Carta de autorización"}
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.xml"
EVENTS = {
    "claims.claim_sent": "Lo enviaste",
    "claims.review_begun": "Una persona de dictamen lo tomó",
    "claims.documents_wanted": "Te pedimos documentos; el tiempo de respuesta quedó en pausa",
    "claims.documents_answered": "Completaste lo que te pedimos",
    "claims.documents_overdue": "Se pasó la fecha y seguimos con lo que había",
    "claims.decision_final": "Quedó decidido",
    "claims.decision_withdrawn": "Retiramos la decisión y lo volvemos a revisar",
    "claims.bill_recorded": "Registramos la cuenta del hospital",
    "claims.payment_scheduled": "Tu pago entró en un lote",
    "claims.payment_waits": "Tu pago espera el siguiente lote",
    "claims.claim_paid": "El banco te pagó",
    "claims.payment_returned": "El banco devolvió el pago",
    "claims.claim_withdrawn": "Lo retiraste",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of paper of a draft: what it is, whether it is asked for, what is there."""

    document: str
    label: str
    hint: str
    asked: bool
    count: int

    @property
    def state(self) -> tuple[str, str]:
        """Where it stands in words, and the tone."""
        if self.count:
            return ("Listo", "ok")
        return ("Falta", "warn") if self.asked else ("Si lo tienes", "neutral")


def slots_of(claim: Claim, lacks: list[Lack], *, on: date) -> list[Slot]:
    """The papers of a draft: invoices first, then what its kind or its invoices may ask for, then whatever else helps.

    Those that an invoice asks for stand there before it comes: an upload without leaving the page finds them.
    """
    lacking = {one.name for one in lacks}
    there = Counter(one.document for one in files_of(claim))
    asked = {} if is_appeal(claim) else _asked_of(claim, on)
    named: dict[str, bool] = {one: one in lacking for one in (Document.PRESCRIPTION, Document.ITEMISED_BILL)}
    named[Paper.PAYMENT_PROOF] = _wants_proof(claim)
    if is_event(claim):
        named = {}
    named |= {one: one in lacking or need is Need.ALWAYS for one, need in asked.items()}
    if is_appeal(claim):
        named = {Document.MEDICAL_REPORT: False, Document.PRESCRIPTION: False}
    ordered = [*asked, *(one for one in named if one not in asked)]
    return [
        *_invoice_slot(claim, there),
        *(Slot(one, PAPER_LABELS[one], PAPER_HELP.get(one, ""), asked=named[one], count=there[one]) for one in ordered),
        Slot(Paper.OTHER, PAPER_LABELS[Paper.OTHER], PAPER_HELP[Paper.OTHER], asked=False, count=there[Paper.OTHER]),
    ]


def needs(user: User, *, on: date) -> list[tuple[str, str]]:
    """What each kind that somebody may file asks for at first, as the catalogue in force says it."""
    paid = {kind_of(one.coverage.kind) for one in choices_of(user, on=on)}
    kinds: list[tuple[Kind, Subtype | None]] = [(one, None) for one in Kind if one in paid]
    if Kind.REIMBURSEMENT in paid:
        kinds += [(Kind.SCHEDULED, one) for one in Subtype]
    rows, told = requirements_on(on), []
    for kind, subtype in kinds:
        asked = asked_for(rows, kind, subtype, Stage.INITIAL)
        papers = ", ".join(PAPER_LABELS[one].lower() for one, need in asked.items() if need is not Need.OFFERED)
        told.append((WHAT_LABELS[subtype or kind], f"{papers[:1].upper()}{papers[1:]}"))
    return told


def _asked_of(claim: Claim, on: date) -> dict[Document, Need]:
    subtype = Subtype(claim.subtype) if claim.subtype else None
    return asked_for(requirements_on(on), Kind(claim.kind), subtype, Stage(claim.stage))


def _invoice_slot(claim: Claim, there: Counter[str]) -> list[Slot]:
    if is_appeal(claim) or is_event(claim):
        return []
    return [
        Slot(
            Paper.INVOICE_XML,
            "Facturas: XML y PDF",
            "Suéltalos juntos. Deja los XML con el nombre que te mandaron.",
            asked=True,
            count=there[Paper.INVOICE_XML],
        ),
    ]


def _wants_proof(claim: Claim) -> bool:
    return any(one.method == "PPD" for one in invoices_of(claim))


def steps_of(claim: Claim) -> list[tuple[str, str]]:
    """The steps of a draft, each with its page; an appeal says why first and is paid as its folio was."""
    if is_appeal(claim):
        appealed = (("Motivos", "claims:draft"), STEPS[1], STEPS[3])
        return [(label, reverse(name, args=[claim.pk])) for label, name in appealed]
    if is_event(claim):
        steps = (STEPS[0], ("Evento", "claims:event"), STEPS[1], STEPS[3])
        return [(label, reverse(name, args=[claim.pk])) for label, name in steps]
    return [(label, reverse(name, args=[claim.pk])) for label, name in STEPS]


def is_appeal(claim: Claim) -> bool:
    """Whether it asks a decision again."""
    return claim.stage == Stage.APPEAL


def _page_of(claim: Claim, lack: Lack) -> str:
    """The page that cures what lacks: of an event what is planned and where has one of its own."""
    return "claims:event" if is_event(claim) and lack.name in {"subtype", "hospital"} else _PAGES[lack.step]


def is_event(claim: Claim) -> bool:
    """Whether it asks beforehand."""
    return claim.kind == Kind.SCHEDULED


def after_first(claim: Claim) -> str:
    """The page that follows the first step."""
    return "claims:event" if is_event(claim) else "claims:papers"


def after_papers(claim: Claim) -> str:
    """The page that follows the documents: nobody is paid of an event, an appeal is paid as its folio was."""
    return "claims:check" if is_appeal(claim) or is_event(claim) else "claims:payment"


def choices_for(user: User, claim: Claim, *, on: date) -> list[Choice]:
    """Whom and what a draft may be of: one that follows a folio is of the same person and coverage."""
    choices = choices_of(user, on=on)
    if claim.parent_id is None:
        return choices
    return [one for one in choices if (one.person.pk, one.coverage.pk) == (claim.affected_id, claim.coverage_id)]


def conditions_for(user: User, claim: Claim, person: CoveredPerson, *, on: date) -> list[Condition]:
    """The illnesses that a draft may be of: that of its folio alone, once it is known."""
    if claim.parent is not None and claim.parent.condition is not None:
        return [claim.parent.condition]
    return family.conditions_for(user, person, on=on)


def lacking(claim: Claim, *, at: datetime) -> list[Missing]:
    """What a draft lacks, each with the page where it is given."""
    return [
        Missing(one.sentence, reverse(_page_of(claim, one), args=[claim.pk]), "Resolver")
        for one in lacks_of(claim, at=at)
    ]


def invoice_rows(claim: Claim) -> list[tuple[ClaimInvoice, str, str]]:
    """Each invoice of a draft with what people read of it, and what it still lacks."""
    return [
        (one, f"{one.issuer_name or one.issuer_rfc}, {dates.short(one.issued_on)}", _lacks(one))
        for one in invoices_of(claim)
    ]


def _lacks(one: ClaimInvoice) -> str:
    told = ["Falta su PDF: súbelo junto al XML."] if one.pdf is None else []
    if one.method == PAID_LATER and one.payment_proof is None:
        told.append(
            "Se paga después (PPD) y falta su comprobante de pago: pide el complemento de pago a quien te atendió, o "
            "sube tu recibo, en «Comprobante de pago»."
        )
    return " ".join(told)


def answers_of(claim: Claim, *, whole: bool) -> list[tuple[str, str, str]]:
    """Everything that a draft says, each with the page that changes it; the illness where its filer sees it whole."""
    who, papers, payment = (reverse(name, args=[claim.pk]) for _label, name in STEPS[:3])
    if is_appeal(claim) and claim.parent is not None:
        return [
            ("Apelas la decisión de", claim.parent.folio, ""),
            ("Persona afectada", claim.affected.as_printed, ""),
            ("Por qué no estás de acuerdo", claim.reasons, who),
        ]
    if is_event(claim):
        return [
            ("Persona afectada", claim.affected.as_printed, who),
            ("Cobertura", f"{claim.coverage.label}, {claim.coverage.plan.party.name}", who),
            *event_facts(claim, reverse("claims:event", args=[claim.pk])),
            ("Padecimiento", _condition(claim) if whole else "", who),
        ]
    total = sum((one.total for one in invoices_of(claim)), ZERO)
    return [
        ("Persona afectada", claim.affected.as_printed, who),
        ("Cobertura", f"{claim.coverage.label}, {claim.coverage.plan.party.name}", who),
        ("Qué pides", claim.kind_label, who),
        *([("Padecimiento", _condition(claim), who)] if whole else []),
        ("Total de tus facturas", format_money(total, CURRENCY), papers),
        ("Te pagamos a", claim.payee_name, payment),
    ]


def event_facts(claim: Claim, href: str) -> list[tuple[str, str, str]]:
    """What is planned, when and where, each with the page that changes it."""
    asked = claim.adviser_request
    where = str(claim.hospital) if claim.hospital else f"Preguntaste a asesoría: {asked.folio}" if asked else ""
    when = dates.long(claim.planned_on) if claim.planned_on else ""
    return [("Qué se programa", claim.kind_label, href), ("Día previsto", when, href), ("Hospital", where, href)]


def _condition(claim: Claim) -> str:
    if claim.condition is not None:
        return claim.condition.name
    return "Padecimiento pendiente" if claim.condition_pending else "Sin decir"


def payment_facts(claim: Claim, *, at: datetime) -> tuple[AccountStanding, list[tuple[str, str]]]:
    """How the account stands to which a claim would be paid, and what people know it by."""
    standing = account_standing(claim, at=at)
    mine = treasury.my_account(party=claim.payee, purpose=ledger.ACCOUNT, at=at)
    shown = mine.shown
    if shown is None:
        return standing, []
    label, _tone = treasury.standing(mine, shown)
    return standing, [("Banco", shown.bank_name), ("CLABE", f"termina en {shown.last4}"), ("Estado", label)]


def account_page(user: User, claim: Claim) -> str:
    """Where the account is registered to which a claim would be paid."""
    return treasury.page_of(user, purpose=ledger.ACCOUNT, party_id=claim.payee_id)


def alone(user: User, *, on: date) -> str:
    """Whose «sí» a claim for them waits for, as a sentence; "" where nobody's."""
    names = who_are_asked(user, on=on)
    return f"Con perfil propio, les pediremos su «sí» a cada trámite: {', '.join(names)}." if names else ""


def can_ask(user: User, claim: Claim, *, on: date) -> bool:
    """Whether whoever filed something that is under way may ask the affected adult for their «sí» to it."""
    mine = claim.filed_by_id == user.pk and claim.state in UNDER_WAY
    if not mine or not may_file(user, claim, on=on) or not waits_for_assent(claim, on=on):
        return False
    asked = assent_of(claim)
    return asked is None or asked.given_at is not None


# --- following -------------------------------------------------------------------------------------------------------


def claim_page(claim: Claim, *, user: User, at: datetime) -> Context:
    """A sent claim as its family follows it; folio, state and amounts alone for who may not see the rest today."""
    whole = sees_all_of(user, claim, on=clock.date_in(at))
    decision = standing_decision(claim)
    owed = owed_of(claim, decision)
    stand = AT_HOSPITAL if waits_for_hospital(claim, decision, on=clock.date_in(at)) else claim.stand
    context: Context = {
        "claim": claim,
        "whole": whole,
        "ball": stand.ball,
        "told": _told(claim, owed, stand, answers=may_answer(user, claim, on=clock.date_in(at)), at=at),
        "can_withdraw": claim.filed_by_id == user.pk and CLAIM.allows(claim.state, ClaimState.WITHDRAWN),
        "decision": decision,
        "amounts": _amounts(claim, decision),
        "sum_figure": _sum_figure(decision),
        "paid_label": paid_label(claim),
        "crumbs": [("Trámites", reverse("claims:claims")), (claim.folio, "")],
    }
    if not whole:
        return context
    # What keeps the money, an account perhaps, is said to whom it is owed.
    waits = waits_for(owed, at=at) if owed and claim.filed_by_id == user.pk else ""
    return context | {
        "lines": explained_lines(decision) if decision else [],
        "explanations": decision.explanations if decision else [],
        "facts": _facts(claim, at=at),
        "files": list(files_of(claim).exclude(envelope__closed_at=None)),
        "documents": _documents(claim, decision),
        "thread": thread_of(claim, desk=False),
        "events": [*_events(claim), *steps_ahead(claim, owed, waits=waits, at=at)],
        "estimate": _estimate(claim, at=at),
    }


def sent_facts(claim: Claim) -> list[tuple[str, str]]:
    """What was sent and when, for the confirmation: nothing clinical."""
    told = [("Enviado", dates.instant(claim.submitted_at))] if claim.submitted_at else []
    told += [("Qué pediste", claim.kind_label), ("Persona afectada", claim.affected.as_printed)]
    return told if is_event(claim) else [*told, ("Reclamado", format_money(claim.claimed, CURRENCY))]


def is_under_way(claim: Claim) -> bool:
    """Whether it waits for its answer."""
    return claim.state in UNDER_WAY


def _told(claim: Claim, owed: Payable | None, stand: Stand, *, answers: bool, at: datetime) -> Told:
    clocks, act = [], None
    wanted = open_request(claim)
    if wanted is not None:
        due, late = wanted.due, wanted.due.is_over(on=clock.date_in(at))
        clocks.append(Clock("Completa los documentos", due.due_on, late=late, figure=_explained(due)))
        act = ("Subir documentos pendientes", reverse("claims:pending", args=[claim.folio])) if answers else None
    elif claim.state in UNDER_WAY and claim.promised_at is not None:
        figure = rulebook.explain_kept(
            title="Cuándo te respondemos",
            formula="instante del envío + horas hábiles prometidas",
            given=("Enviado", dates.instant(claim.submitted_at or at)),
            result=dates.instant(claim.promised_at),
            rule=claim.promise_rule,
        )
        clocks.append(Clock("Te respondemos", claim.promised_at, late=at > claim.promised_at, figure=figure))
    elif owed is not None:
        clocks.append(payment_clock(owed, at=at))
    return told_of(stand, since=ball_since(claim, wanted), clocks=tuple(clocks), act=act, folio=claim.folio)


def _explained(due: ClaimDue) -> dict[str, Any]:
    return rulebook.explain_due(
        title="Hasta cuándo completas los documentos",
        formula="día en que se piden + días hábiles",
        start=("Pedidos", due.anchor),
        due_on=due.due_on,
        due_rule=due.due_rule,
    )


def _amounts(claim: Claim, decision: Decision | None) -> list[tuple[str, str]]:
    if is_event(claim):
        return _letter(decision)
    told = [("Reclamado", format_money(claim.claimed, CURRENCY))]
    if decision is not None:
        told += [
            ("Cubierto", format_money(decision.covered, CURRENCY)),
            ("Tu deducible", format_money(decision.deductible, CURRENCY)),
            ("Tu coaseguro", format_money(decision.coaseguro, CURRENCY)),
            ("Arriba de la suma asegurada", format_money(decision.over_limit, CURRENCY)),
            ("No cubierto", format_money(decision.not_covered, CURRENCY)),
            (paid_label(claim), format_money(decision.paid, CURRENCY)),
        ]
    return told


def paid_label(claim: Claim) -> str:
    """What is said of the sum of a decision: that it was paid only once the bank did."""
    return "Te pagamos" if claim.payment_state == PaymentState.PAID else "Te corresponde"


def _sum_figure(decision: Decision | None) -> dict[str, Any]:
    if decision is None or decision.authorised is not None:
        return {}
    return explain_totals(settled_of(decision), title="Lo que te corresponde de este trámite")


def _letter(decision: Decision | None) -> list[tuple[str, str]]:
    """What a letter says: up to how much, what the family pays at the hospital, until when."""
    if decision is None or decision.authorised is None or decision.valid_until is None:
        return []
    return [
        ("Autorizado hasta", format_money(decision.authorised, CURRENCY)),
        ("Pagas en el hospital", decision.explanations[0]["result"]),
        ("La carta vale hasta", dates.long(decision.valid_until)),
    ]


def _facts(claim: Claim, *, at: datetime) -> list[tuple[str, str]]:
    hours = elapsed_minutes(claim, at=at) // 60
    return [
        ("Persona afectada", claim.affected.as_printed),
        ("Cobertura", claim.coverage.label),
        ("Qué pediste", claim.kind_label),
        *([(label, told) for label, told, _href in event_facts(claim, "")[1:]] if is_event(claim) else []),
        ("Padecimiento", _condition(claim)),
        ("Enviado", dates.instant(claim.submitted_at) if claim.submitted_at else ""),
        ("Horas hábiles transcurridas", str(hours)),
        *([] if is_event(claim) else [("Se paga a", claim.payee_name)]),
    ]


def _documents(claim: Claim, decision: Decision | None) -> list[tuple[str, str, str, str, str]]:
    told = (
        [("Acuse", "Listo", "ok", reverse("papers:document", args=[claim.receipt_id]), "Ver")]
        if claim.receipt_id
        else []
    )
    if decision is not None and decision.document_id:
        href = reverse("papers:document", args=[decision.document_id])
        told.append((_PAPER_OF.get(decision.outcome, "Explicación de beneficios"), "Lista", "ok", href, "Ver"))
    for bill in claim.decisions.filter(of_bill=True, ended_at=None).exclude(document=None).order_by("number"):
        href = reverse("papers:document", args=[bill.document_id])
        told.append(("Explicación de la cuenta del hospital", "Lista", "ok", href, "Ver"))
    asked = claim.requests.exclude(document=None).order_by("number")
    told += [
        ("Solicitud de documentos", WANTED.label(one.state), WANTED.tone(one.state), _paper(one.document_id), "Ver")
        for one in asked
    ]
    return told


def _paper(pk: Any) -> str:
    return reverse("papers:document", args=[pk])


def _events(claim: Claim) -> list[dict[str, Any]]:
    rows = timeline(claim).filter(action__in=EVENTS).order_by("pk")
    told: list[dict[str, Any]] = [{"title": EVENTS[one.action], "at": one.at} for one in rows]
    if told:
        told[-1]["now"] = True
    return told


def _estimate(claim: Claim, *, at: datetime) -> str:
    """Half of such claims and four fifths of them, with the record; past the second it says so instead of a date."""
    forecast = forecast_of(claim, at=at)
    if forecast is None or claim.state not in UNDER_WAY:
        return ""
    found = claim.estimate
    record = f" Acertamos {100 * found.hits // found.tested} % de {found.tested}." if found.tested else ""
    if forecast.past:
        return f"Ya tardó más que cuatro de cada cinco trámites parecidos. La fecha prometida sigue en pie.{record}"
    if forecast.p50_due is None or forecast.p80_due is None:
        return f"El tiempo está en pausa. Cuando completes los documentos te decimos cuándo se decide.{record}"
    half, most = (dates.long(clock.date_in(one)) for one in (forecast.p50_due, forecast.p80_due))
    begins = "La mitad de los trámites parecidos se decide"
    if at > forecast.p50_due:
        return f"Cuatro de cada cinco trámites parecidos se deciden antes del {most}.{record}"
    return f"{begins} antes del {half}, y cuatro de cada cinco antes del {most}.{record}"
