"""A sample gateway of cards: an own process on an own port, while the demo is on. Standard library only.

Its page asks for a card of the table below; what follows is told to the portal in signed events, as a real one would:
late, twice, out of order or falsely signed where the card says so. No card number is kept, no money moves.
"""

import argparse
import hashlib
import hmac
import html
import json
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEADER = "Gateway-Signature"
SIGNED_FOR = 300
TRIES, PAUSE = 4, 2.0  # an event that is not taken is sent again, so many times and seconds apart
FALSE = "otra llave que nadie conoce"
KEEPS = "4000000000000143"  # the card that takes nothing back


@dataclass(frozen=True)
class Sent:
    """One event of a play: its kind, why, after how many seconds, how often, and whether its signature is right."""

    kind: str
    reason: str = ""
    after: float = 0.0
    times: int = 1
    is_true: bool = True


# Sample cards: what its owner reads, and what follows.
CARDS: dict[str, tuple[str, tuple[Sent, ...]]] = {
    "4000000000000010": ("Se aprueba", (Sent("captured"),)),
    "4000000000000028": ("Se rechaza: sin saldo", (Sent("declined", "insufficient_funds"),)),
    "4000000000000036": ("Se rechaza: vencida", (Sent("declined", "expired_card"),)),
    "4000000000000044": ("Se rechaza: bloqueada", (Sent("declined", "card_held"),)),
    "4000000000000051": ("Se rechaza: un dato no coincide", (Sent("declined", "wrong_data"),)),
    "4000000000000069": ("Pide confirmar (3-D Secure)", (Sent("challenged"), Sent("captured"))),
    "4000000000000077": ("No contesta", ()),
    "4000000000000085": ("El aviso llega tarde", (Sent("captured", after=20.0),)),
    "4000000000000093": ("El aviso llega dos veces", (Sent("captured", times=2),)),
    "4000000000000101": ("Avisos en desorden", (Sent("captured"), Sent("challenged", after=2.0))),
    "4000000000000119": (
        "Primero un aviso con firma falsa",
        (Sent("captured", is_true=False), Sent("captured", after=4.0)),
    ),
    "4000000000000127": ("Se aprueba y luego hay contracargo", (Sent("captured"), Sent("charged_back", after=15.0))),
    "4000000000000135": ("Se aprueba y luego se devuelve", (Sent("captured"), Sent("refunded", after=15.0))),
    "4000000000000150": (
        "Pide confirmar (3-D Secure), y avisa dos veces",
        (Sent("challenged"), Sent("captured", times=2)),
    ),
    "4000000000000143": ("Se aprueba, y no acepta devoluciones", (Sent("captured"),)),
}


@dataclass
class Paid:
    """What this gateway knows of an attempt."""

    order: dict[str, str]
    card: str = ""
    said: dict[str, str] | None = None  # the last event, as it was sent
    waits_for: tuple[Sent, ...] = ()


