"""Billing's screens by actor: owner, assistant, stranger, wrong role, anonymous; each POST also twice."""

from __future__ import annotations

import re
import uuid
from contextlib import nullcontext
from datetime import timedelta
from urllib.parse import urlparse

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, reverse

from billing.models import CareOrder, Complement, Invoice
from billing.urls import urlpatterns
from config.demo.scenes import billing as billing_scene
from portal import clock
from portal.access import Role
from portal.notices.models import Notice
from portal.papers.models import StoredFile
from portal.people.models import Grant
from tests.factories import billing as a
from tests.factories import people
from tests.pages import undrawn

from .pages import post, text, url

pytestmark = pytest.mark.django_db

OWN = {"owner": 200, "assistant": 200, "stranger": 404, "reviewer": 403, "preparer": 403, "support": 403, "nobody": 302}
OWN_LIST = OWN | {"stranger": 200}
PHYSICIAN_ONLY = OWN_LIST | {"assistant": 403}
DESK = dict.fromkeys(OWN, 403) | {"reviewer": 200, "nobody": 302}
PAGES = {
    "home": (lambda s: (), OWN_LIST),
    "regime": (lambda s: (), PHYSICIAN_ONLY),
    "orders": (lambda s: (), OWN_LIST),
    "order": (lambda s: (s.order.pk,), OWN),
    "statement": (lambda s: (), OWN_LIST),
    "accountant": (lambda s: (), OWN_LIST),
    "invoices": (lambda s: (), OWN_LIST),
    "draft": (lambda s: (s.draft.pk,), OWN),
    "draft_data": (lambda s: (s.draft.pk, "csv"), OWN | {}),  # a file; what is not one's own is asked of the draft
    "bundle": (lambda s: (), OWN_LIST),
    "bundle_review": (lambda s: (), OWN_LIST),
    "bundle_sent": (lambda s: (a.sent_bundle(s.sent).pk,), OWN),
    "invoice": (lambda s: (s.sent.folio,), OWN),
    "submitted": (lambda s: (s.sent.folio,), OWN),
    "payments": (lambda s: (), OWN_LIST),
    "payment": (lambda s: (s.paid.transfer_id,), OWN),
    "complement": (lambda s: (s.paid.transfer_id,), OWN),
    "complement_sent": (lambda s: (s.paid.transfer_id, s.complement.pk), OWN | {}),  # named by two
    "reviews": (lambda s: (), DESK),
    "clean": (lambda s: (), DESK),
    "review": (lambda s: (s.sent.folio,), DESK),
    "complements": (lambda s: (), DESK),
    "overdue": (lambda s: (), DESK),
    "complement_review": (lambda s: (s.complement.pk,), DESK),
    "desk_orders": (lambda s: (), DESK),
    "import_orders": (lambda s: (), DESK),
    "delivery": (lambda s: (s.delivery.pk,), DESK),
    "desk_order": (lambda s: (s.order.pk,), DESK),
    "withdraw": (lambda s: (s.order.pk,), DESK),
}
_OF_COMPLEMENT = ("withdraw_complement", "put_complement_back")
_OF_DEPOSIT = ("complement", "check_complement", "remove_kept_complement", "put_kept_complement_back")
ACTS = {
    "start": (lambda s: (), "own"),
    "attach": (lambda s: (s.draft.pk,), "own"),
    **dict.fromkeys(("remove_file", "put_file_back"), (lambda s: (s.draft.pk, uuid.uuid4()), "own")),
    "submit": (lambda s: (s.draft.pk,), "own"),
    "discard": (lambda s: (s.draft.pk,), "own"),
    "sheet": (lambda s: (s.draft.pk,), "own"),
    **dict.fromkeys(_OF_DEPOSIT, (lambda s: (s.paid.transfer_id,), "own")),
    **dict.fromkeys(_OF_COMPLEMENT, (lambda s: (s.paid.transfer_id, s.complement.pk), "own")),
    "bundle_close": (lambda s: (), "own"),
    "remove_stray": (lambda s: (0,), "own"),
    "put_stray_back": (lambda s: (0,), "own"),
    "accept": (lambda s: (s.sent.folio,), "desk"),
    "accept_unopened": (lambda s: (s.sent.folio,), "desk"),
    "give_back": (lambda s: (s.sent.folio,), "desk"),
    "reject": (lambda s: (s.sent.folio,), "desk"),
    "cancel": (lambda s: (s.sent.folio,), "desk"),
    "decide_complement": (lambda s: (s.complement.pk,), "desk"),
    "import_orders": (lambda s: (), "desk"),
    "withdraw": (lambda s: (s.order.pk,), "desk"),
}


