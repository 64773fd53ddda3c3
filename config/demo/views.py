"""The demo's pages: people, clock, mailbox, sample files, starting over. Public on purpose: the demo has no secrets."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid5

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing.models import Invoice
from config.demo import claim_files, samples, selectors, services
from config.demo.people import BY_SLUG
from config.demo.scenes import billing as billing_scene
from config.demo.scenes import treasury as bank_scene
from portal import clock
from portal.access import public
from portal.notices.models import SentMail
from portal.once.decorators import once_only
from portal.people import sessions
from portal.people.models import User
from portal.treasury.models import PaymentBatch

WHY = "Solo existe en la demostración, con personas y datos inventados."
OFFERED = (("1", "1 día"), ("5", "5 días"), ("7", "7 días"), ("10", "10 días"), ("120", "120 días"))
CRUMBS = [("Demostración", "/_demo/")]
BEFORE = "antes"  # the page of the mailbox that begins after this mail


@public(WHY)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Who one can be, what day it is, and the way to mail and files."""
    context = {"people": selectors.people(), "now": clock.now(), "playing": selectors.days_to_play(), "crumbs": []}
    return render(request, "demo/index.html", context | {"offered": OFFERED})


@public(WHY)
@require_POST
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign in as a sample person with one click; the session is marked (AU-08)."""
    if slug not in BY_SLUG:
        raise Http404
    sessions.begin(request, get_object_or_404(User, email=BY_SLUG[slug].email), factor="demo")
    request.session["demo"] = True
    return redirect("home")


@public(WHY)
@require_POST
@once_only("demo.clock")
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move time forward, a day after the other; the page says how far it is."""
    days = request.POST.get("days", "").strip()
    services.ask_days(
        days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
        by=request.user if request.user.is_authenticated else None,
    )
    messages.success(request, "El reloj avanza día por día. Los recordatorios y avisos de cada día salen en su orden.")
    return redirect("demo:index")


@public(WHY)
@require_POST
@once_only("demo.retry")
def retry_clock(request: HttpRequest) -> HttpResponse:
    """Let the clock go on from the day at which it stopped."""
    services.retry_days(by=request.user if request.user.is_authenticated else None)
    messages.success(request, "El reloj sigue desde el día en que se detuvo.")
    return redirect("demo:index")


@public(WHY)
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every mail the portal sent, newest first."""
    before = request.GET.get(BEFORE, "")
    page = selectors.mails(before=int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else 0)
    context = {"page": page, "begins": before, "crumbs": [*CRUMBS, ("Buzón", "")]}
    return render(request, "demo/mailbox.html", context)


@public(WHY)
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as its reader sees it."""
    found = get_object_or_404(SentMail, pk=pk)
    crumbs = [*CRUMBS, ("Buzón", reverse("demo:mailbox")), (found.subject, "")]
    return render(request, "demo/mail.html", {"mail": found, "crumbs": crumbs})


@public(WHY)
@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, sandboxed."""
    found = get_object_or_404(SentMail, pk=pk)
    answer = HttpResponse(found.html)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return answer


@public(WHY)
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Files to try each step with, made for the drafts and deposits that exist now."""
    context = {
        "drafts": selectors.drafts(),
        "deposits": selectors.deposits(),
        "batches": selectors.batches(),
        "certified": selectors.certified(on=clock.today()),
        "claim_files": claim_files.WHAT.items(),
        "sample_clabe": bank_scene.clabe_of("002", 55566677788),
        "physicians": [person for person in selectors.people() if person["rfc"]],
        "crumbs": [*CRUMBS, ("Archivos para probar", "")],
    }
    return render(request, "demo/files.html", context)


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@public(WHY)
@require_safe
def invoice_file(request: HttpRequest, pk: str, what: str) -> HttpResponse:
    """XML or PDF for a draft: right, or with one fault."""
    invoice = get_object_or_404(
        Invoice.objects.select_related("party", "insurer"), pk=pk, state__in=["draft", "returned"]
    )
    faults = {"xml": (), "pdf": (), "xml-pue": ("pue",)}
    if what not in faults:
        raise Http404
    at = invoice.created_at if invoice.submitted_at is None else clock.now() - timedelta(hours=1)
    # XML and PDF are two downloads and must show one folio fiscal; after a return it is another one.
    folio_fiscal = str(uuid5(invoice.pk, f"{invoice.decided_at} {faults[what]}"))
    xml, pdf = billing_scene.files_for(invoice, issued_at=at, faults=faults[what], uuid=folio_fiscal)
    account = invoice.lines.order_by("pk").values_list("order__account", flat=True)[0]
    if what == "pdf":
        return _download(pdf, f"factura-bien-{account}.pdf", "application/pdf")
    return _download(xml, f"factura-{'PUE-mal' if faults[what] else 'bien'}-{account}.xml", "application/xml")