@dataclass
class Gateway:
    """The attempts it was asked to take, and the secret that it shares with the portal."""

    secret: str
    paid: dict[str, Paid] = field(default_factory=dict)
    refunds: dict[str, dict[str, str]] = field(default_factory=dict)  # by folio, each the event that answered it

    def sign(self, body: bytes, *, secret: str = "") -> str:
        """The header that goes with a body."""
        stamp = int(time.time())
        mac = hmac.new((secret or self.secret).encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={stamp},v1={mac}"

    def is_signed(self, body: bytes, header: str) -> bool:
        """Whether the portal signed this, some minutes ago at most."""
        told = dict(part.partition("=")[::2] for part in header.split(","))
        stamp = told.get("t", "")
        if not (stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp)) <= SIGNED_FOR):
            return False
        mac = hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(mac, told.get("v1", ""))

    def take(self, order: str, signature: str) -> Paid | None:
        """Open an attempt that the portal signed; the same one again goes on."""
        if not self.is_signed(order.encode(), signature):
            return None
        told = json.loads(order)
        return self.paid.setdefault(told["attempt"], Paid(told))

    def pay(self, paid: Paid, card: str) -> bool:
        """Play a card once; whether its owner has to confirm first."""
        if paid.card or card not in CARDS:
            return bool(paid.waits_for)
        paid.card = card
        play = CARDS[card][1]
        if play and play[0].kind == "challenged":
            self._tell_later(paid, play[:1])
            paid.waits_for = play[1:]
            return True
        self._tell_later(paid, play)
        return False

    def confirm(self, paid: Paid, *, yes: bool) -> None:
        """What its owner answers the bank."""
        play, paid.waits_for = paid.waits_for, ()
        self._tell_later(paid, play if yes or not play else (Sent("declined", "other"),))

    def state_of(self, asked: dict[str, str]) -> dict[str, str] | None:
        """What is known of an attempt when the portal asks: its last event, or that its time is over.

        One that never came here, or from before this process began, is over with its time.
        """
        paid = self.paid.get(asked["attempt"]) or Paid(asked)
        if paid.said is None and datetime.fromisoformat(paid.order["expires"]) <= datetime.now(UTC):
            paid.said = self._event(paid, Sent("timed_out"))
            self.paid.setdefault(asked["attempt"], paid)
        return paid.said

    def refund(self, asked: dict[str, str]) -> dict[str, str]:
        """Give money back to a card, once a folio; an attempt of before this process is right too."""
        known = self.refunds.get(asked["refund"])
        if known is None:
            paid = self.paid.get(asked["attempt"]) or Paid(asked)
            kind = "refund_declined" if paid.card == KEEPS else "refunded"
            told = {"amount": asked["amount"], "refund": asked["refund"]}
            known = self.refunds[asked["refund"]] = self._event(paid, Sent(kind)) | told
            if kind == "refunded":
                paid.said = known
        return known

    def _event(self, paid: Paid, sent: Sent) -> dict[str, str]:
        return {
            "id": uuid.uuid4().hex,
            "kind": sent.kind,
            "attempt": paid.order["attempt"],
            "amount": paid.order["amount"],
            "reason": sent.reason,
            "at": datetime.now(UTC).isoformat(),
        }

    def _tell_later(self, paid: Paid, play: tuple[Sent, ...]) -> None:
        for sent in play:
            threading.Thread(target=self._tell, args=(paid, sent), daemon=True).start()

    def _tell(self, paid: Paid, sent: Sent) -> None:
        time.sleep(sent.after)
        event = self._event(paid, sent)
        if sent.is_true and sent.kind != "challenged":
            paid.said = event
        body = json.dumps(event, sort_keys=True).encode()
        for _each in range(sent.times):
            for _try in range(TRIES if sent.is_true else 1):
                header = self.sign(body, secret="" if sent.is_true else FALSE)
                if post(paid.order["events"], body, header):
                    break
                time.sleep(PAUSE)


def post(address: str, body: bytes, signature: str) -> bool:
    """Send one event; whether the portal took it."""
    headers = {"Content-Type": "application/json", HEADER: signature}
    asked = urllib.request.Request(address, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return 200 <= answer.status < 300
    except urllib.error.HTTPError as refused:
        print(f"{refused.code} {refused.read(400).decode(errors='replace')}", flush=True)
    except OSError as error:
        print(error, flush=True)
    return False


STYLE = (
    ":root{color-scheme:light dark;accent-color:teal}body{font:1rem/1.5 system-ui;max-width:34rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.75rem;line-height:1.2}fieldset{margin:1.5rem 0;padding:0;border:0}"
    "legend{padding:0;font-weight:600}label{display:flex;gap:.75rem;align-items:baseline;padding:.625rem 0;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}button{font:inherit;font-weight:600;"
    "min-height:2.75rem;margin-right:.5rem;padding:0 1.25rem;border:1px solid;border-radius:.5rem;background:none;"
    "color:inherit}"
    "button.first{border-color:transparent;background:CanvasText;color:Canvas}"
)


def page(title: str, body: str) -> bytes:
    """A plain page of this gateway's own."""
    return (
        '<!DOCTYPE html><html lang="es-MX"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{body}</main></html>"
    ).encode()


def choose_page(paid: Paid, order: str, signature: str) -> bytes:
    """Where a sample card is chosen."""
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in (("order", order), ("signature", signature))
    )
    choices = "".join(
        f'<label><input type="radio" name="card" value="{number}" required{" checked" if not place else ""}>'
        f"<span>{number[:4]} … {number[-4:]}: {told}</span></label>"
        for place, (number, (told, _play)) in enumerate(CARDS.items())
    )
    return page(
        "Pasarela de prueba",
        f"<p>Pagas <strong>${html.escape(paid.order['amount'])} MXN</strong>. Es de prueba: elige una tarjeta de "
        f'muestra, no escribas la tuya.</p><form method="post" action="/tarjeta">{kept}<fieldset><legend>Tarjetas de '
        f'muestra</legend>{choices}</fieldset><button class="first">Pagar</button></form>',
    )


