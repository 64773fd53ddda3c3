"""Digital orders arrive: idempotent, row errors, control totals (S0.10-S0.13); and are withdrawn."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing import services
from billing.models import CareOrder, OrderDelivery, StagedOrder
from billing.rules import check_order, orders_file
from config.demo.uploads import upload_of
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.imports.rules.layouts import Item, Judged, Read, RowError
from portal.imports.staging import Rows
from portal.notices.models import Notice
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import RfcCode
from tests.billing.reading import read_csv
from tests.factories import billing as a
from tests.factories import people
from tests.factories.billing import TODAY

pytestmark = pytest.mark.django_db


def test_s0_10_orders_arrive_and_their_physician_is_told_once_without_names(db) -> None:
    who = a.doctor()
    delivery = a.deliver([a.row(who), a.row(who), a.row("XAXX010101000")])
    assert (delivery.rows, delivery.accepted + len({e["row"] for e in delivery.errors})) == (3, 3)
    assert CareOrder.objects.filter(physician_rfc=who.party.rfc, state="available").count() == 2
    notice = Notice.objects.get(user=who.user, kind="billing/orders_arrived")
    assert "2" in notice.title
    assert "SEGUROS" not in notice.title + notice.body and "María" not in notice.body  # PR-08
    assert AuditEvent.objects.filter(action="billing.orders_received", subject_id=str(delivery.pk)).exists()


def test_sending_the_same_orders_again_changes_nothing(db) -> None:
    who = a.doctor()
    rows = [a.row(who), a.row(who)]
    a.deliver(rows)
    again = a.deliver([*rows, rows[0]])
    assert (again.accepted, again.unchanged, again.errors) == (0, 3, [])
    assert CareOrder.objects.count() == 2
    assert Notice.objects.filter(kind="billing/orders_arrived").count() == 1


def test_the_same_account_twice_in_one_delivery_enters_once(db) -> None:
    row = a.row(a.doctor())
    assert (a.deliver([row, row]).accepted, CareOrder.objects.count()) == (1, 1)


def test_an_rfc_written_with_hyphens_is_the_same_rfc_also_inside_one_delivery(db) -> None:
    row = a.row(a.doctor())
    hyphens = replace(row, physician_rfc=f"{row.physician_rfc[:4]}-{row.physician_rfc[4:10]}-{row.physician_rfc[10:]}")
    delivery = a.deliver([row, hyphens])
    assert (delivery.accepted, delivery.unchanged, delivery.errors) == (1, 1, [])
    assert CareOrder.objects.get().physician_rfc == row.physician_rfc


@pytest.mark.parametrize("inside", [True, False])
def test_the_same_account_with_other_data_is_an_error_of_that_row(db, inside) -> None:
    first = a.row(a.doctor())
    other = replace(first, patient="Otra persona")
    if not inside:
        a.deliver([first])
    delivery = a.deliver([first, other])
    assert [(e["row"], e["code"]) for e in delivery.errors] == [(2, "account_taken")]
    assert CareOrder.objects.get().patient == first.patient


def test_two_insurers_may_use_the_same_account(db) -> None:
    row, second = a.row(a.doctor()), a.insurer("SEGUROS DOS")
    a.deliver([row])
    a.deliver([replace(row, authorised_by="SEGUROS DOS")], payer=second)
    assert CareOrder.objects.filter(account=row.account).count() == 2


def test_bad_rows_stay_out_and_good_ones_enter_with_their_own_numbers(db) -> None:
    who = a.doctor()
    good, bad = a.row(who), a.row(who, fee=Decimal("1.00"))
    delivery = a.deliver(
        [],
        read=Read((Item(2, good), Item(5, bad)), (RowError(1, "fee", "bad_amount", "no."),)),
        control={"rows": 3, "payable": Decimal("99.00")},
    )
    assert (delivery.rows, delivery.accepted) == (3, 1)
    assert {e["row"] for e in delivery.errors} == {1, 5}


def test_an_account_that_no_text_column_can_hold_is_an_error_not_a_crash(db) -> None:
    delivery = a.deliver([a.row(a.doctor(), account="A\x00B")])
    assert [e["code"] for e in delivery.errors] == ["bad_account"]


@pytest.mark.parametrize("control", [(3, "1300.00"), (1, "1300.01"), (0, "0.00")])
def test_wrong_control_totals_store_nothing(db, control) -> None:
    with pytest.raises(RuleBroken):
        a.deliver([a.row(a.doctor())], control={"rows": control[0], "payable": Decimal(control[1])})
    assert not OrderDelivery.objects.exists() and not CareOrder.objects.exists()


def test_an_order_that_came_before_its_physician_registered_is_theirs_afterwards(db) -> None:
    rfc = people.rfc_number(9_999)
    a.deliver([a.row(rfc)])
    party = people.a_party(rfc=rfc)
    assert CareOrder.objects.of_parties([party.pk]).count() == 1


def csv_of(*rows, separator: str = ",", encoding: str = "utf-8") -> bytes:
    lines = [separator.join(orders_file.HEADINGS)]
    for one in rows:
        values = [getattr(one, name) for name in orders_file.COLUMNS]
        lines.append(separator.join("sí" if value is True else str(value) for value in values))
    return "\r\n".join(lines).encode(encoding)


def read(content: bytes, *, rows: int = 1, payable: str = "1,300.00", name: str = "ordenes.csv") -> ImportRun:
    return services.read_orders_file(
        insurer_id=str(a.insurer().pk),
        upload=upload_of(name, content),
        rows=rows,
        payable=payable,
        by=people.reviewer(),
        at=a.NOW,
    )


def imported(content: bytes, **told: Any) -> OrderDelivery:
    return imports.apply_run(run=read(content, **told), by=people.reviewer(), at=a.NOW).order_delivery


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16")])
def test_a_csv_is_taken_in_and_kept_as_evidence(db, separator, encoding) -> None:
    row = replace(a.row(a.doctor()), authorised_by="SEGUROS DE PRUEBA")
    run = read(csv_of(row, separator=separator, encoding=encoding))
    assert (run.state, run.new, CareOrder.objects.count()) == ("read", 1, 0), "nothing enters before it is applied"
    delivery = imports.apply_run(run=run, by=people.reviewer(), at=a.NOW).order_delivery
    assert (delivery.accepted, delivery.run.source, delivery.errors) == (1, "file", [])
    assert delivery.run.file.purpose == "orders_csv"
    assert CareOrder.objects.get().patient == "María Núñez Peña"


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16")])
def test_the_kept_copy_of_a_csv_lacks_its_codes_and_the_history_the_hash_of_what_arrived_AC_11(
    db, separator, encoding
) -> None:
    """A code is kept hashed: nobody who may read deliveries can use it. The insurer's own file proves itself."""
    row = replace(a.row(people.rfc_number(4_300)), authorised_by="SEGUROS DE PRUEBA", physician_code="QW12ER7Z")
    wrong = replace(row, account="CTA-MAL", payable=row.payable + 1, physician_code="ML98KJ5H")
    content = csv_of(row, wrong, separator=separator, encoding=encoding)
    run = read(content, rows=2, payable=str(row.payable + wrong.payable))
    assert "QW12ER7Z" in run.secrets and not RfcCode.objects.exists()
    delivery = imports.apply_run(run=run, by=people.reviewer(), at=a.NOW).order_delivery
    assert (delivery.accepted, len(delivery.errors), RfcCode.objects.count()) == (1, 1, 1)
    assert delivery.run.secrets is None
    kept = b"".join(open_file(delivery.run.file))
    assert b"QW12ER7Z" not in kept.replace(b"\x00", b"") and b"ML98KJ5H" not in kept.replace(b"\x00", b"")
    rows, _, errors = read_csv(kept)
    assert (rows, errors) == ([replace(row, physician_code=""), replace(wrong, physician_code="")], [])
    told = AuditEvent.objects.get(action="billing.orders_received")
    assert told.details["sha256"] == hashlib.sha256(content).hexdigest() != delivery.run.file.sha256
    reader = people.reviewer()
    shown = people.signed_in(reader).get(reverse("papers:download", args=[delivery.run.file_id]))
    assert shown.status_code == 200 and b"QW12ER7Z" not in b"".join(shown)


