"""One real object for every URL that names one, and who is let in to it (AC-02).

A URL with a parameter that stands neither here nor in `OPEN` fails the test: whoever adds one says whose it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.factories import people
from tests.security.conftest import World
from tests.security.thing import Thing
from tests.security.things_of_claims import calls_of_claims, claims
from tests.security.things_of_families import calls_of_families, families

if TYPE_CHECKING:
    from portal.people.models import ApiToken

MINE = frozenset({"owner", "assistant"})
OWNER = frozenset({"owner"})
EVERYBODY = frozenset(
    {
        "owner",
        "assistant",
        "stranger",
        "reviewer",
        "preparer",
        "approver",
        "support",
        "member",
        "affiliation",
        "analyst",
        "adviser",
        "collections",
        "complaints",
        "auditor",
        "administrator",
    }
)
DESK = EVERYBODY - {"owner", "assistant", "stranger", "member"}
INVOICE_READERS = MINE | {"reviewer"}  # handed in, not yet paid: treasury has no business in its papers

# Public on purpose: anybody may name these objects, so there is nobody to keep out. Name -> why.
OPEN: dict[str, str] = {
    "calendars:feed_file": "the secret in the address is the key",
    "demo:bank_file": "demo only, invented data",
    "demo:claim_file": "demo only, invented data",
    "demo:people_file": "demo only, invented data",
    "demo:complement_file": "demo only, invented data",
    "demo:enter": "demo only, one-click sign-in",
    "demo:invoice_file": "demo only, invented data",
    "demo:movements_file": "demo only, invented data",
    "memberships:card": "the random code is the key, and the page names nobody",
    "memberships:slip": "the random code is the key, and the page names nobody",
    "memberships:slip_pdf": "the random code is the key, and the paper names nobody",
    "demo:mail": "demo only, invented mails",
    "demo:mail_html": "demo only, invented mails",
    "demo:statement_file": "demo only, invented data",
    "design:layout": "catalogue of layouts without data",
    "help:guide": "guides are for everybody",
    "papers:check": "whoever holds a paper may check it",
    "people:confirm": "the link's secret is the key",
    "people:confirm_secondary": "the link's secret is the key",
    "people:consent_text": "a privacy notice is read before signing up",
    "people:owned_text": "an insurer's privacy notice is read before signing up",
}


def everything(world: World) -> dict[str, Thing]:
    """Name of a URL -> the object to try."""
    rooms = (_billing, families, claims, _imports, _treasury, _papers, _people, _proofs, _audit, _desk)
    pages = {name: thing for room in rooms for name, thing in room(world).items()}
    return pages | _api(world, pages)


# Calls of the API that are named otherwise than the page of the same thing: name -> the page's.
CALLS = {
    "treasury:api_review_account": "treasury:account_review",
    "treasury:api_import_result": "treasury:bank_result",
    "papers:api_file_content": "papers:download",
    "papers:api_document_pdf": "papers:document",
    "papers:api_document_picture": "papers:picture",
    "api:read_notice": "notices:open",
    "api:rule": "rulebook:source",
    "api:publish_rule": "rulebook:publish",
    "api:close_rule": "rulebook:close",
    "api:activate_rule": "rulebook:activate",
    "api:calendar": "calendars:calendar",
    "api:add_holiday": "calendars:add_holiday",
    "api:remove_holiday": "calendars:remove_holiday",
    "api:add_closing": "calendars:add_closing",
    "api:remove_closing": "calendars:remove_closing",
    "api:set_hours": "calendars:set_hours",
    "api:import_year": "calendars:import_year",
    "api:folio": "listing:folio",
    "api:views": "listing:views",
    "api:open_with": "listing:open_with",
    "api:forget_view": "listing:forget_view",
    "api:take": "work:take",
    "api:give_back": "work:give_back",
    "api:take_over": "work:take_over",
    "billing:api_draft_cfdi": "billing:draft",
    "billing:api_orders_run": "imports:run",
    "memberships:api_start_card": "memberships:make_slip",
    "billing:api_orders_run_apply": "imports:apply",
    "billing:api_orders_run_totals": "imports:totals",
    "billing:api_orders_run_headings": "imports:headings",
    "billing:api_orders_run_cancel": "imports:cancel",
    "billing:api_orders_run_errors": "imports:errors",
    "proofs:api_decide_paper": "proofs:paper",
    "desk_api:person": "desk:person",
    "desk_api:propose_grant": "desk:propose_grant",
    "desk_api:end_grant": "desk:end_grant",
    "desk_api:close_account": "desk:set_account",
    "desk_api:open_account": "desk:set_account",
    "desk_api:decide_grant": "desk:decide_grant",
    "desk_api:act": "desk:act",
    "desk_api:story": "desk:story",
    "desk_api:send_way_in": "desk:send_way_in",
}


EXPORTS = ("papers:api_export", "papers:api_export_content")  # whose pages are the list of all


def _treasury_runs() -> dict[str, Thing]:
    """Calls on a file of movements or on a bank's answer name its run; its page names the file."""
    from portal.treasury.models import BankResult, MovementFile

    moved = Thing((MovementFile.objects.order_by("pk")[0].run_id,), frozenset({"collections"}))
    said = Thing((BankResult.objects.order_by("pk")[0].run_id,))
    names = ("", "_apply", "_totals", "_headings", "_cancel", "_errors")
    runs = (("movements", moved), ("answers", said))
    return {f"treasury:api_{kind}_run{name}": run for kind, run in runs for name in names}