def confirm_page(attempt: str, order: str, signature: str) -> bytes:
    """Where a bank asks its customer."""
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in (("order", order), ("signature", signature))
    )
    return page(
        "Confirma con tu banco",
        f"<p>Tu banco pregunta si reconoces el pago {html.escape(attempt)}.</p>"
        f'<form method="post" action="/confirmar">{kept}<button class="first" name="yes" value="1">Sí, lo reconozco'
        "</button> "
        '<button name="yes" value="">No</button></form>',
    )


class Handler(BaseHTTPRequestHandler):
    """The gateway's few addresses."""

    gateway: Gateway

    def do_POST(self) -> None:
        """The portal's order, a card, or an answer to the bank."""
        size = min(int(self.headers.get("Content-Length") or 0), 20_000)
        body = self.rfile.read(size)
        if self.path == "/devoluciones":
            self._refund(body)
            return
        form = urllib.parse.parse_qs(body.decode(errors="replace"), keep_blank_values=True)
        order, signature = form.get("order", [""])[0], form.get("signature", [""])[0]
        paid = self.gateway.take(order, signature)
        if paid is None:
            self._answer(400, page("Orden sin firma", "<p>El portal no firmó esta orden, o ya pasó su tiempo.</p>"))
        elif self.path == "/pagar" and not paid.card:
            self._answer(200, choose_page(paid, order, signature))
        elif self.path == "/tarjeta" and self.gateway.pay(paid, form.get("card", [""])[0]):
            self._answer(200, confirm_page(paid.order["attempt"], order, signature))
        else:
            if self.path == "/confirmar":
                self.gateway.confirm(paid, yes=bool(form.get("yes", [""])[0]))
            self._back(paid)

    def do_GET(self) -> None:
        """What the portal asks of an attempt; answered as a signed event."""
        place, _mark, query = self.path.partition("?")
        asked = place == "/intentos" and self.gateway.is_signed(query.encode(), self.headers.get(HEADER, ""))
        event = self.gateway.state_of(dict(urllib.parse.parse_qsl(query))) if asked else None
        if event is None:
            self._answer(404 if asked else 403, b"")
        else:
            self._say(event)

    def _refund(self, body: bytes) -> None:
        """What the portal asks back; who did not sign it is told nothing."""
        if self.gateway.is_signed(body, self.headers.get(HEADER, "")):
            self._say(self.gateway.refund(json.loads(body)))
        else:
            self._answer(403, b"")

    def _say(self, event: dict[str, str]) -> None:
        body = json.dumps(event, sort_keys=True).encode()
        self._answer(200, body, {HEADER: self.gateway.sign(body), "Content-Type": "application/json"})

    def _back(self, paid: Paid) -> None:
        self._answer(303, b"", {"Location": paid.order["back"]})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(port: int, secret: str) -> ThreadingHTTPServer:
    """A gateway that listens on this machine alone; port 0 takes a free one."""
    handler = type("Handler", (Handler,), {"gateway": Gateway(secret)})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def run(arguments: list[str]) -> int:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(prog="bin/cauce.py gateway", description="Una pasarela de tarjetas de prueba.")
    parser.add_argument("--port", type=int, required=True)
    serve(parser.parse_args(arguments).port, os.environ["GATEWAY_SECRET"]).serve_forever()
    return 0