def test_a_csv_without_codes_is_kept_as_it_arrived(db) -> None:
    content = csv_of(replace(a.row(a.doctor()), authorised_by="SEGUROS DE PRUEBA"))
    delivery = imported(content)
    assert b"".join(open_file(delivery.run.file)) == content
    assert AuditEvent.objects.get(action="billing.orders_received").details["sha256"] == delivery.run.file.sha256


@pytest.mark.parametrize(
    ("content", "told", "field"),
    [
        (b"%PDF-1.7\n", {}, "file"),
        (b"cuenta,paciente\nA-1,Ana\n", {}, "file"),
        (b"cuenta\n", {"payable": "mucho"}, "payable"),
        (b"x" * (5 * 1024 * 1024 + 1), {}, "file"),
    ],
    ids=["pdf called csv", "columns", "total", "over 5 MB"],
)
def test_a_csv_that_cannot_be_taken_in_is_refused_in_words_and_stores_nothing(db, content, told, field) -> None:
    with pytest.raises(RuleBroken) as refused:
        read(content, **told)
    assert refused.value.field == field and len(refused.value.message) > 20
    assert not StoredFile.objects.exists() and not OrderDelivery.objects.exists()


def test_a_csv_with_wrong_totals_waits_and_enters_once_they_are_right_without_being_sent_again(db) -> None:
    by = people.reviewer()
    run = read(csv_of(replace(a.row(a.doctor()), authorised_by="SEGUROS DE PRUEBA")), rows=2)
    with pytest.raises(RuleBroken) as refused:
        imports.apply_run(run=run, by=by, at=a.NOW)
    assert refused.value.code == "control_totals" and not OrderDelivery.objects.exists()
    imports.correct_totals(run=run, declared={"rows": 1, "payable": Decimal("1300.00")}, by=by, at=a.NOW)
    imports.apply_run(run=run, by=by, at=a.NOW)
    assert CareOrder.objects.count() == OrderDelivery.objects.count() == 1