def _api(world: World, pages: dict[str, Thing]) -> dict[str, Thing]:
    """Each call with the thing of its page: whoever may not see the one has no way to the other."""
    from config import matrix
    from portal import clock
    from portal.papers import services

    asker = world.users["reviewer"]
    export = services.ask_export(listing="reviews", file="csv", asked="", parts={}, by=asker, at=clock.now())
    answering = {name: Thing((export.pk,), frozenset({"reviewer"})) for name in EXPORTS}
    answering |= _treasury_runs() | calls_of_families(pages) | calls_of_claims(pages)
    answering["help:api_answer"] = Thing(pages["help:message"].args)
    answering["api:bank"] = Thing(("012",))  # the names of banks are everybody's
    same = {
        name: name.replace(":api_", ":")
        for name, path, _view in matrix.routes()
        if ":api_" in name and "<" in path and name not in {*CALLS, *answering}
    }
    found = {name: pages[page] for name, page in {**same, **CALLS}.items() if name not in answering}
    return found | answering


def _views(world: World) -> dict[str, Thing]:
    """A reviewer's saved view of a list."""
    from portal import clock
    from portal.listing.models import SavedView

    mine = SavedView.objects.create(
        user=world.users["reviewer"], listing="reviews", name="Mías", path="/mesa/facturas/", created_at=clock.now()
    )
    whose = frozenset({"reviewer"})
    one = {name: Thing((mine.pk,), whose) for name in ("listing:open_with", "listing:forget_view")}
    return one | {"listing:views": Thing(("reviews",), whose)}


def _bundled(party: Any, owner: Any) -> dict[str, Thing]:
    from billing.models import Bundle
    from portal import clock

    bundle = Bundle.objects.create(party=party, opened_by=owner, opened_at=clock.now(), closed_at=clock.now())
    stray = bundle.files.create(name="otra.pdf", kind="pdf", why="Falta el XML de este PDF.", added_at=clock.now())
    acts = {name: Thing((stray.pk,), MINE) for name in ("remove_stray", "put_stray_back")}
    return acts | {"bundle_sent": Thing((bundle.pk,), MINE)}


