"""Tobías and his policy: a claim that is paid, one decided, one that waits for Delia, and a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from claims import queues, services
from claims.models import Claim
from claims.rules.automatic import is_drawn
from claims.rules.deciding import Told
from claims.selectors import lacking_consents
from config.demo import samples
from config.demo.cast import Cast
from config.demo.scenes import claims_further, claims_requests, decided_claims
from config.demo.scenes.people import consent
from config.demo.scenes.treasury import family_account, paid_batch
from config.demo.uploads import upload_of
from memberships import services as memberships
from memberships.models import CoveredPerson
from portal import clock
from portal.folios.models import Series
from portal.folios.rules import format_folio
from portal.folios.services import next_folio, void_folio
from portal.people.models import Grant
from portal.rulebook import selectors as rulebook
from portal.treasury.models import Payable
from portal.work import services as work

WHO, NAME = "tobias", "Tobías Meza Arce"
ACCOUNT = ("072", 66677788899)  # the bank's code and his number there
APPEALED = 12  # days ago
_DOCUMENTS = (("claim_form", "formato"), ("medical_report", "informe-medico"), ("official_id", "identificacion"))
_NAMES = {**dict(_DOCUMENTS), "study_results": "resultados"}


def play(cast: Cast) -> None:
    """Each claim goes as far as its people took it; before them stand those that were decided long ago."""
    decided_claims.play(cast)
    person = CoveredPerson.objects.select_related("party").get(as_printed=NAME)
    _account(cast, person)
    condition = memberships.register_condition(
        person=person,
        code="M17",
        name="Gonartrosis",
        began_on=clock.date_in(cast.days_ago(45)),
        by=cast.users["delia"],
        at=cast.days_ago(45),
    )
    for days, amounts in ((30, ("9600.00", "2400.00")), (APPEALED, ("3200.00", "850.00"))):
        if days == APPEALED:
            _pass_drawn(cast.days_ago(days))
        claim = _sent(cast, days, amounts)
        delia = cast.users["delia"]
        work.take(queue=queues.CLAIMS, thing=claim, by=delia, at=cast.days_ago(days - 1))
        lines = list(claim.lines.order_by("number"))
        told = {one.number: Told(one.claimed, one.claimed) for one in lines}
        if days == APPEALED:
            told[lines[-1].number] = Told(lines[-1].claimed, Decimal("0.00"), "no_prescription")
        at = cast.days_ago(days - 2)
        made = services.decide_claim(claim=claim, condition=condition, told=told, note="", by=delia, at=at)
        if made.final_at is None:  # its folio was drawn
            ulises, shown = cast.users["ulises"], services.preview_decision(made).mark
            work.take(queue=queues.SECOND_LOOKS, thing=claim, by=ulises, at=at)
            made = services.confirm_decision(decision=made, note="", shown=shown, by=ulises, at=at)
        if days == 30:
            paid_batch(cast, list(Payable.objects.filter(subject_id=str(made.pk))), cast.days_ago(days - 4))
    claims_further.play(cast, partly=claim, condition=condition, sent=_sent, add=_papers)
    claims_requests.play(cast, claim=_sent(cast, 5, ("2600.00", "480.00")), days=4)
    _sent(cast, 2, ("1450.00",))
    draft = services.start_claim(by=cast.users[WHO], at=cast.days_ago(1))
    _add(draft, "claim_form", "formato.pdf", _page(cast, "formato de trámite, sin firmar", 1), cast.days_ago(1))


def _pass_drawn(at: datetime) -> None:
    """The next folio is one that nobody draws: of two analysts one has not seen the claim, and decides its appeal."""
    year = clock.date_in(at).year
    percent = rulebook.whole("claim.qa_percent", on=clock.date_in(at))
    series = Series.objects.filter(prefix="RB", office="", year=year).first()
    number = (series.last if series else 0) + 1
    while is_drawn(str(year), format_folio(prefix="RB", year=year, number=number), percent):
        void_folio(folio=next_folio(prefix="RB", at=at), at=at)
        number += 1


def _account(cast: Cast, person: CoveredPerson) -> None:
    """Tobías has an account, has agreed to every text, and a bank account that was looked at."""
    at, user = cast.days_ago(48), cast.users[WHO]
    cast.parties[WHO] = person.party
    Grant.objects.create(user=user, party=person.party, role="member", since=clock.date_in(at))
    consent(user, at)
    services.load_shipped_texts(at=at)
    services.load_shipped_formats(at=at)
    services.load_shipped_catalogues(at=at)
    network = "https://red.aseguradora-del-valle.example/medicos"
    services.set_network(insurer=cast.insurers[0], address=network, by=cast.users["adriana"], at=at)
    draft = services.start_claim(by=user, at=at)
    services.accept_texts(claim=draft, texts=lacking_consents(draft, on=clock.date_in(at)), by=user, at=at)
    services.discard_claim(claim=draft, by=user, at=at)
    family_account(cast, slug=WHO, party=person.party, numbers=ACCOUNT)


def _sent(cast: Cast, days: int, amounts: Sequence[str]) -> Claim:
    """A claim with an invoice of some concepts, its PDF and what its kind asks for, sent so many days ago."""
    at = cast.days_ago(days)
    claim = services.start_claim(by=cast.users[WHO], at=at - timedelta(minutes=9))
    for place, (document, name) in enumerate(_DOCUMENTS):
        _add(claim, document, f"{name}.pdf", _page(cast, f"{name} {days}", place), at)
    issuer = cast.parties["lucia"]
    xml = samples.make_invoice(
        issuer={"rfc": issuer.rfc, "name": issuer.name, "regime": "612"},
        receiver={"rfc": "XAXX010101000", "name": NAME.upper(), "zip": "06600", "regime": "616"},
        orders=[
            {"account": f"CONSULTA-{days}-{place}", "patient": NAME, "payable": amount}
            for place, amount in enumerate(amounts, 1)
        ],
        components=[],
        issued_at=at - timedelta(days=1),
    )
    _add(claim, "invoice_xml", f"factura-{days}.xml", xml, at)
    _add(claim, "invoice_xml", f"factura-{days}.pdf", samples.make_invoice_pdf(xml=xml), at)
    _add(claim, "payment_proof", "comprobante-de-pago.pdf", _page(cast, f"comprobante de pago {days}", 7), at)
    return services.submit_claim(claim=claim, consented=True, by=cast.users[WHO], at=at)


def _add(claim: Claim, document: str, name: str, content: bytes, at: datetime) -> None:
    services.add_file(claim=claim, upload=upload_of(name, content), document=document, by=claim.filed_by, at=at)


def _papers(cast: Cast, claim: Claim, documents: Sequence[str], title: str) -> None:
    """Pages that stand for the papers of an event."""
    for place, document in enumerate(documents):
        name = _NAMES[document]
        _add(claim, document, f"{name}.pdf", _page(cast, f"{title} {name}", place), claim.changed_at)


def _page(cast: Cast, title: str, place: int) -> bytes:
    """A page that stands for a paper of a family."""
    on = clock.date_in(cast.days_ago(40 + place))
    return samples.make_constancia_pdf(name=f"{NAME}: {title}", rfc="MUESTRA", on=on)