def test_a_row_that_only_reads_well_is_told_by_its_place_in_the_sheet(db) -> None:
    bad = replace(a.row(a.doctor()), fee=Decimal("1.00"))
    good = replace(a.row(a.doctor()), authorised_by="SEGUROS DE PRUEBA")
    run = read(b"Entrega de noviembre\r\n\r\n" + csv_of(good, bad), rows=2)
    assert {(error["row"], error["sheet_row"]) for error in run.errors} == {(2, 5)}
    taken = read(csv_of(good, replace(good, patient="Otra persona")), rows=2, payable="2,600.00")
    assert [(one["code"], one["sheet_row"]) for one in taken.errors] == [("account_taken", 3)]


WRONG = {
    "account": ("ab", "-AB", "A" * 31, "CTA 1", "cta-1", "CTA-Ñ", "CTA-1\n"),
    "patient": ("", " ", "\u00a0"),
    "service_on": (TODAY + timedelta(days=1), date(1999, 12, 31)),
    "fee": (Decimal("-1.00"), Decimal("1500.01")),
    "coaseguro": (Decimal("-200.00"),),
    "payable": (Decimal("0.00"), Decimal("-1.00")),
    "authorised_by": ("", "OTRA ASEGURADORA", "SEGUROS"),
    "signed_by_insured": (False,),
    "signed_by_physician": (False,),
    "physician_rfc": ("", "XAXX", "OERL851332AA9"),
    "physician_code": ("corto", "¿?" * 5),
}


