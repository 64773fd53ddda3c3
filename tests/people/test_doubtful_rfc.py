"""An RFC that the algorithm would not make opens the same doors, with a word about it (domain 2.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.people.models import Party, Registration
from tests.factories import people

pytestmark = pytest.mark.django_db
HOMOCLAVE = "La homoclave I06 no es de las que resultan del cálculo del SAT."
CHECK_DIGIT = "El último carácter del RFC no coincide con el que resulta del cálculo."


@pytest.mark.parametrize(
    ("typed", "kept", "said"),
    [
        ("ccm-650122-i06", "CCM650122I06", HOMOCLAVE),
        ("CCMA650122I06", "CCMA650122I06", HOMOCLAVE),
        ("XAXA850612AB1", "XAXA850612AB1", CHECK_DIGIT),
    ],
)
def test_whoever_signs_up_with_it_is_told_and_not_refused(typed: str, kept: str, said: str) -> None:
    form = {"rfc": typed, "email": "n@ejemplo.mx", "password": "lluvia-en-la-sierra", "consent": "on"}
    answer = Client().post("/registro/?tipo=physician", form)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    # An RFC of twelve is an organisation's: same page, another mail.
    assert list(Registration.objects.values_list("identifier", flat=True)) == ([kept] if len(kept) == 13 else [])


def test_an_rfc_that_the_algorithm_makes_is_told_nothing() -> None:
    form = {"rfc": "IAÑL750210963", "email": "n@ejemplo.mx", "password": "lluvia-en-la-sierra", "consent": "on"}
    page = Client().post("/registro/?tipo=physician", form).content.decode()
    assert "Revisa tu correo" in page
    assert "cálculo" not in page


def test_the_desk_is_told_of_an_organisation_alike() -> None:
    browser: Any = people.signed_in(people.administrator())
    form = {"name": "Compañía Minera", "rfc": "CCM650122I06", "zip_code": "06600", "fiscal_regime": "601"}
    answer = browser.post("/mesa/organizaciones/nueva/", form, follow=True)
    assert Party.objects.get(rfc="CCM650122I06").kind == Party.Kind.ORGANISATION
    assert HOMOCLAVE in answer.content.decode()
