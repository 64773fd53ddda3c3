"""The demo world: built through the portal's own services, each person with work, a clock, a mailbox, a reset (D13)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.urls import resolve, reverse

from billing import services as billing
from billing.models import CareOrder, Complement, Invoice
from claims import queues
from claims.models import Accumulator, Claim, ClaimInvoice, Decision
from claims.services import add_file, start_claim
from config.demo import claim_files, services, world
from config.demo.models import DemoClock
from config.demo.people import BY_SLUG, PEOPLE
from config.demo.scenes import treasury as bank_scene
from config.demo.scenes.billing import CLAIMED
from config.demo.uploads import upload_of
from memberships import services as memberships
from memberships.models import Membership, Plan
from memberships.selectors import people_covered
from portal import clock
from portal.access import Role
from portal.calendars.tasks import remind
from portal.errors import RuleBroken
from portal.fiscal import selectors as fiscal
from portal.history import selectors as history
from portal.history.services import seal_events
from portal.notices.models import Notice, SentMail
from portal.once.rules import FIELD
from portal.once.services import new_key
from portal.people.models import User
from portal.treasury import selectors as treasury
from portal.treasury import services as payments
from portal.treasury.models import Payable, PaymentBatch
from tests.pages import once

ROOT = Path(__file__).resolve().parents[2]


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_world")]


def entered(slug: str) -> Client:
    client = Client()
    assert client.post(f"/_demo/entrar/{slug}/").status_code == 302
    return client


def sample(*slugs: str) -> list[User]:
    return [User.objects.get(email=BY_SLUG[slug].email) for slug in slugs]


def test_loading_twice_changes_nothing():
    before = (User.objects.count(), Invoice.objects.count(), CareOrder.objects.count())
    assert world.load() is False
    assert (User.objects.count(), Invoice.objects.count(), CareOrder.objects.count()) == before
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "ya estaba" in out.getvalue()


def test_the_books_and_the_record_of_the_world_are_whole():
    assert treasury.books_are_whole()
    seal_events()
    report = history.verify(at=clock.real_now())
    assert report.fault is None
    assert report.checked > 100


def test_every_role_of_this_issue_has_a_person():
    shown = {role for person in PEOPLE for role in (person.role, *person.also)}
    assert shown == {
        Role.PHYSICIAN,
        Role.PHYSICIAN_ASSISTANT,
        Role.REVIEWER,
        Role.PAYMENT_PREPARER,
        Role.PAYMENT_APPROVER,
        Role.SUPPORT,
        Role.COMPLAINTS_DESK,
        Role.CLAIMS_ANALYST,
        Role.SERVICE_ADVISER,
        Role.MEMBER,
        Role.AFFILIATION_DESK,
        Role.COLLECTIONS_DESK,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.slug)
def test_one_click_opens_the_home_of_each_person(person):
    page = entered(person.slug).get("/", follow=True)
    homes = {Role.PHYSICIAN: "/medico/", Role.PHYSICIAN_ASSISTANT: "/medico/", Role.MEMBER: "/inicio/"}
    home = "/inicio/" if person.also else homes.get(person.role, "/mesa/")
    assert (page.status_code, page.redirect_chain) == (200, [(home, 302)])
    assert person.name in page.content.decode()


def test_work_waits_for_reviewer_preparer_approver_and_support():
    for slug, words in (
        ("rebeca", "Facturas por revisar"),
        ("pablo", "pagos por preparar"),
        ("aurora", "lotes por autorizar"),
        ("sofia", "Mensajes por contestar"),
        ("bruno", "cuentas bancarias por revisar"),
        ("gabriel", "lotes por autorizar"),
    ):
        assert words.lower() in entered(slug).get(reverse("desk:queue")).content.decode().lower()


def test_an_unknown_sample_person_is_404():
    assert Client().post("/_demo/entrar/nadie/").status_code == 404


def test_there_is_an_invoice_in_every_situation():
    found = set(Invoice.objects.values_list("state", "payment_state"))
    assert found == {
        ("accepted", "closed"),
        ("accepted", "complement_due"),
        ("accepted", "scheduled"),
        ("accepted", "payable"),
        ("returned", "none"),
        ("submitted", "none"),
    }


# --- clock -----------------------------------------------------------------------------------------------------------


def test_the_clock_moves_forward_and_the_whole_portal_follows():
    before = clock.now()
    services.move_clock(days=5, by=None)
    assert timedelta(days=5) <= clock.now() - before < timedelta(days=5, minutes=1)


@pytest.mark.parametrize("days", [0, -1, 401])
def test_the_clock_never_goes_back_nor_too_far(days):
    with pytest.raises(RuleBroken) as broken:
        services.move_clock(days=days, by=None)
    assert broken.value.code == "clock_range"


def test_the_clock_cannot_go_back_in_the_database_either():
    from django.db import IntegrityError, transaction

    services.move_clock(days=1, by=None)
    with pytest.raises(IntegrityError, match="demo_clock_never_goes_back"), transaction.atomic():
        DemoClock.objects.update(offset=timedelta(days=-1))


@pytest.mark.parametrize("typed", ["", "1; DROP", "١", "-3", "9999"])
def test_nonsense_sent_to_the_clock_is_refused_in_words(typed):
    answer = Client().post("/_demo/reloj/", {"days": typed, **once()})
    assert answer.status_code == 422
    assert "El reloj solo avanza" in answer.content.decode()


def test_moving_the_clock_brings_the_complement_reminders_once():
    owing = Invoice.objects.without_complement().get()
    if (ahead := (owing.complement_due.next_reminder_on - clock.today()).days) > 0:  # on some days it is today
        services.move_clock(days=ahead, by=None)
    assert remind() >= 1
    assert remind() == 0
    assert Notice.objects.filter(kind="billing/complement_reminder", user__email=BY_SLUG["lucia"].email).count() == 1
    services.move_clock(days=60, by=None)
    assert remind() >= 1
    assert Notice.objects.filter(kind="billing/complement_overdue").exists()


# --- mailbox and files -----------------------------------------------------------------------------------------------


def test_the_mailbox_shows_what_was_sent():
    SentMail.objects.create(
        sender="a@b.mx",
        recipients=["lucia@ejemplo.mx"],
        subject="Hola <b>",
        text="Entra al portal.",
        html="<p>Hola</p>",
        sent_at=clock.now(),
    )
    client = Client()
    page = client.get("/_demo/buzon/").content.decode()
    assert "Hola &lt;b&gt;" in page
    mail = SentMail.objects.get(subject="Hola <b>")
    assert "Entra al portal." in client.get(f"/_demo/buzon/{mail.pk}/").content.decode()
    alone = client.get(f"/_demo/buzon/{mail.pk}/html/")
    assert alone["Content-Security-Policy"].startswith("sandbox")


def test_the_sample_invoice_is_accepted_and_the_faulty_one_is_refused_with_its_cure():
    lucia = entered("lucia")
    order = CareOrder.objects.to_invoice().filter(physician_rfc=BY_SLUG["lucia"].rfc).first()
    lucia.post(reverse("billing:start"), {"orders": [str(order.pk)], FIELD: new_key()})
    draft = Invoice.objects.get(state="draft")
    bad = lucia.get(reverse("demo:invoice_file", args=[draft.pk, "xml-pue"])).content
    with pytest.raises(RuleBroken) as broken:
        billing.attach_files(invoice=draft, xml=upload_of("f.xml", bad), pdf=None, by=draft.created_by, at=clock.now())
    assert "PPD" in " ".join(finding.message + finding.cure for finding in broken.value.findings)
    good, pdf = (lucia.get(reverse("demo:invoice_file", args=[draft.pk, what])).content for what in ("xml", "pdf"))
    billing.attach_files(
        invoice=draft, xml=upload_of("f.xml", good), pdf=upload_of("f.pdf", pdf), by=draft.created_by, at=clock.now()
    )
    draft.refresh_from_db()
    assert draft.verdict == "accepted"


def test_the_sample_complement_closes_its_deposit():
    owing = Invoice.objects.without_complement().select_related("transfer", "party").get()
    content = Client().get(reverse("demo:complement_file", args=[owing.transfer_id, "xml"])).content
    (by,) = sample("lucia")
    made = billing.hand_in_complement(
        party=owing.party, transfer=owing.transfer, xml=upload_of("c.xml", content), by=by, at=clock.now()
    )
    assert made.state == "accepted"
    owing.refresh_from_db()
    assert owing.payment_state == "closed"
    assert Complement.objects.filter(state="accepted").count() == 2


def test_the_sample_statement_is_judged_and_the_old_one_refused():
    (nora,) = sample("nora")
    party = nora.grants.get().party
    clabe = bank_scene.clabe_of("002", 55566677788)
    old, good = (
        Client().get(reverse("demo:statement_file", args=["nora", what])).content for what in ("viejo", "correcto")
    )
    with pytest.raises(RuleBroken) as broken:
        payments.capture_account(
            party=party, purpose="digital_orders", clabe=clabe, upload=upload_of("e.pdf", old), by=nora, at=clock.now()
        )
    assert broken.value.code == "statement_rejected"
    account = payments.capture_account(
        party=party, purpose="digital_orders", clabe=clabe, upload=upload_of("e.pdf", good), by=nora, at=clock.now()
    )
    assert account.last4 == clabe[-4:]


def test_the_sample_bank_answer_pays_the_waiting_batch():
    batch = PaymentBatch.objects.get(state="prepared", approvals_needed=1)
    aurora, pablo = sample("aurora", "pablo")
    payments.approve_batch(batch=batch, total=batch.total, by=aurora, at=clock.now())
    payments.export_bank_file(batch=batch, by=pablo, at=clock.now())
    content = Client().get(reverse("demo:bank_file", args=[batch.pk, "pagada"])).content
    batch.refresh_from_db()
    result = payments.read_bank_result(batch=batch, upload=upload_of("r.csv", content), by=pablo, at=clock.now())
    payments.import_bank_result(result=result, by=pablo, at=clock.now())
    batch.refresh_from_db()
    assert batch.state == "posted"
    paid = Invoice.objects.get(transfer__batch=batch)
    assert paid.payment_state == "complement_due"
    owed = treasury.balance(code="physician_payable", currency="MXN", party=paid.party)
    still = sum(
        Invoice.objects.filter(party=paid.party, payment_state__in=["payable", "scheduled"]).values_list(
            "total", flat=True
        ),
        Decimal(0),
    )
    assert owed == -still


@pytest.mark.parametrize("name", ["invoice_file", "complement_file", "bank_file"])
def test_sample_files_of_nothing_are_404(name):
    assert (
        Client().get(reverse(f"demo:{name}", args=["01a202f8-0000-7000-8000-000000000000", "xml"])).status_code == 404
    )


def test_the_files_page_offers_every_file_and_each_opens(client):
    order = CareOrder.objects.to_invoice().filter(physician_rfc=BY_SLUG["lucia"].rfc).first()
    entered("lucia").post(reverse("billing:start"), {"orders": [str(order.pk)], FIELD: new_key()})
    batch, (aurora, pablo) = PaymentBatch.objects.get(state="prepared", approvals_needed=1), sample("aurora", "pablo")
    payments.approve_batch(batch=batch, total=batch.total, by=aurora, at=clock.now())
    payments.export_bank_file(batch=batch, by=pablo, at=clock.now())
    page = client.get(reverse("demo:files")).content.decode()
    assert bank_scene.clabe_of("002", 55566677788) in page
    assert "Irene Solano Vega" in page and "Tobías Meza Arce" not in page and "Leo Rentería" not in page
    offered = re.findall(r'<a href="([^"]+)" download>', page)
    kinds = {(resolve(path).url_name, resolve(path).kwargs["what"]) for path in offered}
    assert kinds == {
        ("invoice_file", "xml"),
        ("invoice_file", "xml-pue"),
        ("invoice_file", "pdf"),
        ("bank_file", "pagada"),
        ("bank_file", "rechazada"),
        ("statement_file", "correcto"),
        ("statement_file", "viejo"),
        ("statement_file", "ajeno"),
        ("complement_file", "xml"),
        ("complement_file", "xml-saldo"),
        ("movements_file", "banco"),
        ("movements_file", "titulos"),
        ("movements_file", "tienda"),
        ("people_file", "afiliaciones"),
        ("people_file", "certificados"),
        *(("claim_file", what) for what in claim_files.WHAT),
    }
    told = [client.get(path).headers["Content-Disposition"] for path in offered]
    assert {one[:11] for one in told} == {"attachment;"}
    assert len(set(told)) == len(offered)  # no two files of one name: each says whose it is and what is wrong with it


def test_the_sample_files_of_people_bring_their_good_groups_and_one_wrong_one(client: Client) -> None:
    """Three families of two, one of them wrong; two certificates, one of them wrong (issue 11, 2.11)."""
    (elisa,) = sample("elisa")
    told = {}
    for what in ("afiliaciones", "certificados"):
        content = client.get(reverse("demo:people_file", args=[what])).content
        upload = upload_of(f"{what}.csv", content)
        if what == "afiliaciones":
            run = memberships.read_affiliations(upload=upload, by=elisa, at=clock.now())
        else:
            insurer = Plan.objects.policies().get(policy_number=content.decode().splitlines()[1].split(",")[0]).party
            run = memberships.read_certificates(insurer=insurer, upload=upload, by=elisa, at=clock.now())
        told[what] = (run.new, run.unchanged, {one["code"] for one in run.errors})
    assert told["afiliaciones"] == (4, 0, {"titular_minor", "family_incomplete"})
    assert told["certificados"] == (2, 0, {"bad_coverages"})


def test_fernandas_family_has_its_dues_and_a_certificate_of_the_policy_issue_11(client: Client) -> None:
    (fernanda,) = sample("fernanda")
    client.post("/_demo/entrar/fernanda/")
    page = client.get(reverse("memberships:home")).content.decode()
    assert "FAMILIAR TOTAL" in page and "C-1001" in page and "C-1002" not in page
    covered = people_covered(fernanda, clock.today(), clock.today())
    assert sorted(one.given_name for one in covered) == ["Fernanda", "Leo", "Óscar"], "she files for all of them"
    assert Membership.objects.of_member(fernanda).count() == 2


def test_sixty_claims_were_decided_before_so_that_estimates_show_and_their_sums_agree() -> None:
    before = Claim.objects.filter(state="decided", filed_by__email=BY_SLUG["fernanda"].email)
    assert before.count() >= 60
    waiting = Claim.objects.filter(state="submitted", filed_by__email=BY_SLUG["tobias"].email).latest("submitted_at")
    assert waiting.estimate.cases >= 60 and waiting.estimate.hits <= waiting.estimate.tested
    shares = ("covered", "deductible", "coaseguro", "over_limit", "paid")
    for bucket in Accumulator.objects.all():
        entries = bucket.entries.aggregate(**{name: Sum(name) for name in shares})
        assert entries == {name: getattr(bucket, name) for name in shares}
    assert {one.outcome for one in Decision.objects.all()} >= {"nothing_to_pay", "not_covered"}
    paid = before.filter(decisions__paid__gt=0)
    assert {one.payment_state for one in paid} <= {"paid"}, "what they read is true in the books"
    assert not before.filter(decisions__paid=0).exclude(payment_state="none").exists()
    owed = Payable.objects.filter(kind="claim", party=before[0].payee)
    assert (owed.count(), {one.state for one in owed} <= {"paid"}) == (paid.count(), True)


def test_a_look_alike_of_lucias_invoice_waits_and_the_desk_reads_why_n9() -> None:
    billed = Invoice.objects.get(lines__order__account=CLAIMED)
    claim = Claim.objects.get(state="submitted", claimed=billed.total)
    (ulises,) = sample("ulises")
    (found,) = fiscal.look_alikes(claim.invoices.get(), user=ulises, on=clock.today())
    assert (found.receipt.subject_id, found.receipt.issuer_rfc) == (str(billed.pk), BY_SLUG["lucia"].rfc)
    assert (found.reasons, found.href) == (["mismo emisor, total y paciente, con pocos días de diferencia"], "")


def test_the_appeal_that_waits_is_somebodys_to_decide() -> None:
    appeal = Claim.objects.get(stage="appeal", filed_by__email=BY_SLUG["tobias"].email)
    analysts = sample("delia", "ulises")
    assert [one.email for one in analysts if appeal in queues.to_decide(one, clock.now())] == [analysts[1].email]


def test_the_sample_files_of_a_claim_are_what_they_say() -> None:
    (tobias,) = sample("tobias")
    draft = start_claim(by=tobias, at=clock.now())
    told = {"claim": draft, "by": tobias, "at": clock.now()}

    def add(what: str, document: str) -> str:
        content, name, _media = claim_files.make(what) or (b"", "", "")
        try:
            add_file(upload=upload_of(name, content), document=document, **told)
        except RuleBroken as problem:
            return problem.code
        return ""

    said = {what: add(what, "invoice_xml") for what in ("factura", "factura-pdf", "ppd", "otra-persona", "usada")}
    assert said["factura"] == said["factura-pdf"] == said["ppd"] == ""
    assert said["usada"] == "receipt_used_before" and said["otra-persona"]
    assert [add(what, "other") for what in ("heic", "formato")] == ["", ""]
    paired = {one.method: one.pdf is not None for one in ClaimInvoice.objects.filter(claim=draft)}
    assert paired == {"PUE": True, "PPD": False}


# --- off -------------------------------------------------------------------------------------------------------------


def test_without_demo_there_is_no_way_to_load_it_and_no_page():
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment |= {"DEMO": "false", "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings"}
    run = subprocess.run(
        [sys.executable, "manage.py", "load_demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "load_demo" in run.stderr
    code = (
        "import django; django.setup()\n"
        "from django.urls import resolve, Resolver404\n"
        "try: resolve('/_demo/'); print('open')\n"
        "except Resolver404: print('closed')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "closed"


def test_the_reset_is_refused_where_the_demo_is_off(settings):
    from config.demo import reset

    settings.DEMO = False
    with pytest.raises(RuleBroken) as broken:
        reset.empty()
    assert broken.value.code == "not_demo"
    assert User.objects.exists()


def test_starting_over_asks_first_and_says_what_is_lost(client):
    page = client.get(reverse("demo:start_over"))
    assert "No se puede deshacer" in page.content.decode()
