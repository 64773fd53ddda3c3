"""Schemes of references at the desk (issue 11 C, domain 2.8): a worked example, and what slips are made by stays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from memberships import services
from memberships.models import ReferenceScheme
from memberships.rules import schemes
from memberships.rules.references import LETTERS, Algorithm, Scheme
from portal import clock
from portal.errors import Conflict
from portal.once.rules import FIELD
from tests.breakers.memberships import slip
from tests.factories import memberships as a
from tests.factories import people
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
ROUNDS = 8
TERMS: dict[str, Any] = {
    "label": "Banco del Norte",
    "means": "bank",
    "algorithm": "base97-amount-date",
    "prefix": "77",
    "agreement": "1234567",
    "number_length": 10,
    "base_year": 2014,
    "constant": "2",
    "places": "En ventanilla.",
    "seen": "Al día siguiente.",
}


def test_an_example_is_the_whole_reference_in_its_parts() -> None:
    """Prefix, our number, condensed date, condensed amount, constant, check digits: as the slip would carry them."""
    told = {"prefix": "77", "length": 10, "year": 2026, "amount": Decimal("350.00"), "until": date(2026, 12, 10)}
    found = schemes.example_of(Scheme(Algorithm.BASE97_AMOUNT_DATE, 2014, True, "2"), **told)
    assert [value for _label, value in found.parts] == ["77", "1260000123", found.parts[2][1], found.check]
    assert found.full.replace(" ", "") == "".join(value for _label, value in found.parts)
    assert found.parts[2][1].startswith(f"{(2026 - 2014) * 372 + 11 * 31 + 9}") and len(found.check) == 2
    plain = schemes.example_of(Scheme(Algorithm.PAYNET), **{**told, "prefix": ""})
    assert [label for label, _value in plain.parts] == ["Nuestro número, de la ficha 123", "Dígito verificador"]


def test_a_scheme_is_added_off_looked_at_and_switched_on_and_keeps_its_meaning_once_used() -> None:
    desk, add = people.signed_in(people.collector()), reverse("memberships:add_scheme")
    wrong = (
        ({"code": "paynet"}, 409),
        ({"code": "card"}, 422),
        ({"prefix": "a-1"}, 422),
        ({"constant": ""}, 422),
        ({"letters": "AJ AK"}, 422),
        ({"number_length": 7}, 422),
        ({"base_year": 1988, "number_length": 10}, 422),
    )
    for number, (changed, status) in enumerate(wrong):
        body = {"code": "norte", **TERMS, **changed, FIELD: f"scheme-wrong-{number:04d}"}
        assert desk.post(add, body).status_code == status, changed
    for _twice in range(2):
        assert desk.post(add, {"code": "norte", **TERMS, FIELD: "scheme-added-0001"}).status_code == 302
    made = ReferenceScheme.objects.get(code="norte")
    assert (made.in_use, made.days_rule, made.letters) == (False, "slip.bank_days", LETTERS)
    page, change = reverse("memberships:scheme", args=[made.pk]), reverse("memberships:change_scheme", args=[made.pk])
    shown = desk.get(page + "?importe=700.00&hasta=2026-12-10").content.decode()
    assert "$700.00" in shown and "7712" in shown
    assert "Calcular el ejemplo" in desk.get(page + "?importe=700.00&hasta=1990-01-01").content.decode()
    ReferenceScheme.objects.filter(pk=made.pk).update(base_year=1960)
    assert "Calcular el ejemplo" in desk.get(page).content.decode(), "its years are over: the page says so"
    ReferenceScheme.objects.filter(pk=made.pk).update(base_year=2014)
    on = {**TERMS, "in_use": "on"}
    assert desk.post(change, {**on, FIELD: "scheme-change-0001"}).status_code == 302
    used = slip().scheme  # type: ignore[attr-defined]
    same = {name: getattr(used, name) for name in TERMS} | {"in_use": "on", "places": "Otro lugar."}
    change = reverse("memberships:change_scheme", args=[used.pk])
    for number, moved in enumerate(({"agreement": "999"}, {"letters": "ABC"})):
        assert desk.post(change, {**same, **moved, FIELD: f"scheme-moved-{number:04d}"}).status_code == 409
    assert desk.post(change, {**same, FIELD: "scheme-change-0003"}).status_code == 302
    used.refresh_from_db()
    assert (used.places, used.agreement) == ("Otro lugar.", same["agreement"])
    auditor = people.signed_in(people.auditor())
    assert made.label in auditor.get(reverse("memberships:schemes")).content.decode()
    assert auditor.get(page).status_code == 200 and auditor.post(change, same).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_scheme_changed_while_a_slip_is_made_never_leaves_a_reference_of_other_terms() -> None:
    """Either the change came first and the slip is of the new terms, or the slip did and the change is refused."""
    people.the_operator()
    plan, clerk = a.a_plan(), people.collector()
    seen = set()
    for number in range(ROUNDS):
        scheme = ReferenceScheme.objects.create(
            code=f"vuelta{number}", in_use=True, days_rule="slip.bank_days", **TERMS
        )
        family = a.bare(plan=plan, state="awaiting_payment", joined_on=clock.today())
        told = {"at": clock.now(), "scheme": scheme}
        made, changed = at_once(
            [
                partial(services.make_slip, membership=family, months=1, by=None, **told),
                partial(services.change_scheme, by=clerk, **told, prefix="88"),
            ]
        )
        scheme.refresh_from_db()
        assert made.reference.startswith(scheme.prefix), "what is printed is what is matched"
        assert (scheme.prefix == "77") is isinstance(changed, Conflict)
        seen.add(scheme.prefix)
        services.cancel_slip(slip=made, by=None, at=clock.now())
    assert seen <= {"77", "88"}