def _billing(world: World) -> dict[str, Thing]:
    from billing import services
    from billing.models import CareOrder, Complement, Invoice, OrderDelivery
    from portal import clock

    party, owner = world.party(), world.users["owner"]
    order, other = CareOrder.objects.filter(physician_rfc=party.rfc, state="available").order_by("account")[:2]
    draft = services.start_invoice(party=party, order_ids=[order.pk], by=owner, at=clock.now())
    sent = Invoice.objects.get(party=party, state="submitted")
    owing = Invoice.objects.get(party=party, payment_state="complement_due")
    complement = Complement.objects.get(party=party)
    mine = {name: Thing((draft.pk,), MINE) for name in ("draft", "attach", "submit", "discard", "sheet")}
    mine |= _bundled(party, owner)
    mine |= {"draft_data": Thing((draft.pk, "csv"), MINE)}
    mine |= {name: Thing((sent.pk, sent.xml_id), MINE) for name in ("remove_file", "put_file_back")}
    of_deposit = ("payment", "complement", "check_complement", "remove_kept_complement", "put_kept_complement_back")
    mine |= {name: Thing((owing.transfer_id,), MINE) for name in of_deposit}
    mine |= {
        name: Thing((complement.transfer_id, complement.pk), MINE)
        for name in ("withdraw_complement", "put_complement_back", "complement_sent")
    }
    mine |= {name: Thing((sent.folio,), MINE) for name in ("invoice", "submitted")}
    reviewer = frozenset({"reviewer"})
    held = {
        name: Thing(("billing.invoices", sent.pk), reviewer) for name in ("take", "give_back", "take_over", "looking")
    }
    desk = {
        name: Thing((sent.folio,)) for name in ("review", "accept", "accept_unopened", "give_back", "reject", "cancel")
    }
    desk |= {name: Thing((complement.pk,)) for name in ("complement_review", "decide_complement")}
    desk |= {
        "delivery": Thing((OrderDelivery.objects.order_by("pk")[0].pk,)),
        "withdraw": Thing((other.pk,)),
        "desk_order": Thing((other.pk,)),
        "order": Thing((other.pk,), MINE),
    }
    readers = MINE | reviewer | {"auditor", "administrator"}  # who reads the record is led to what was done to it
    found = {"listing:folio": Thing((sent.folio,), readers)} | _views(world)
    found |= {f"work:{name}": thing for name, thing in held.items()}
    return {f"billing:{name}": thing for name, thing in {**mine, **desk}.items()} | found


def _imports(world: World) -> dict[str, Thing]:
    from billing import services
    from config.demo.uploads import upload_of
    from portal import clock
    from tests.billing.test_intake import csv_of
    from tests.factories import billing as made

    payer, by, row = people.an_insurer(), world.users["reviewer"], made.row(world.party().rfc)
    assert by is not None
    run = services.read_orders_file(
        insurer_id=str(payer.pk),
        upload=upload_of("ordenes.csv", csv_of(replace(row, authorised_by=payer.name))),
        rows=1,
        payable="1,300.00",
        by=by,
        at=clock.now(),
    )
    reader = frozenset({"reviewer"})
    names = ("run", "apply", "totals", "headings", "cancel", "errors")
    found = {f"imports:{name}": Thing((run.pk,), reader) for name in names}
    return found | {"imports:template": Thing((run.kind,), reader)}


def _batches() -> dict[str, Thing]:
    from portal.treasury.models import Payable, PaymentBatch

    prepared = PaymentBatch.objects.get(state="prepared", approvals_needed=1)
    acts = ("batch", "approve_batch", "cancel_batch", "export_bank_file", "note_sent", "read_result")
    return {
        **{f"treasury:{name}": Thing((prepared.pk,)) for name in acts},
        "treasury:withdraw_transfer": Thing((prepared.transfers.order_by("pk")[0].pk,)),
        "treasury:payable": Thing((Payable.objects.filter(transfer__batch=prepared).order_by("pk")[0].pk,)),
    }


