"""Credentials of other organisations' systems, and those organisations (issue 2 C, AU-08)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portal import clock
from portal.access import Role
from portal.errors import RuleBroken
from portal.people import rules, services
from portal.people.models import ApiToken, Party, User
from tests.factories import people

pytestmark = pytest.mark.django_db
NEW, LIST = "/mesa/credenciales/nueva/", "/mesa/credenciales/"


def asked(party: Party, **other: Any) -> dict[str, Any]:
    until = clock.date_in(clock.real_now()) + timedelta(days=30)
    return {
        "party": str(party.pk),
        "name": "Sistema de órdenes",
        "email": "sistemas@aseguradora.mx",
        "person": "Eva Sol",
        "scopes": ["orders:write"],
        "until": until.isoformat(),
        **other,
    }


def secret_in(page: Any) -> str:
    found = re.search(r"cauce_[\w-]{40,}", page.content.decode())
    assert found
    return found[0]


def send(secret: str) -> int:
    body = {"control": {"rows": 0, "payable": "0.00"}, "orders": []}
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "0123456789abcdef"}
    return Client().post("/api/v1/ordenes/", body, content_type="application/json", headers=headers).status_code


def test_a_credential_is_shown_once_and_opens_the_door_until_it_is_ended() -> None:
    desk, insurer = people.signed_in(people.administrator()), people.an_insurer()
    assert desk.get(NEW).status_code == 200
    page = desk.post(NEW, asked(insurer))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    secret, token = secret_in(page), ApiToken.objects.get()
    assert token.digest == rules.digest(secret)
    assert token.user.roles == {Role.INSURER_API}
    listed = desk.get(LIST).content.decode()
    assert "Sistema de órdenes" in listed and secret not in listed
    assert send(secret) == 422  # let in, and told that an empty delivery is none
    end = f"{LIST}{token.pk}/terminar/"
    assert f'href="{end}"' in listed and "¿Terminar «Sistema de órdenes»?" in desk.get(end).content.decode()
    assert desk.post(end).status_code == 302
    assert desk.post(end).status_code == 409
    ended = desk.get(f"{LIST}?estado=ended").content.decode()
    assert "Sistema de órdenes" in ended and f'href="{end}"' not in ended
    assert "Sistema de órdenes" not in desk.get(f"{LIST}?estado=live").content.decode()
    assert send(secret) == 401


def test_a_name_lives_once_and_a_year_is_the_most() -> None:
    desk, insurer = people.signed_in(people.administrator()), people.an_insurer()
    assert desk.post(NEW, asked(insurer)).status_code == 200
    assert desk.post(NEW, asked(insurer)).status_code == 409
    far = (clock.date_in(clock.real_now()) + timedelta(days=380)).isoformat()
    assert desk.post(NEW, asked(insurer, name="Otro", until=far)).status_code == 422
    assert desk.post(NEW, asked(insurer, name="Otro", scopes=[])).status_code == 422
    assert desk.post(NEW, asked(people.the_operator(), name="Otro")).status_code == 422
    assert ApiToken.objects.count() == 1
    past = clock.real_now() - timedelta(seconds=1)
    ApiToken.objects.update(created_at=past - timedelta(days=1), expires_at=past)
    assert desk.post(NEW, asked(insurer)).status_code == 200, "one that expired frees its name"
    assert [one.ended_at for one in ApiToken.objects.order_by("created_at")] == [past, None]
    with pytest.raises(IntegrityError, match="one_live_token_per_name"), transaction.atomic():
        ApiToken.objects.create(
            name="Sistema de órdenes",
            user=people.a_person(),
            party=insurer,
            digest="x" * 64,
            scopes=["orders:write"],
            issued_by=User.objects.order_by("pk")[0],
            created_at=clock.real_now(),
            expires_at=clock.real_now() + timedelta(days=1),
        )


def test_no_administrator_acts_on_payments_as_another_person_MO_05() -> None:
    administrator, payer, operator = people.administrator(), people.preparer(), people.the_operator()
    desk = people.signed_in(administrator)
    assert "payments:act" not in desk.get(NEW).content.decode()
    for party in (operator, people.an_insurer()):
        assert desk.post(NEW, asked(party, scopes=["payments:act"], email=payer.email)).status_code == 422
        with pytest.raises(RuleBroken) as refused:
            services.give_credential(
                party=party,
                name="Pagos",
                email=payer.email,
                person="",
                scopes=["payments:act"],
                until=clock.date_in(clock.real_now()),
                by=administrator,
                at=clock.now(),
            )
        assert refused.value.code == "acting_is_own"
    assert not ApiToken.objects.exists()


def test_giving_one_takes_a_fresh_proof_AU_08() -> None:
    stale = people.signed_in(people.administrator(), fresh_at=clock.real_now().timestamp() - 360)
    assert stale.post(NEW, asked(people.an_insurer())).url.startswith("/cuenta/seguridad/confirmar/")
    assert not ApiToken.objects.exists()


def test_nobody_answers_for_a_credential_that_he_gives() -> None:
    administrator = people.administrator()
    desk = people.signed_in(administrator)
    assert desk.post(NEW, asked(people.an_insurer(), email=administrator.email)).status_code == 422
    assert not ApiToken.objects.exists()


def test_only_administration_gives_credentials() -> None:
    insurer = people.an_insurer()
    for actor in (people.physician(), people.reviewer(), people.support(), people.auditor()):
        client = people.signed_in(actor)
        assert client.get(LIST).status_code == client.post(NEW, asked(insurer)).status_code == 403
    assert Client().get(LIST).status_code == 302
    assert not ApiToken.objects.exists()


def test_closing_the_account_that_answers_ends_its_credentials_AU_12() -> None:
    administrator, insurer = people.administrator(), people.an_insurer()
    secret = secret_in(people.signed_in(administrator).post(NEW, asked(insurer)))
    user = ApiToken.objects.get().user
    services.disable_person(user=user, by=administrator, at=clock.now(), reason="Dejó la aseguradora.")
    assert send(secret) == 401


def test_an_insurer_is_added_once_with_what_its_cfdi_needs() -> None:
    desk = people.signed_in(people.administrator())
    form = {
        "name": "Seguros del Norte",
        "rfc": people.rfc_number(771, person=False),
        "zip_code": "06600",
        "fiscal_regime": "601",
    }
    answer = desk.post("/mesa/organizaciones/nueva/", form)
    made = Party.objects.get(rfc=form["rfc"])
    assert answer.url == f"{NEW}?organizacion={made.pk}"
    assert (made.kind, made.name, made.is_operator) == ("organisation", "SEGUROS DEL NORTE", False)
    assert desk.post("/mesa/organizaciones/nueva/", form).status_code == 409
    assert desk.post("/mesa/organizaciones/nueva/", form | {"rfc": "X"}).status_code == 422
    assert desk.get(answer.url).status_code == 200
    assert people.signed_in(people.reviewer()).get("/mesa/organizaciones/nueva/").status_code == 403
