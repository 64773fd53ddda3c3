"""What people costs: signing in (G18)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.bench.pairs import Goal, compare
from tests.bench.signed_in import user_of

PASSWORD = "ventana-azul-de-otoño-7"  # of a throw-away person

GOALS = {"G18": Goal("≤", 1.5, 1.2)}


def login() -> None:
    """G18: the whole sign-in request against one argon2id verification with the parameters of the house.

    A browser that came before is the everyday case; a new one is written down, and that on record, too (AU-10).
    """
    from django.contrib.auth.hashers import check_password, make_password
    from django.test import Client

    from config.demo.people import BY_SLUG
    from portal.people import sessions

    user = user_of(BY_SLUG["lucia"].email)
    user.password = make_password(PASSWORD)
    user.save(update_fields=["password"])
    form = urlencode({"identifier": user.email, "password": PASSWORD})  # as a browser sends it

    client = Client(HTTP_HOST="localhost")

    def came(device: str) -> Any:
        client.cookies.clear()  # another browser, of the server that stands: nobody waits for its start
        if device:
            client.cookies[sessions.DEVICE_COOKIE] = device
        answer = client.post("/entrar/", form, content_type="application/x-www-form-urlencoded")
        if answer.status_code != 302:
            raise SystemExit(f"sign-in answered {answer.status_code}")
        return answer

    def bare() -> bool:
        return check_password(PASSWORD, user.password)

    known = came("").cookies[sessions.DEVICE_COOKIE].value
    compare("G18 entrar / argon2id a secas", lambda: came(known), bare)
    compare("    desde un navegador que no se conoce", lambda: came(""), bare)


MEASURES = (login,)