def _treasury(world: World) -> dict[str, Thing]:
    from portal import clock
    from portal.treasury import services
    from portal.treasury.models import AccountDecision, BankAccount, BankResult, Movement, MovementFile

    account = BankAccount.objects.get(party=world.party())
    waiting = BankAccount.objects.get(party=world.party("stranger"))
    result = BankResult.objects.order_by("pk")[0]
    services.review_account(
        account=waiting, decision="approved", by=world.users["reviewer"], at=clock.now(), undo_for=timedelta(minutes=9)
    )
    decision = AccountDecision.objects.get(account=waiting)
    deposit = Movement.objects.waiting().order_by("pk")[0]
    file = MovementFile.objects.order_by("pk")[0]
    return {
        **_batches(),
        "treasury:bank_result": Thing((result.batch_id, result.pk)),
        "treasury:download_bank_file": Thing((result.batch_id,)),
        "treasury:account_review": Thing((waiting.pk,)),
        **{
            f"treasury:{name}": Thing((deposit.pk,))
            for name in ("deposit", "match_deposit", "discard_deposit", "settle_channel", "undo_deposit")
        },
        **{f"treasury:{name}": Thing((file.pk,)) for name in ("movement_file", "apply_movements")},
        "treasury:submit_account": Thing((account.pk,), OWNER),
        "treasury:account_sent": Thing((account.pk,), OWNER),
        "treasury:cancel_change": Thing((account.pk,), OWNER),
        "listing:open": Thing(("treasury.accounts", "last4", waiting.pk), frozenset({"reviewer"})),
        "desk:undo": Thing(("account_decisions", decision.pk), frozenset({"reviewer"})),
    }


def _papers(world: World) -> dict[str, Thing]:
    from billing.models import Invoice

    sent = Invoice.objects.get(party=world.party(), state="submitted")
    return {
        "papers:document": Thing((sent.receipt_id,), INVOICE_READERS),
        "papers:picture": Thing((sent.receipt_id,), INVOICE_READERS),
        "papers:download": Thing((sent.xml_id,), INVOICE_READERS),
        "papers:file": Thing((sent.pdf_id,), INVOICE_READERS),
        "papers:page": Thing((sent.pdf_id, 1), INVOICE_READERS),
    }


def _people(world: World) -> dict[str, Thing]:
    from allauth.mfa.models import Authenticator

    from portal import clock
    from portal.help import services as help_services
    from portal.notices.models import Notice
    from portal.people import services
    from portal.people.models import Grant, KnownDevice

    owner, at = world.users["owner"], clock.now()
    assert owner is not None
    token, own = _credentials(world, at)
    services.remember_device(by=owner, label="Chrome en Windows", at=at)
    factor = Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": ""})
    message = help_services.leave_message(
        kind="complaint", name=owner.name, email=owner.email, subject_folio="", body="Una queja.", by=owner, at=at
    )
    return {
        "help:message": Thing(
            (message.folio,), OWNER | {"support", "complaints"}, frozenset({"support", "complaints"})
        ),
        "notices:open": Thing((Notice.objects.filter(user=owner).order_by("pk")[0].pk,), OWNER),
        "people:end_assistant": Thing((Grant.objects.get(user=world.users["assistant"]).pk,), OWNER),
        "people:forget_device": Thing((KnownDevice.objects.get(user=owner).pk,), OWNER),
        "people:remove_factor": Thing((factor.pk,), OWNER),
        "people:withdraw_consent": Thing((owner.consents.get().pk,), OWNER),
        "people:end_credential": Thing((token.pk,)),
        "people:end_own_token": Thing((own.pk,), OWNER),
        "people:change_organisation": Thing((token.party_id,)),
        "rulebook:source": Thing(("account_change_hold_hours",), EVERYBODY),
    }


def _credentials(world: World, at: datetime) -> tuple[ApiToken, ApiToken]:
    """One of an insurer's system, one of the owner's own."""
    from portal import clock
    from portal.people import services

    owner = world.users["owner"]
    assert owner is not None
    token, _secret = services.issue_token(
        name="Sistema",
        user=people.a_person(),
        party=people.an_insurer(),
        scopes=["orders:write"],
        expires_at=clock.real_now() + timedelta(days=9),
        by=world.users["administrator"],
        at=at,
    )
    own, _secret = services.give_own_token(
        name="Mía", scopes=["billing:read"], until=clock.today(), factor="passkey", by=owner, at=at
    )
    return token, own