def test_every_address_of_billing_is_in_these_tables() -> None:
    pages = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert pages == set(PAGES) | set(ACTS)


def test_ac_02_every_page_opens_for_its_people_and_for_nobody_else(scene) -> None:
    found = {}
    for name, (arguments, wanted) in PAGES.items():
        for actor, browser in scene.browsers.items():
            with nullcontext() if wanted[actor] == 200 else undrawn():  # how a refusal looks others see
                found[name, actor] = browser.get(url(name, *arguments(scene))).status_code
    assert found == {(name, actor): status for name, (_, wanted) in PAGES.items() for actor, status in wanted.items()}


def test_ac_02_what_is_not_mine_answers_like_what_does_not_exist(scene) -> None:
    stranger = scene.browsers["stranger"]
    for name, (arguments, wanted) in PAGES.items():
        if wanted is not OWN:
            continue
        absent = "FA-2020-999999" if isinstance(arguments(scene)[0], str) else uuid.uuid4()
        theirs, nothing = stranger.get(url(name, *arguments(scene))), stranger.get(url(name, absent))
        assert (theirs.status_code, nothing.status_code) == (404, 404), name
        assert _bare(theirs) == _bare(nothing), name


def _bare(answer) -> str:
    """The page without what differs on every answer."""
    return re.sub(
        r'(csrf\w*|name="csrfmiddlewaretoken")[^>]*>|value="[^"]*"|/medico/[^"]*|[0-9a-f-]{16,}|"folio">[^<]*|<time.*?</time>',
        "",
        text(answer),
    )


def test_ac_02_no_act_of_billing_is_open_to_others(scene) -> None:
    before = list(Invoice.objects.order_by("pk").values_list("pk", "state", "payment_state"))
    closed = {"preparer": 403, "support": 403, "nobody": 302}
    wrong = {
        "own": closed | {"reviewer": 403, "stranger": 404},
        "desk": closed | {"owner": 403, "assistant": 403, "stranger": 403},
    }
    for name, (arguments, side) in ACTS.items():
        for actor, status in wrong[side].items():
            if actor == "stranger" and name in {"start", "bundle_close"}:
                continue  # they take no id: what they are about is looked up among one's own
            with undrawn():
                assert post(scene.browsers[actor], name, *arguments(scene)).status_code == status, (name, actor)
    assert list(Invoice.objects.order_by("pk").values_list("pk", "state", "payment_state")) == before


def test_somebody_at_the_desk_who_is_a_physician_too_sees_only_their_own_orders(scene) -> None:
    both = people.physician()
    people.Grant.objects.create(
        user=both, party=people.the_operator(), role=people.Role.REVIEWER, since=people.LONG_AGO
    )
    browser = people.signed_in(both)
    assert scene.order.account not in text(browser.get(url("orders")))
    assert browser.get(url("order", scene.order.pk)).status_code == 404
    assert browser.get(url("desk_order", scene.order.pk)).status_code == 200


def test_the_assistant_never_reads_the_bank_account(scene) -> None:
    """As the team page promises: neither the bank nor the last digits, on any page that both see."""
    seen = 0
    for name, (arguments, wanted) in PAGES.items():
        if wanted.get("assistant") != 200:
            continue
        mine, theirs = (text(scene.browsers[who].get(url(name, *arguments(scene)))) for who in ("owner", "assistant"))
        seen += mine.count("•••• ")
        assert "•••• " not in theirs, name
    assert seen, "the owner sees it at home: else this proves nothing"


