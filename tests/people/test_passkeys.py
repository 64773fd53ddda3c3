"""The passkey ceremony against a software authenticator (AU-08, AU-09)."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256

from portal import clock
from portal.history.models import AuditEvent
from portal.people import passkeys, services
from portal.people.models import User
from tests.factories import people

pytestmark = pytest.mark.django_db
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class SoftKey:
    """A passkey in memory; every part of its answer can be made wrong."""

    def __init__(self, user: User) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.identifier, self.handle, self.count = b"key-" + user.pk.bytes, user.pk.bytes, 0

    def _client_data(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _auth_data(self, flags: int, host: str, extra: bytes = b"") -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count) + extra

    def create(self, options: dict[str, Any], *, origin: str = "", flags: int = PRESENT | VERIFIED) -> dict[str, Any]:
        client = self._client_data("webauthn.create", options["challenge"], origin or settings.BASE_URL)
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        extra = bytes(16) + struct.pack(">H", len(self.identifier)) + self.identifier + public
        auth = self._auth_data(flags | ATTESTED, options["rp"]["id"], extra)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": auth})
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def get(self, options: dict[str, Any], *, origin: str = "", flags: int = PRESENT | VERIFIED) -> dict[str, Any]:
        self.count += 1
        client = self._client_data("webauthn.get", options["challenge"], origin or settings.BASE_URL)
        auth = self._auth_data(flags, options["rpId"])
        signature = self.key.sign(auth + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": auth, "signature": signature, "userHandle": self.handle}
        return self._answer({name: b64(raw) for name, raw in parts.items()})

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        ident = b64(self.identifier)
        return {"id": ident, "rawId": ident, "type": "public-key", "response": response, "clientExtensionResults": {}}


def with_key(user: User) -> SoftKey:
    key = SoftKey(user)
    options, state = passkeys.begin_registration(user)
    services.add_passkey(by=user, state=state, response=key.create(plain(options)), name="Huella", at=clock.now())
    return key


def plain(options: Any) -> dict[str, Any]:
    return json.loads(json.dumps(options))


def test_options_ask_for_user_verification_here_and_nowhere_else() -> None:
    options = plain(passkeys.begin_registration(people.physician())[0])
    assert options["rp"]["id"] == urlsplit(settings.BASE_URL).hostname
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(base64.urlsafe_b64decode(options["challenge"] + "==")) >= 16


def test_a_passkey_alone_signs_in_and_opens_finance_AU_08() -> None:
    approver = people.approver()
    key, client = with_key(approver), Client()
    options = client.post("/entrar/llave/opciones/").json()
    answer = client.post("/entrar/llave/", {"credential": json.dumps(key.get(options)), "next": "/cuenta/"})
    assert answer.url == "/cuenta/"
    assert client.session["factor"] == "passkey"
    assert client.get("/cuenta/").status_code == 200
    assert client.post("/entrar/llave/", {"credential": json.dumps(key.get(options))}).url == "/entrar/"


def test_a_password_with_a_passkey_still_owes_the_second_step() -> None:
    approver = people.approver()
    key, client = with_key(approver), Client()
    answer = client.post("/entrar/", {"identifier": approver.email, "password": people.PASSWORD})
    assert answer.url.startswith("/entrar/segundo-paso/")
    assert "_auth_user_id" not in client.session
    page = client.get(answer.url)
    options = json.loads(page.context["options"])
    assert client.post("/entrar/segundo-paso/", {"code": "123456"}).status_code == 200
    options = json.loads(client.get("/entrar/segundo-paso/").context["options"])
    assert client.post("/entrar/segundo-paso/llave/", {"credential": json.dumps(key.get(options))}).url == "/"
    assert client.session["factor"] == "passkey"


def test_finance_enrols_its_passkey_in_the_first_session_AU_08() -> None:
    approver, client = people.approver(), Client()
    client.post("/entrar/", {"identifier": approver.email, "password": people.PASSWORD})
    page = client.get("/cuenta/seguridad/llaves/agregar/")
    made = SoftKey(approver).create(json.loads(page.context["options"]))
    shown = client.post("/cuenta/seguridad/llaves/agregar/", {"credential": json.dumps(made), "name": "Mi huella"})
    assert "códigos de rescate" in shown.content.decode()
    assert client.get("/cuenta/").status_code == 200
    assert client.get("/cuenta/seguridad/").status_code == 200


def test_a_fresh_confirmation_comes_back_to_where_it_was_asked_AU_08() -> None:
    approver = people.approver()
    key = with_key(approver)
    client = people.signed_in(approver, fresh_at=0)
    answer = client.get("/cuenta/seguridad/llaves/agregar/")
    assert answer.url.startswith("/cuenta/seguridad/confirmar/?next=")
    options = json.loads(client.get(answer.url).context["options"])
    sent = {"credential": json.dumps(key.get(options)), "next": "/cuenta/seguridad/llaves/agregar/"}
    assert client.post("/cuenta/seguridad/confirmar/llave/", sent).url == "/cuenta/seguridad/llaves/agregar/"
    assert client.get("/cuenta/seguridad/llaves/agregar/").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"origin": "http://malo.example"}, {"origin": "http://localhost:9"}, {"flags": PRESENT}]
)
def test_wrong_origin_or_no_verification_is_refused_AU_09(wrong: dict[str, Any]) -> None:
    doctor = people.physician()
    key = with_key(doctor)
    options, state = passkeys.begin_authentication(doctor)
    with pytest.raises(passkeys.PasskeyRefused):
        services.use_passkey(at=clock.now(), user=doctor, state=state, response=key.get(plain(options), **wrong))
    assert services.use_passkey(at=clock.now(), user=doctor, state=state, response=key.get(plain(options))) == doctor
    other = people.physician()
    options, state = passkeys.begin_registration(other)
    said = {"by": other, "state": state, "name": "", "at": clock.now()}
    with pytest.raises(passkeys.PasskeyRefused):
        services.add_passkey(response=SoftKey(other).create(plain(options), **wrong), **said)
    assert not Authenticator.objects.filter(user=other).exists()
    assert services.add_passkey(response=SoftKey(other).create(plain(options)), **said)


def test_a_copied_key_an_old_challenge_and_anothers_key_are_refused_AU_09() -> None:
    doctor, stranger = people.physician(), people.stranger()
    key, theirs = with_key(doctor), with_key(stranger)
    options, state = passkeys.begin_authentication(doctor)
    with pytest.raises(passkeys.PasskeyRefused):
        services.use_passkey(at=clock.now(), user=doctor, state=state, response=theirs.get(plain(options)))
    old = {**state, "at": state["at"] - 301}
    with pytest.raises(passkeys.PasskeyRefused):
        services.use_passkey(at=clock.now(), user=doctor, state=old, response=key.get(plain(options)))
    with pytest.raises(passkeys.PasskeyRefused):
        services.use_passkey(at=clock.now(), user=doctor, state=None, response=key.get(plain(options)))
    assert services.use_passkey(at=clock.now(), user=doctor, state=state, response=key.get(plain(options))) == doctor
    Authenticator.objects.filter(user=doctor, type="webauthn").update(
        data={**Authenticator.objects.get(user=doctor, type="webauthn").data, "count": 99}
    )
    with pytest.raises(passkeys.PasskeyRefused):
        services.use_passkey(at=clock.now(), user=doctor, state=state, response=key.get(plain(options)))
    refused = AuditEvent.objects.filter(action="people.second_step_failed", subject_id=str(doctor.pk)).order_by("pk")
    told = [event.details["refused"].removeprefix("passkey_") for event in refused]
    assert told == ["assertion", "stale", "stale", "counter"] and {event.by for event in refused} == {None}
    for rubbish in ({}, {"response": {}}, {"response": {"userHandle": "xx"}}, [], None, "x"):
        with pytest.raises(passkeys.PasskeyRefused):
            services.use_passkey(at=clock.now(), user=None, state=state, response=rubbish)