def test_the_table_finds_the_wrong_orders_that_the_rule_finds_and_says_them_in_its_words(db) -> None:
    """What is asked in SQL and what is asked of one order are one rule (S0.10-S0.13, C3)."""
    good, payer = a.row(a.doctor()), a.insurer()
    rows = [good, *(replace(good, **{name: value}) for name, values in WRONG.items() for value in values)]
    rows += [
        replace(
            good, account="CTA-OK", authorised_by="Aut. séguros DE  prueba, S.A.", coaseguro=good.fee - 1, payable=1
        )
    ]
    rows = [
        replace(row, account=row.account if row.account != good.account else f"CTA-X{n}") for n, row in enumerate(rows)
    ]
    said = [
        error for n, row in enumerate(rows, 1) for error in check_order(row, number=n, on=TODAY, insurer=payer.name)
    ]
    delivery = a.deliver(rows)
    told = [(error["row"], error["field"], error["code"], error["message"]) for error in delivery.errors]
    assert told == [(one.row, one.field, one.code, one.message) for one in said]
    assert {row for row, *_ in told} == set(range(2, len(rows))) and delivery.accepted == 2


def test_what_enters_is_what_was_judged_or_nothing(db) -> None:
    run = read(csv_of(replace(a.row(a.doctor()), authorised_by="SEGUROS DE PRUEBA")))
    said = {"run": run, "rows": Rows(StagedOrder, run.pk), "by": people.reviewer(), "at": a.NOW}
    with pytest.raises(AssertionError, match="1 orders entered, 2 were judged new"):
        services.apply_orders(**said, judged=Judged(staged=2))


# --- withdrawn -------------------------------------------------------------------------------------------------------


def test_an_order_is_withdrawn_once_with_its_reason(db) -> None:
    order = a.orders(a.doctor())[0]
    by = people.reviewer()
    services.withdraw_order(order=order, reason="Duplicada", by=by, at=a.NOW)
    order.refresh_from_db()
    assert order.state == "withdrawn"
    assert AuditEvent.objects.get(action="billing.order_withdrawn").reason == "Duplicada"
    with pytest.raises(RuleBroken, match="Retirada"):
        services.withdraw_order(order=order, reason="Duplicada", by=by, at=a.NOW)


def test_an_order_is_not_withdrawn_without_a_reason(db) -> None:
    order = a.orders(a.doctor())[0]
    with pytest.raises(RuleBroken) as refused:
        services.withdraw_order(order=order, reason="  ", by=people.reviewer(), at=a.NOW)
    assert refused.value.field == "reason"


def test_a_file_whose_totals_are_not_right_yet_is_kept_until_they_are(db) -> None:
    by = people.reviewer()
    told = {"by": by, "at": a.NOW}
    kept = services.keep_orders_file(upload=upload_of("ordenes.csv", csv_of(a.row(a.doctor()))), **told)
    assert (kept.form, kept.kind, kept.by) == (services.DRAFT, "csv", by)
    with pytest.raises(RuleBroken):
        services.keep_orders_file(upload=upload_of("ordenes.pdf", b"%PDF-1.7"), **told)


def test_ac_11_a_file_that_brings_physicians_codes_is_not_kept_meanwhile(db) -> None:
    told = {"by": people.reviewer(), "at": a.NOW}
    bare = csv_of(a.row(a.doctor()))
    long = bare + b"\r\n" * 3 * 1024 * 1024  # nobody looks for codes in so much
    for content in (csv_of(a.row(a.doctor(), physician_code="K7M2-QX4P")), long):
        with pytest.raises(RuleBroken, match="«codigo_medico», que es secreta") as refused:
            services.keep_orders_file(upload=upload_of("ordenes.csv", content), **told)
        assert refused.value.findings[0].code == "secret_column"
    without = bare.replace(b",codigo_medico", b"").replace(b",\r\n", b"\r\n").rstrip(b",")
    for content in (without, without + long[len(bare) :]):
        assert services.keep_orders_file(upload=upload_of("ordenes.csv", content), **told).size == len(content)
