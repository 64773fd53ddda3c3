"""gunicorn's own voice: its log in the form of all others, its answers with our headers, in Spanish.

bin/_runner/commands.py names the class here. gunicorn answers by itself what never becomes a request: a line it cannot
read (400), an address or headers beyond its limits (414, 431).
"""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from gunicorn import util
from gunicorn.glogging import Logger

from config.logs import JsonLines
from portal import ids
from portal.design.middleware import HEADERS, HSTS

log = logging.getLogger("cauce.server")

_REFUSED = "Invalid request from ip="
_UNREADABLE = (
    "No entendimos la solicitud",
    "Lo que llegó no tiene la forma que usa un navegador. Vuelve a la página anterior e inténtalo otra vez.",
)
_WORDS = {
    414: (
        "La dirección es demasiado larga",
        "No se abrió nada. Entra desde el inicio y llega a la página por el menú, con menos filtros.",
    ),
    431: (
        "Tu navegador envió demasiados datos",
        "No se abrió nada. Borra las cookies de este sitio en tu navegador y entra otra vez.",
    ),
    500: ("Algo falló de nuestro lado", "Ya quedó registrado. Espera un minuto y vuelve a intentar."),
}


class ServerLog(Logger):
    """gunicorn's logger with our formatter; what somebody sent is not repeated in it (AD-05)."""

    def _set_handler(self, log: logging.Logger, output: str, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, JsonLines(), stream)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """As it comes, but a refused request is told by its kind: gunicorn would quote its line or header."""
        if msg.startswith(_REFUSED):
            kind = sys.exc_info()[0]
            msg = f"refused before it was a request: {kind.__name__ if kind else 'unknown'}"
        super().warning(msg, *args, **kwargs)


def write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """gunicorn's answer to what it refuses itself; `mesg` quotes what was sent and is left out."""
    reference = ids.short_code(2)
    log.warning("answered %d by the server itself: %s", status_int, reference)
    heading, message = _WORDS.get(status_int, _UNREADABLE)
    told = {"heading": heading, "message": message, "reference": reference}
    body = render_to_string("errors/refused.html", told).encode()
    headers = {
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": "es-MX",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Request-Id": reference,
        **HEADERS,
        **({"Strict-Transport-Security": HSTS} if settings.HTTPS else {}),
    }
    lines = [
        f"HTTP/1.1 {status_int} {_reason(status_int, reason)}",
        *(f"{name}: {one}" for name, one in headers.items()),
    ]
    util.write_nonblock(sock, "\r\n".join([*lines, "", ""]).encode("latin1") + body)


def _reason(status: int, given: str) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return given


util.write_error = write_error