def test_the_assistant_is_never_led_to_a_page_that_refuses_them(scene) -> None:
    for name in ("home", "statement"):
        assert "/cuenta/bancaria/" not in text(scene.browsers["assistant"].get(url(name))).partition("<footer")[0]
        assert "/cuenta/bancaria/" in text(scene.browsers["owner"].get(url(name)))


# --- what the pages say ----------------------------------------------------------------------------------------------


def test_c3_s0_10_an_order_shows_its_three_amounts_and_its_three_marks(scene) -> None:
    for actor, name in (("owner", "order"), ("reviewer", "desk_order")):
        page = text(scene.browsers[actor].get(url(name, scene.order.pk)))
        for word in ("$1,500.00", "$200.00", "$1,300.00", "Cuenta", "SEGUROS DE PRUEBA", "Digitalmente firmado"):
            assert word in page, word
    assert "/ayuda/orden-digital/" in text(scene.browsers["owner"].get(url("order", scene.order.pk)))


def test_a_draft_has_a_name_among_the_invoices_and_leads_on(scene) -> None:
    shown = scene.browsers["owner"].get(url("invoices")).content.decode()
    assert f'<a href="{url("draft", scene.draft.pk)}">Borrador</a></th>' in shown


def test_an_order_that_a_draft_holds_says_so_and_leads_to_it_instead_of_starting_another(scene) -> None:
    order, owner = scene.draft.lines.get().order, scene.browsers["owner"]
    free, held = (text(owner.get(url("order", row.pk))) for row in (scene.order, order))
    assert 'state warn">Por facturar' in free and "<span>Facturar</span>" in free
    assert 'state neutral">En borrador' in held and "<span>Facturar</span>" not in held
    assert f'href="{url("draft", scene.draft.pk)}"><span>Seguir con la factura</span>' in held


def test_a_page_shows_a_state_in_the_colour_of_its_list(scene) -> None:
    for actor, page, tone in (
        ("owner", url("invoice", scene.paid.folio), "warn"),
        ("owner", url("invoice", scene.sent.folio), "info"),
        ("reviewer", url("review", scene.paid.folio), "ok"),
        ("reviewer", url("complement_review", scene.complement.pk), "info"),
    ):
        assert f'<div class="page-state"> <span class="state {tone}">' in text(scene.browsers[actor].get(page)), page


def test_n3_the_assistant_shows_every_datum_and_the_sum_with_its_source(scene) -> None:
    page = text(scene.browsers["owner"].get(url("draft", scene.draft.pk)))
    for word in (
        "PPD",
        "99 Por definir",
        "85121502",
        "E48",
        "G03",
        scene.draft.insurer.rfc,
        "$1,170.00",
        "S0.20",
        "0.100000",
        "María Núñez Peña",
        "De dónde sale este número",
        "Exento",
    ):
        assert word in page, word
    assert "Regla en conflicto" not in page


def test_c1_the_conflict_of_resico_in_jalisco_stands_beside_the_sum(db) -> None:
    who = a.doctor(regime="626", state="JAL")
    page = text(people.signed_in(who.user).get(url("draft", a.draft(who).pk)))
    assert "Regla en conflicto" in page and "S0.23" in page


def test_n11_the_deposit_gives_the_data_to_stamp_and_says_where_its_date_comes_from(scene) -> None:
    scene.complement.delete()
    for name in ("payment", "complement"):
        page = text(scene.browsers["owner"].get(url(name, scene.paid.transfer_id)))
        for word in (
            "CP01",
            "03 Transferencia",
            "900.00",
            "Regla rep_due_day, versión 1",
            "RMF 2.7.1.32",
            "¿De dónde sale esta fecha?",
            scene.paid.folio,
        ):
            assert word in page, (name, word)


def test_c4_bank_account_and_statement_are_two_pages(scene) -> None:
    page = text(scene.browsers["owner"].get(url("statement")))
    for word in ("Mi estado de cuenta", "Por facturar", "$1,300.00", "En revisión", "$900.00", "Sin complemento"):
        assert word in page, word


