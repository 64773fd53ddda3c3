"""Invoices of a month dropped at once: each pair finds its orders by the accounts it names, what does not says why."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from billing import checks, services
from billing.models import Bundle, BundleFile, Invoice
from billing.selectors import bundles, sheet
from billing.services import bundles as acts
from config.demo import samples
from config.demo.samples.statements import text_pdf
from config.demo.scenes import billing as billing_scene
from config.demo.uploads import upload_of
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.once.rules import FIELD
from portal.papers.limited.client import ServerGone
from portal.people.models import Grant
from tests import pages
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def pair(who, number: int = 1, **more) -> tuple[bytes, bytes]:
    """XML and PDF of new orders that nobody has begun to invoice here."""
    draft = a.draft(who, number)
    made = billing_scene.files_for(draft, issued_at=a.NOW - timedelta(hours=1), **more)
    services.discard_draft(invoice=draft, by=who.user, at=a.NOW)
    return made


def add(who, **files: bytes) -> Bundle:
    uploads = [upload_of(name.replace("__", "."), content) for name, content in files.items()]
    return services.add_to_bundle(party=who.party, uploads=uploads, by=who.user, at=a.NOW)


def why(bundle: Bundle, name: str) -> str:
    return BundleFile.objects.get(bundle=bundle, name=name, invoice=None).why


def test_a_bundle_of_twelve_with_two_strays_is_dropped_checked_and_sent_each_by_itself(trusted) -> None:
    who, stranger = a.doctor(), a.doctor()
    files = []
    for number in range(5):
        xml, pdf = pair(who, number + 1)
        files += [(f"f{number}.pdf", pdf), (f"f{number}.xml", xml)]
    files += [("ajena.xml", pair(stranger)[0]), ("suelto.pdf", text_pdf(["Un recibo de luz"]))]
    client, address = people.signed_in(who.user), reverse("billing:bundle")
    sent = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    answer = client.post(address, sent | pages.once(), follow=True)
    page = " ".join(answer.content.decode().split())
    assert [one.name for one in bundles.strays(Bundle.objects.get(party=who.party))] == ["ajena.xml", "suelto.pdf"]
    assert "5 facturas encontraron sus órdenes" in page and "2 archivos no encontraron su lugar" in page
    assert f"La emitió {stranger.party.rfc}" in page and "Falta el XML de este PDF" in page
    assert page.count("Lista para enviar") == 5 and Invoice.objects.filter(party=who.party, state="draft").count() == 5
    review = reverse("billing:bundle_review")
    assert "5 facturas por $" in " ".join(client.get(review).content.decode().split())
    once = pages.once()
    answers = [client.post(review, once) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    folios = set(Invoice.objects.filter(party=who.party).values_list("folio", flat=True))
    page = " ".join(client.get(answers[0]["Location"]).content.decode().split())
    assert len(folios) == 5 and all(folio in page for folio in folios) and "5 facturas enviadas" in page
    assert "Te respondemos a más tardar el" in page and who.user.email in page, "the one confirmation of the house"
    assert people.signed_in(stranger.user).get(answers[0]["Location"]).status_code == 404
    assert "Sigue en tu paquete" in page and "suelto.pdf" in page, "what matched nothing goes on in the next one"
    bundle = Bundle.objects.get(party=who.party, closed_at__isnull=False)
    assert services.send_bundle(bundle=bundle, by=who.user, at=a.NOW).closed_at == bundle.closed_at
    assert "Nada que enviar todavía" in client.get(review).content.decode()
    once = pages.once()
    assert {client.post(reverse("billing:bundle_close"), once)["Location"].split("?")[0] for _ in range(2)} == {address}
    assert bundles.open_bundle(who.party) is None and client.get(review).status_code == 200


def test_one_order_is_billed_once_and_a_pdf_finds_its_own_draft_among_several(trusted) -> None:
    who = a.doctor()
    first, second = pair(who), pair(who, 2)
    bundle = add(who, uno__xml=first[0], otra__xml=first[0])
    assert len(bundles.pairs(bundle)) == 1 and why(bundle, "otra.xml")
    add(who, dos__xml=second[0])
    add(who, dos__pdf=second[1])
    assert [one.names for one in bundles.pairs(bundle)] == ["uno.xml", "dos.xml, dos.pdf"]


def test_when_no_file_can_be_examined_nothing_of_a_bundle_is_kept(trusted, monkeypatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise ServerGone

    who = a.doctor()
    xml, _ = pair(who)
    monkeypatch.setattr("portal.papers.examiner._client.ask", gone)
    with pytest.raises(RuleBroken, match="No se guardó nada"):
        add(who, uno__xml=xml)
    assert not Bundle.objects.filter(party=who.party).exists()


def test_every_file_that_matches_nothing_says_why_and_what_to_do(trusted) -> None:
    who = a.doctor()
    xml, pdf = pair(who)
    bundle = add(who, bien__xml=xml)
    (placed,) = bundles.pairs(bundle)
    assert placed.missing == "Sube el PDF de tu factura." and placed.names == "bien.xml"
    withdrawn, _ = pair(who)
    order = a.CareOrder.objects.order_by("-account").first()
    services.withdraw_order(order=order, reason="No procede", by=people.reviewer(), at=a.NOW)
    draft = a.draft(who)
    ours = sheet.file(sheet.sheet(draft, on=a.TODAY), "xml", at=a.NOW)[0]
    services.discard_draft(invoice=draft, by=who.user, at=a.NOW)
    unknown = samples.make_invoice(
        issuer={"rfc": who.party.rfc, "name": who.party.name, "regime": "612"},
        receiver={"rfc": a.insurer().rfc, "name": "X", "zip": "06600", "regime": "601"},
        orders=[{"account": "NADIE-1", "patient": "Ana Paz", "payable": "10.00"}],
        components=[{"component": "ISR", "rate": "0.100000"}],
        issued_at=a.NOW,
    )
    add(
        who,
        otra_vez__xml=xml,
        retirada__xml=withdrawn,
        borrador__xml=ours,
        sin_cuenta__xml=unknown,
        pue__xml=pair(who, faults=["pue"])[0],
        otro__xml=b"<?xml version='1.0'?><a/>",
        nota__txt=b"hola",
    )
    assert "ya está en un borrador tuyo" in why(bundle, "otra_vez.xml")
    assert "retirada por la aseguradora" in why(bundle, "retirada.xml")
    assert "Ningún concepto dice la cuenta" in why(bundle, "sin_cuenta.xml")
    assert "No es una factura" in why(bundle, "otro.xml")
    assert "no pasa estas reglas" in why(bundle, "nota.txt")
    codes = {row.name: [one["code"] for one in row.findings] for row in bundle.files.filter(invoice=None)}
    assert codes["borrador.xml"] == ["portal_draft"] and "payment_method" in codes["pue.xml"]


def test_what_comes_mended_takes_the_place_of_its_refusal_and_nothing_is_taken_beyond_the_limit(trusted) -> None:
    who = a.doctor()
    bundle = add(who, bien__xml=pair(who)[0], otro__xml=b"<?xml version='1.0'?><a/>")
    add(who, otro__xml=pair(who)[0])
    assert len(bundles.pairs(bundle)) == 2 and not bundle.files.filter(name="otro.xml", invoice=None).exists()
    odd = [upload_of("a\x07b.xml", b"<a/>")]
    services.add_to_bundle(party=who.party, uploads=odd, by=who.user, at=a.NOW)
    assert "El nombre del archivo trae" in why(bundle, "a_b.xml")
    with pytest.raises(RuleBroken, match="Elige los XML"):
        add(who)
    with pytest.raises(RuleBroken, match="hasta 50 archivos y con estos serían 51"):
        add(who, **{f"f{number}__xml": b"" for number in range(51)})
    with pytest.raises(RuleBroken, match="Ninguna factura del paquete está completa"):
        services.send_bundle(bundle=bundle, by=who.user, at=a.NOW)
    answer = people.signed_in(who.user).post(reverse("billing:bundle"), pages.once())
    assert answer.status_code == 422 and "No guardamos estos archivos" in answer.content.decode()


def test_a_pdf_whose_folio_cannot_be_read_joins_the_xml_of_its_name_and_a_wrong_one_waits(trusted) -> None:
    who = a.doctor()
    (xml, pdf), (other, _) = pair(who), pair(who)
    bundle = add(who, uno__pdf=text_pdf(["Escaneada"]), uno__xml=xml, dos__pdf=pdf)
    first = Invoice.objects.get(party=who.party)
    assert first.pdf.display_name == "uno.pdf" and {one["code"] for one in first.pdf.findings} >= {"pdf_without_uuid"}
    assert why(bundle, "dos.pdf").startswith("Falta el XML"), "its folio is of an invoice that has its PDF"
    add(who, tres__pdf=text_pdf(["Otra sin folio"]))
    add(who, tres__xml=other)
    later = Invoice.objects.exclude(pk=first.pk).get(party=who.party)
    assert later.pdf.display_name == "tres.pdf" and [one.missing for one in bundles.pairs(bundle)] == ["", ""]
    said = [one["code"] for one in later.pdf.findings]
    assert "pdf_without_uuid" in said and "pdf_not_compared" not in said, "whichever came first"
    said = checks.compared((), {"uuids": [first.uuid]}, first.uuid)
    assert [one.code for one in said.findings] == ["pdf_matches"]


def _nothing_joins_what_changed_meanwhile(bundle, stray, monkeypatch) -> None:
    seen = [*acts._without_pdf(bundle)]
    for changed in ({"pdf": stray.kept}, {"uuid": str(uuid4())}):
        with transaction.atomic(), monkeypatch.context() as patched:
            Invoice.objects.filter(pk=seen[0].invoice_id).update(**changed)
            patched.setattr(acts, "_without_pdf", lambda _bundle: seen)
            assert services.put_stray_back(file=stray, by=bundle.opened_by, at=a.NOW).removed_at is None
            assert bundle.files.get(pk=stray.pk).invoice_id is None, changed
            transaction.set_rollback(True)


def test_a_stray_is_taken_out_and_put_back_and_finds_the_xml_that_came_meanwhile(trusted, monkeypatch) -> None:
    who = a.doctor()
    xml, pdf = pair(who)
    bundle = add(who, uno__pdf=pdf)
    (stray,) = bundle.files.all()
    client, address = people.signed_in(who.user), reverse("billing:bundle")
    remove, back = (reverse(f"billing:{name}", args=[stray.pk]) for name in ("remove_stray", "put_stray_back"))
    for act, word in ((remove, "Deshacer"), (back, "Falta el XML"), (remove, "Deshacer")):
        sent = (pages.once(), pages.once())  # from another tab too, where nothing more happens
        assert {client.post(act, one)["Location"].split("?")[0] for one in (*sent, sent[0])} == {address}
        assert word in client.get(address).content.decode()
    add(who, uno__xml=xml)
    assert [one.names for one in bundles.pairs(bundle)] == ["uno.xml"], "what was taken out joins nothing"
    assert bundles.strays(bundle) == [] and len(bundles.strays(bundle, removed=True)) == 1
    _nothing_joins_what_changed_meanwhile(bundle, stray, monkeypatch)
    told = client.post(f"/api/v1/paquete/sueltos/{stray.pk}/devolver/", headers={"Idempotency-Key": "stray-back-1"})
    assert told.status_code == 200 and told.json()["strays"] == []
    assert len(bundles.pairs(bundle)[0].names.split(", ")) == 2
    attached = AuditEvent.objects.filter(action="billing.files_attached", by=who.user).order_by("pk").last()
    assert attached.details["pdf"] == str(stray.kept_id), "its timeline says where the PDF came from"
    assert client.post(remove, pages.once()).status_code == 409, "it is a draft's now"
    assert people.signed_in(a.doctor().user).post(remove, pages.once()).status_code == 404
    add(who, otro__xml=b"<a/>")
    left = bundles.strays(bundle)[0].file
    services.close_bundle(bundle=bundle, by=who.user, at=a.NOW)
    with pytest.raises(Conflict):
        services.remove_stray(file=left, by=who.user, at=a.NOW)


def test_an_invoice_that_is_refused_when_sent_keeps_no_other_back(trusted, monkeypatch) -> None:
    who = a.doctor()
    (xml, pdf), (other, face) = pair(who), pair(who)
    bundle = add(who, a__xml=xml, a__pdf=pdf, b__xml=other, b__pdf=face)
    refused, sent = [one.invoice for one in bundles.pairs(bundle)]
    submit = acts.submit_invoice

    def but_one(*, invoice, by, at):
        if invoice.pk == refused.pk:
            raise RuleBroken("La orden ya no se factura.", code="gone")
        return submit(invoice=invoice, by=by, at=at)

    monkeypatch.setattr(acts, "submit_invoice", but_one)
    services.send_bundle(bundle=bundle, by=who.user, at=a.NOW)
    told = bundles.sent(bundle, on=a.TODAY)
    assert ([one.invoice.pk for one in told["left"]], [one.invoice.pk for one in told["sent"]]) == (
        [refused.pk],
        [sent.pk],
    )


def test_what_was_sent_by_itself_is_offered_no_more_and_does_not_count_in_the_limit(trusted, monkeypatch) -> None:
    who = a.doctor()
    (xml, pdf), (other, face) = pair(who), pair(who)
    bundle = add(who, a__xml=xml, a__pdf=pdf, b__xml=other, b__pdf=face)
    first, second = [one.invoice for one in bundles.pairs(bundle)]
    services.submit_invoice(invoice=first, by=who.user, at=a.NOW)
    told = bundles.review(who.user, who.party)
    assert [one.invoice.pk for one in told["ready"]] == [second.pk]
    assert [one.state[0].partition(" ")[0] for one in told["pairs"]] == ["Enviada", "Lista"]
    monkeypatch.setattr("billing.services.bundles.MOST_FILES", 3)
    add(who, c__pdf=text_pdf(["Suelto"]))
    with pytest.raises(RuleBroken, match="hasta 3 archivos"):
        add(who, d__pdf=text_pdf(["Otro"]))
    services.send_bundle(bundle=bundle, by=who.user, at=a.NOW)
    following = bundles.open_bundle(who.party)
    assert [one.name for one in bundles.strays(following)] == ["c.pdf"]
    for _ in range(2):
        services.close_bundle(bundle=following, by=who.user, at=a.NOW)
    assert bundles.open_bundle(who.party) is None


def test_two_pdf_of_one_name_both_wait_and_a_bundle_closed_meanwhile_takes_no_more(trusted, monkeypatch) -> None:
    who = a.doctor()
    bundle = add(who, factura__pdf=text_pdf(["Una"]))
    assert add(who, factura__pdf=text_pdf(["Otra"])) == bundle
    assert [one.name for one in bundles.strays(bundle)] == ["factura.pdf", "factura.pdf"]
    get, closed = Bundle.objects.get_or_create, []

    def closing(**asked):
        found = get(**asked)
        if not closed:
            closed.append(services.close_bundle(bundle=found[0], by=who.user, at=a.NOW))
        return found

    monkeypatch.setattr(Bundle.objects, "get_or_create", closing)
    later = add(who, tarde__pdf=text_pdf(["Tarde"]))
    assert closed == [bundle] and later != bundle and later.closed_at is None


def test_who_bills_for_two_drops_for_one_at_a_time_and_who_proved_nothing_reads_so(db) -> None:
    one, other = a.doctor(), a.doctor()
    helper = people.assistant_of(one.user)
    Grant.objects.create(user=helper, party=other.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    client, address = people.signed_in(helper), reverse("billing:bundle")
    page = client.get(f"{address}?medico={other.party.rfc}").content.decode()
    assert page.count("aria-current") >= 1 and f"?medico={one.party.rfc}" in page
    assert client.get(f"{address}?medico=XAXX010101000").status_code == 404
    fresh = people.physician(party=people.a_party(rfc=people.rfc_number(7_900)))
    type(fresh.live_grants[0].party).objects.filter(pk=fresh.live_grants[0].party_id).update(
        rfc_proof="", rfc_proved_at=None
    )
    assert "Falta acreditar el RFC" in people.signed_in(fresh).get(address).content.decode()


def test_a_program_does_the_same_and_takes_the_xml_to_stamp(trusted) -> None:
    who = a.doctor()
    client = people.signed_in(who.user)

    def call(path: str, name: str = "", content: bytes = b""):
        body = {"file": SimpleUploadedFile(name, content)} if name else {}
        return client.post(f"/api/v1/{path}", body, headers={"Idempotency-Key": pages.once()[FIELD]})

    assert client.get("/api/v1/paquete/").json() == {"invoices": [], "strays": []}
    assert call("paquete/enviar/").status_code == 404
    xml, pdf = pair(who)
    made = call("paquete/", "f.xml", xml)
    assert made.status_code == 201, made.content
    told = call("paquete/", "f.pdf", pdf).json()
    assert ([one["missing"] for one in told["invoices"]], told["strays"]) == ([""], [])
    draft = told["invoices"][0]["id"]
    answer = client.get(f"/api/v1/facturas/borradores/{draft}/cfdi/")
    assert (
        answer["Content-Disposition"].startswith('attachment; filename="BORRADOR-') and b"Comprobante" in answer.content
    )
    assert call("paquete/enviar/").json()["invoices"][0]["folio"].startswith("FA-")
    assert call("paquete/", "suelto.pdf", text_pdf(["Suelto"])).status_code == 201
    assert (call("paquete/cerrar/").status_code, call("paquete/cerrar/").status_code) == (200, 404)
    told = client.get("/api/v1/estado-de-cuenta/").json()
    assert told["next_payment"] is None