@public(WHY)
@require_safe
def complement_file(request: HttpRequest, pk: str, what: str) -> HttpResponse:
    """The REP of one deposit: right, or with a balance that does not follow."""
    invoices = list(
        Invoice.objects.without_complement()
        .filter(transfer_id=pk)
        .select_related("party", "insurer", "transfer")
        .order_by("pk")
    )
    faults = {"xml": (), "xml-saldo": ("other_balance",)}
    if not invoices or what not in faults:
        raise Http404
    content = billing_scene.complement_for(invoices, issued_at=clock.now() - timedelta(hours=1), faults=faults[what])
    told, folios = "saldo-mal" if faults[what] else "bien", "-".join(invoice.folio for invoice in invoices)
    return _download(content, f"complemento-{told}-{folios}.xml", "application/xml")


@public(WHY)
@require_safe
def statement_file(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """A bank statement of a sample physician: right, too old, or of another CLABE."""
    days = {"correcto": 20, "viejo": 190, "ajeno": 20}
    told = {"correcto": "bien", "viejo": "viejo-mal", "ajeno": "otra-CLABE-mal"}
    if slug not in BY_SLUG or what not in days:
        raise Http404
    party = get_object_or_404(User, email=BY_SLUG[slug].email).live_grants[0].party
    number = 55566677788 if what != "ajeno" else 99988877766
    closing = clock.today() - timedelta(days=days[what])
    content = bank_scene.statement_for(party, bank_scene.clabe_of("002", number), closing)
    return _download(content, f"estado-de-cuenta-{told[what]}-{slug}.pdf", "application/pdf")


@public(WHY)
@require_safe
def bank_file(request: HttpRequest, pk: str, what: str) -> HttpResponse:
    """What the bank answers to an exported batch: all paid, or all sent back."""
    batch = get_object_or_404(PaymentBatch, pk=pk, state="exported")
    told = {"pagada": "todo-pagado", "rechazada": "todo-rechazado"}
    if what not in told:
        raise Http404
    content = bank_scene.bank_answer(batch, on=clock.today(), outcome=what)
    return _download(content, f"respuesta-{told[what]}-{batch.folio}.csv", "text/csv")


@public(WHY)
@require_safe
def movements_file(request: HttpRequest, what: str) -> HttpResponse:
    """What came in today: a bank's file, one with headings of its own, and a shop network's."""
    on = clock.today()
    made = {
        "banco": lambda: (
            bank_scene.bank_movements(on, 3, slips=selectors.open_slips("bank")),
            f"banco-{on:%Y%m%d}.csv",
            "text/csv",
        ),
        "titulos": lambda: (
            bank_scene.bank_movements(on, 4, heading=samples.FOREIGN),
            f"banco-otros-titulos-{on:%Y%m%d}.csv",
            "text/csv",
        ),
        "tienda": lambda: (
            bank_scene.store_payments(on, 3, slips=selectors.open_slips("store")),
            f"tiendas-{on:%Y%m%d}.txt",
            "text/plain",
        ),
    }
    if what not in made:
        raise Http404
    return _download(*made[what]())


@public(WHY)
@require_safe
def people_file(request: HttpRequest, what: str) -> HttpResponse:
    """What the affiliation desk takes in: families of a plan, certificates of a policy; one group of each is wrong."""
    made = selectors.people_file(what, on=clock.today())
    if made is None:
        raise Http404
    return _download(made, f"{what}-uno-mal-{clock.today():%Y%m%d}.csv", "text/csv")


@public(WHY)
@require_safe
def claim_file(request: HttpRequest, what: str) -> HttpResponse:
    """Something that a family sends with a claim: right, or with one fault."""
    made = claim_files.make(what)
    if made is None:
        raise Http404
    return _download(*made)


@public(WHY)
def start_over(request: HttpRequest) -> HttpResponse:
    """Say what will be lost, then build the world anew."""
    if request.method != "POST":
        return render(request, "demo/start_over.html", {"crumbs": [*CRUMBS, ("Empezar de cero", "")]})
    services.start_over()
    request.session.flush()
    return redirect("demo:index")