def test_a_physician_without_regime_is_led_to_tell_it(db) -> None:
    who = a.doctor(regime="")
    order = a.orders(who)[0]
    owner, assistant = people.signed_in(who.user), people.signed_in(people.assistant_of(who.user))
    assert "Decir mi régimen" in text(owner.get(url("home")))
    assert "Decir mi régimen" not in text(assistant.get(url("home")))
    assert post(owner, "start", orders=[order.pk])["Location"] == url("regime")
    answer = post(assistant, "start", orders=[order.pk])
    assert answer.status_code == 422 and "régimen" in text(answer) and "checked" in text(answer)
    told = {"regime": "612", "state": "", "specialty": "", "name": "Ana Ñáñez Ruiz", "zip_code": "44100"}
    wrong = post(owner, "regime", **(told | {"zip_code": "4410", "regime": ""}))
    assert wrong.status_code == 422 and "lleva 5 dígitos" in text(wrong) and "Ana Ñáñez Ruiz" in text(wrong)
    for _ in range(2):
        assert post(owner, "regime", **told).status_code == 302
    who.party.refresh_from_db()
    assert who.party.name == "ANA ÑÁÑEZ RUIZ" and who.party.scheme_assignments.count() == 1
    assert "Ana Ñáñez Ruiz".upper() in text(owner.get(url("regime")))


def test_a_return_by_services_is_seen_on_the_home_page(scene) -> None:
    Invoice.objects.filter(pk=scene.sent.pk).update(state="returned", decided_at=a.NOW)
    page = text(scene.browsers["owner"].get(url("home")))
    assert scene.sent.folio in page and "Facturas por corregir" in page


# --- acts ------------------------------------------------------------------------------------------------------------