def _proofs(world: World) -> dict[str, Thing]:
    from portal import clock
    from portal.papers.models import StoredFile
    from portal.proofs.models import RfcMove, RfcPaper

    party, at, file = people.a_party(proved=False), clock.now(), StoredFile.objects.order_by("pk")[0]
    paper = RfcPaper.objects.create(
        party=party, rfc=party.rfc, kind="constancia", file=file, handed_in_by=people.a_person(), handed_in_at=at
    )
    move = RfcMove.objects.create(
        party=party,
        email="duena@ejemplo.mx",
        name="Nora Luna",
        evidence="Llamó y confirmó.",
        file=file,
        asked_by=people.administrator(),
        asked_at=at,
    )
    return {
        "proofs:paper": Thing((paper.pk,)),
        "proofs:move": Thing((move.pk,)),
        "proofs:decide_move": Thing((move.pk,)),
    }


def _audit(world: World) -> dict[str, Thing]:
    from billing.models import Invoice
    from portal.history.models import AuditEvent

    return {
        "desk:act": Thing((AuditEvent.objects.order_by("pk")[0].pk,)),
        "desk_api:dossier": Thing((Invoice.objects.exclude(folio="").order_by("pk")[0].folio,)),
    }


def _desk(world: World) -> dict[str, Thing]:
    from portal import clock, queue
    from portal.access import Role
    from portal.calendars.models import Calendar, ClosingPeriod
    from portal.fiscal import services as fiscal
    from portal.fiscal.models import TrustedCertificate
    from portal.notices.models import Notice
    from portal.people import services

    someone, calendar = people.physician(), Calendar.objects.get(code="mx-office")
    proposal = services.propose_grant(
        user=someone, party=people.the_operator(), role=Role.SUPPORT, by=people.administrator(), at=clock.now()
    )
    closing = ClosingPeriod.objects.create(
        calendar=calendar, first=date(2031, 1, 2), last=date(2031, 1, 3), reason="Inventario"
    )
    holiday = calendar.holidays.filter(observed=True).order_by("date")[0]
    newer = fiscal.add_catalogue_key(
        catalogue="c_ClaveProdServ", key="85999901", meaning="para la prueba", by=people.administrator(), at=clock.now()
    )
    queue.park(parked := Notice.objects.order_by("pk")[0], error="para la prueba")
    of_calendar: dict[str, tuple[Any, ...]] = {
        name: ("mx-office",) for name in ("calendar", "add_holiday", "add_closing", "set_hours", "import_year")
    }
    of_calendar |= {"remove_holiday": ("mx-office", f"{holiday.date}"), "remove_closing": ("mx-office", closing.pk)}
    on_person = ("person", "propose_grant", "set_account", "story", "send_way_in")
    of_person: dict[str, tuple[Any, ...]] = {name: (someone.pk,) for name in on_person}
    of_person |= {
        "end_grant": (someone.pk, someone.grants.get().pk),
        "decide_grant": (proposal.pk,),
        "retry_parked": ("notices", str(parked.pk)),
    }
    of_rule = {name: ("account_change_hold_hours",) for name in ("rule", "new", "publish", "close", "activate")}
    return {
        **{f"calendars:{name}": Thing(args) for name, args in of_calendar.items()},
        **{f"desk:{name}": Thing(args) for name, args in of_person.items()},
        **{f"rulebook:{name}": Thing(args) for name, args in of_rule.items()},
        "fiscal:withdraw_certificate": Thing((TrustedCertificate.objects.order_by("pk")[0].pk,)),
        "fiscal:withdraw_key": Thing((newer.pk,)),
    }