def test_start_twice_is_one_draft_and_a_refusal_keeps_what_was_chosen(scene) -> None:
    owner = scene.browsers["owner"]
    answers = [post(owner, "start", key="k" * 20, orders=[scene.order.pk]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"] and Invoice.objects.filter(state="draft").count() == 2
    one, two = a.orders(scene.who)[0], a.orders(scene.who, payer=a.insurer("SEGUROS DOS"))[0]
    refused = post(owner, "start", orders=[one.pk, two.pk])
    assert refused.status_code == 422 and "dos aseguradoras" in text(refused)
    assert len(re.findall(r'<input type="checkbox"[^>]* checked', text(refused))) == 1, "a table shows one insurer's"
    assert post(owner, "start").status_code == 422
    assert post(owner, "start", orders=["x"]).status_code == 404
    assert post(owner, "start", orders=[uuid.uuid4()]).status_code == 422


def test_an_assistant_of_two_physicians_bills_for_the_one_whose_orders_were_chosen(scene) -> None:
    other = a.doctor()
    Grant.objects.create(
        user=scene.people["assistant"], party=other.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO
    )
    theirs, mine, helper = a.orders(other)[0], a.orders(scene.who)[0], scene.browsers["assistant"]
    both = post(helper, "start", orders=[mine.pk, theirs.pk])
    assert both.status_code == 422 and "dos médicos" in text(both)
    for order, party in ((theirs, other.party), (mine, scene.who.party)):
        answer = post(helper, "start", orders=[order.pk])
        assert answer.status_code == 302
        assert Invoice.objects.get(lines__order=order).party == party


def test_the_whole_way_of_an_invoice_on_screen(trusted) -> None:
    who = a.doctor()
    order = a.orders(who)[0]
    owner, desk = people.signed_in(who.user), people.signed_in(people.reviewer())
    draft = Invoice.objects.get(pk=urlparse(post(owner, "start", orders=[order.pk])["Location"]).path.split("/")[-2])

    _a_refused_file_is_told_and_a_right_one_passes(owner, draft)
    _it_is_sent_once(owner, draft)
    _the_desk_gives_it_back_with_a_reason(desk, draft)
    page = text(owner.get(url("draft", draft.pk)))
    assert "El PDF no se lee bien" in page and "Hoja dos" in page and "archivo corregido" in page
    assert "Enviar a revisión" not in page
    assert post(owner, "submit", draft.pk).status_code == 422
    assert post(owner, "attach", draft.pk, **_both_files(draft)).status_code == 302
    assert post(owner, "submit", draft.pk).status_code == 302
    assert post(people.signed_in(who.user), "accept", draft.folio).status_code == 403
    for _ in range(2):
        assert post(desk, "accept", draft.folio, key="a" * 20).status_code == 302
    assert post(desk, "accept", draft.folio).status_code == 422
    page = text(owner.get(url("invoice", draft.folio)))
    assert "Por pagar" in page and "¿De dónde sale esta fecha?" in page and "Regla invoice.payment_days, v" in page
    mails = Notice.objects.filter(user=who.user)
    assert not [m for m in mails if "María" in m.title + m.body or "CTA-" in m.title + m.body]  # PR-08


def _both_files(draft, *, faults=()):
    xml, pdf = billing_scene.files_for(draft, issued_at=clock.now() - timedelta(hours=2), faults=faults)
    return {"xml": SimpleUploadedFile("f.xml", xml), "pdf": SimpleUploadedFile("f.pdf", pdf)}


def _a_refused_file_is_told_and_a_right_one_passes(owner, draft) -> None:
    refused = post(owner, "attach", draft.pk, **_both_files(draft, faults=["pue"]))
    page = text(refused)
    assert refused.status_code == 422 and "PUE" in page and "Regla por regla" in page and "Correcto:" in page
    assert StoredFile.objects.get().kind == "pdf" and "Tu PDF quedó guardado: sube solo el XML." in page
    assert post(owner, "attach", draft.pk).status_code == 422
    passed = post(owner, "attach", draft.pk, **_both_files(draft))
    assert passed.status_code == 302 and passed["Location"].endswith("#resultado")
    page = text(owner.get(url("draft", draft.pk)))
    assert 'id="resultado"' in page and "pasa todas las reglas" in page and "Regla por regla" in page


def _it_is_sent_once(owner, draft) -> None:
    sent = [post(owner, "submit", draft.pk, key="s" * 20) for _ in range(2)]
    assert sent[0]["Location"] == sent[1]["Location"]
    draft.refresh_from_db()
    assert draft.folio in text(owner.get(sent[0]["Location"]))
    again = post(owner, "submit", draft.pk)
    assert again.status_code == 409 and "Ya la enviaste: folio <" in text(again)
    assert f'href="/medico/facturas/{draft.folio}/"' in text(again), "a second try leads to what the first one made"
    assert owner.get(url("draft", draft.pk)).status_code == 302
    for late in (post(owner, "attach", draft.pk, **_both_files(draft)), post(owner, "discard", draft.pk)):
        assert late.status_code == 409 and f'href="/medico/facturas/{draft.folio}/"' in text(late)


def _the_desk_gives_it_back_with_a_reason(desk, draft) -> None:
    split = text(desk.get(url("review", draft.folio)))
    assert "pagina/1" in split and "Aceptar factura" in split and "Regla por regla" in split
    nothing = post(desk, "give_back", draft.folio, note="Lo que escribí")
    assert nothing.status_code == 422 and "al menos un motivo" in text(nothing) and "Lo que escribí" in text(nothing)
    long = post(desk, "reject", draft.folio, reasons=["other"], note="ñ" * 1001)
    assert long.status_code == 422 and "ñ" * 1001 in text(long)
    for _ in range(2):
        answer = post(desk, "give_back", draft.folio, key="r" * 20, reasons=["illegible_pdf"], note="Hoja dos")
        assert answer.status_code == 302


def test_a_complement_on_screen_is_refused_mended_accepted_and_marked_cancelled(trusted) -> None:
    who = a.doctor()
    invoice = a.paid(who)
    owner, desk = people.signed_in(who.user), people.signed_in(people.reviewer())

    def xml(*faults: str):
        made = billing_scene.complement_for(
            [Invoice.objects.select_related("transfer", "party", "insurer").get()],
            issued_at=a.PAID_AT + timedelta(hours=1),
            faults=faults,
        )
        return SimpleUploadedFile("rep.xml", made)

    assert post(owner, "complement", invoice.transfer_id).status_code == 422
    refused = post(owner, "complement", invoice.transfer_id, xml=xml("other_balance"))
    assert refused.status_code == 422 and "Regla por regla" in text(refused) and not Complement.objects.exists()
    good = xml()
    content = good.read()
    for _ in range(2):
        told = SimpleUploadedFile("rep.xml", content)
        assert post(owner, "complement", invoice.transfer_id, key="c" * 20, xml=told).status_code == 302
    assert "Completo" in text(owner.get(url("payment", invoice.transfer_id)))
    again = post(owner, "complement", invoice.transfer_id, xml=SimpleUploadedFile("rep.xml", content))
    assert again.status_code == 409 and "ya tiene su complemento" in text(again)
    found = Complement.objects.get()
    page = text(desk.get(url("complement_review", found.pk)))
    assert "Cadena de saldos" in page and "Regla por regla" in page
    assert post(desk, "decide_complement", found.pk, act="cancel", reason="").status_code == 422
    assert post(desk, "decide_complement", found.pk, act="nada", reason="x").status_code == 422
    assert post(desk, "decide_complement", found.pk, act="accept", reason="").status_code == 422
    long = post(desk, "decide_complement", found.pk, act="cancel", reason="ñ" * 301)
    assert long.status_code == 422 and "ñ" * 301 in text(long)
    for _ in range(2):
        assert post(desk, "decide_complement", found.pk, key="d" * 20, act="cancel", reason="SAT").status_code == 302
    assert Invoice.objects.get().payment_state == "complement_due"


def test_withdrawing_at_the_desk_needs_a_reason_and_happens_once(scene) -> None:
    desk = scene.browsers["reviewer"]
    assert "Retirar orden" in text(desk.get(url("desk_order", scene.order.pk)))
    assert post(desk, "withdraw", scene.order.pk, reason="").status_code == 422
    for _ in range(2):
        assert post(desk, "withdraw", scene.order.pk, key="w" * 20, reason="Duplicada").status_code == 302
    late = post(desk, "withdraw", scene.order.pk, reason="Otra vez lo escribo")
    assert late.status_code == 422 and "Otra vez lo escribo" in text(late) and "Retirada" in text(late)
    assert "Retirar orden" not in text(desk.get(url("desk_order", scene.order.pk)))


def test_a_draft_is_discarded_once_and_its_orders_are_free(scene) -> None:
    owner = scene.browsers["owner"]
    assert [post(owner, "discard", scene.draft.pk, key="x" * 20).status_code for _ in range(2)] == [302, 302]
    assert post(owner, "discard", scene.draft.pk).status_code == 409
    assert CareOrder.objects.to_invoice().count() == 2


def test_the_sheet_is_one_paper_however_often_it_is_asked_for_with_one_key(scene) -> None:
    owner = scene.browsers["owner"]
    assert len({post(owner, "sheet", scene.draft.pk, key="h" * 20)["Location"] for _ in range(2)}) == 1


def test_orders_are_read_on_screen_their_totals_mended_and_applied_without_choosing_the_file_again(scene) -> None:
    from tests.billing.test_intake import csv_of

    desk, row = scene.browsers["reviewer"], a.row(scene.who, authorised_by="SEGUROS DE PRUEBA")
    bad = a.row(scene.who, authorised_by="OTRA")

    def told(**more):
        upload = SimpleUploadedFile("ordenes.csv", csv_of(row, bad))
        return {"insurer": a.insurer().pk, "file": upload, "rows": "2", "payable": "2,600.00"} | more

    assert post(desk, "import_orders", **told(insurer=uuid.uuid4())).status_code == 422
    assert post(desk, "import_orders", **told(payable="x")).status_code == 422
    read = post(desk, "import_orders", **told(payable="99.00"))["Location"]
    page = text(desk.get(read))
    assert "totales de control no coinciden" in page and 'value="99.00"' in page and "Corregir los totales" in page
    assert row.patient in page and "autorizada_por" in page and "authorised_by" not in page
    key = {"idempotency_key": uuid.uuid4().hex}
    wrong = desk.post(f"{read}totales/", {"rows": "2", "payable": "mucho"} | key)
    assert wrong.status_code == 422 and 'value="mucho"' in text(wrong)
    assert desk.post(f"{read}aplicar/", key).status_code == 422 and not CareOrder.objects.filter(account=row.account)
    assert desk.post(f"{read}totales/", {"rows": "2", "payable": "2,600.00"} | key)["Location"] == read
    again = post(desk, "import_orders", **told())
    assert again["Location"] == read and "ya lo teníamos" in text(desk.get(read))
    assert "Los totales coinciden: 2 órdenes por $2,600.00" in text(desk.get(read))
    for _ in range(2):
        done = desk.post(f"{read}aplicar/", key)
        assert done.status_code == 302, text(done)
    page = text(desk.get(done["Location"]))
    assert "Con errores" in page and "autorizada_por" in page and "Renglón de la hoja" in page
    assert CareOrder.objects.filter(account=row.account).exists()
    assert "ya se aplicó" in text(desk.get(read)) and desk.post(f"{read}cancelar/", key).status_code == 409
    errors = desk.get(f"{read}errores/").content.decode("utf-8-sig")
    assert errors.splitlines()[1].startswith("2,autorizada_por,")


def test_a_file_that_was_read_is_cancelled_and_its_kind_has_a_template(scene) -> None:
    from tests.billing.test_intake import csv_of

    desk = scene.browsers["reviewer"]
    told = {"insurer": a.insurer().pk, "rows": "1", "payable": "1,300.00"}
    upload = SimpleUploadedFile("ordenes.csv", csv_of(a.row(scene.who, authorised_by="OTRA")))
    page = post(desk, "import_orders", file=upload, **told)["Location"]
    refused = text(desk.get(page))
    assert "Ningún renglón se puede aplicar" in refused and "Subir otro archivo" in refused
    assert '<td data-t="honorario"' in desk.get(page).content.decode(), "on a phone each cell says its column"
    upload = SimpleUploadedFile("ordenes.csv", csv_of(a.row(scene.who, authorised_by="SEGUROS DE PRUEBA")))
    page = post(desk, "import_orders", file=upload, **told)["Location"]
    assert "Entran todos los renglones." in text(desk.get(page))
    assert page in text(desk.get(url("import_orders"))), "who left it finds it again"
    foreign = csv_of(a.row(scene.who, authorised_by="SEGUROS DE PRUEBA")).replace(b"honorario", b"tarifa")
    other = post(desk, "import_orders", file=SimpleUploadedFile("otra.csv", foreign), **told)["Location"]
    assert "Cuál es «honorario»" in text(desk.get(other))
    for answer, status in (("", 422), ("tarifa", 302)):
        said = desk.post(f"{other}titulos/", {"fee": answer, "idempotency_key": uuid.uuid4().hex})
        assert said.status_code == status
    assert "Los totales coinciden" in text(desk.get(other))
    cancelled = desk.post(f"{page}cancelar/", {"idempotency_key": uuid.uuid4().hex})
    assert cancelled["Location"] == url("import_orders") and "Cancelado" in text(desk.get(page))
    assert "Subir otro archivo" in text(desk.get(page))
    template = reverse("imports:template", args=["billing.orders"])
    assert template in text(desk.get(url("import_orders")))
    assert desk.get(template).content.decode("utf-8-sig").startswith("cuenta,rfc_medico,paciente,")
    assert desk.get(reverse("imports:template", args=["billing.nothing"])).status_code == 404
    for name in ("owner", "preparer"):
        for address in (page, f"{page}errores/", template):
            assert scene.browsers[name].get(address).status_code == 404
