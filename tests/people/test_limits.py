"""What a borrowed session or a curious stranger cannot do: guess, flood mailboxes, learn names (AU-01, AU-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import CommandError, call_command
from django.test import Client

from portal import clock
from portal.access import Role
from portal.errors import TooMany
from portal.history.models import AccessEvent, AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import selectors, services
from portal.people.models import ApiToken, Grant, User
from tests.factories import people
from tests.people.proofs import shown_by_telephone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
CONFIRM = "/cuenta/seguridad/confirmar/"


def test_a_refusal_is_written_down_once_in_ten_minutes_for_each_page_AD_01() -> None:
    curious = people.a_person()
    for view in ("desk:audit", "desk:audit", "people:credentials"):
        services.record_refusal(by=curious, view=view, at=clock.now())
    told = AccessEvent.objects.order_by("pk").values_list("reason", flat=True)
    assert list(told) == ["Sin permiso: desk:audit", "Sin permiso: people:credentials"]


def invite(doctor: User, email: str) -> Grant:
    party = people.own_party(doctor)
    return services.invite_assistant(
        party=party, role=people.Role.PHYSICIAN_ASSISTANT, email=email, name="Ayuda", by=doctor, at=clock.now()
    )


def test_a_one_time_secret_is_no_proof_of_being_there_AU_01() -> None:
    doctor = people.physician()
    client = people.signed_in(doctor, fresh_at=0)
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    secret = mail.opened(Notice.objects.get(kind="recover"))["secret"]
    answer = client.post(CONFIRM, {"password": secret, "next": "/cuenta/"})
    assert answer.status_code == 422 and "clave de un solo uso" in answer.content.decode()
    assert client.session["fresh_at"] == 0
    assert client.post(CONFIRM, {"password": people.PASSWORD, "next": "/cuenta/"}).status_code == 302
    assert client.session["fresh_at"] > 0


def test_a_borrowed_session_does_not_guess_the_password_by_changing_it_AU_10() -> None:
    doctor, other = people.physician(), people.physician()
    client = people.signed_in(doctor)
    guess = {"current": "no-es-esta-7", "password": "una-frase-nueva-de-prueba"}
    assert [client.post("/cuenta/contrasena/", guess).status_code for _ in range(11)] == [422] * 10 + [429]
    right = guess | {"current": people.PASSWORD}
    refused = client.post("/cuenta/contrasena/", right)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    doctor.refresh_from_db()
    assert check_password(people.PASSWORD, doctor.password)
    assert people.signed_in(other).post("/cuenta/contrasena/", right).status_code == 302


def test_nobody_floods_a_mailbox_by_naming_it_as_the_second_one_OP_08() -> None:
    doctor = people.physician()
    for number in range(5):
        services.add_secondary_email(by=doctor, address=f"victima{number}@ejemplo.mx", at=clock.now())
    with pytest.raises(TooMany):
        services.add_secondary_email(by=doctor, address="victima@ejemplo.mx", at=clock.now())
    assert Notice.objects.filter(kind="secondary_confirm").count() == 5
    answer = people.signed_in(doctor).post("/cuenta/segundo-correo/", {"address": "victima@ejemplo.mx"})
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert 'value="victima@ejemplo.mx"' in answer.content.decode()


def test_nobody_floods_mailboxes_with_invitations_OP_08() -> None:
    doctor = people.physician()
    for number in range(10):
        invite(doctor, f"victima{number}@ejemplo.mx")
    with pytest.raises(TooMany):
        invite(doctor, "victima@ejemplo.mx")
    answer = people.signed_in(doctor).post("/cuenta/equipo/", {"name": "V", "email": "victima@ejemplo.mx"})
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0


def test_an_invitation_tells_nobodys_name_AU_03() -> None:
    doctor, known = people.physician(), people.physician(name="Nombre Que No Escribí", email="conocida@ejemplo.mx")
    invite(doctor, known.email)
    invite(doctor, "nueva@ejemplo.mx")
    page = people.signed_in(doctor).get("/cuenta/equipo/").content.decode()
    assert "conocida@ejemplo.mx" in page and "nueva@ejemplo.mx" in page
    assert "Nombre Que No Escribí" not in page


@pytest.mark.parametrize("make", [people.reviewer, people.preparer, people.approver, people.administrator])
def test_a_physician_does_not_choose_the_reviewer_by_inviting_the_others_MO_05(make) -> None:
    doctor, desk = people.physician(), make()
    invite(doctor, desk.email)
    in_force = Grant.objects.in_force(on=clock.today())
    assert not in_force.filter(user=desk, role=Role.PHYSICIAN_ASSISTANT).exists()


def test_the_answers_of_an_invitation_are_the_same_for_known_and_unknown_AU_03() -> None:
    doctor, known = people.physician(), people.physician(email="conocida@ejemplo.mx")
    client: Client = people.signed_in(doctor)
    said = []
    for email in (known.email, "nueva@ejemplo.mx"):
        answer = client.post("/cuenta/equipo/", {"name": "A", "email": email})
        said.append((answer.status_code, answer["Location"]))
    assert said[0] == said[1]


def test_whoever_lost_every_key_gets_a_way_back_from_the_server_alone_AU_08(capsys) -> None:
    lost, other = people.administrator(), people.administrator()
    client = people.signed_in(lost)
    assert client.get("/mesa/personas/").status_code == 200
    Authenticator.objects.create(user=lost, type=Authenticator.Type.WEBAUTHN, data={"name": "perdida"})
    call_command("renew_access", lost.email.upper())
    address, secret = capsys.readouterr().out.splitlines()[0].split("\t")
    assert address == lost.email and not Authenticator.objects.filter(user=lost).exists()
    assert client.get("/mesa/personas/").status_code == 302, "its sessions are over"
    entry = {"identifier": lost.email, "password": people.PASSWORD}
    assert Client().post("/entrar/", entry).status_code == 422, "its password is over"
    answer = Client().post("/entrar/", entry | {"password": secret})
    assert answer["Location"] == "/entrar/elegir-contrasena/"
    assert AuditEvent.objects.get(action="people.access_renewed").subject_id == str(lost.pk)
    assert set(Notice.objects.filter(kind="security_changed").values_list("user", flat=True)) == {lost.pk, other.pk}
    with pytest.raises(CommandError, match="Nadie tiene"):
        call_command("renew_access", "nadie@ejemplo.mx")
    services.disable_person(user=lost, by=other, at=clock.now(), reason="Se fue.")
    with pytest.raises(CommandError, match="cerrado"):
        call_command("renew_access", lost.email)


def test_whoever_lost_every_key_leaves_no_machine_acting_in_their_name_AU_08_AU_12() -> None:
    lost, party = people.administrator(), people.an_insurer()
    real = clock.real_now()
    said = {"party": party, "scopes": ["orders:write"], "by": people.administrator(), "at": clock.now()}
    until = {"expires_at": real + timedelta(days=30)}
    token, secret = services.issue_token(name="Sistema", user=lost, **said, **until)
    _other, kept = services.issue_token(name="Otro", user=people.administrator(), **said, **until)
    old, _past = services.issue_token(name="Vencida", user=lost, **said, expires_at=real + timedelta(seconds=1))
    ApiToken.objects.filter(pk=old.pk).update(created_at=real - timedelta(days=2), expires_at=real - timedelta(days=1))
    assert selectors.live_token(secret, at=clock.real_now()) == token
    services.renew_access(user=lost, at=clock.now())
    assert selectors.live_token(secret, at=clock.real_now()) is None
    assert selectors.live_token(kept, at=clock.real_now()) is not None, "nobody else's machine stops"
    (ended,) = AuditEvent.objects.filter(action="people.token_ended")
    assert (ended.subject_id, ended.by_id, ended.party_id) == (str(token.pk), None, party.pk)
    assert "Se renovó el acceso" in ended.reason
    assert "credenciales de sistemas" in Notice.objects.get(kind="security_changed", user=lost).body


def test_confirming_who_one_is_keeps_the_session_when_the_password_is_kept_anew_AU_12() -> None:
    """A password that another hasher kept is kept anew as soon as it is typed, and a session hangs on what is kept."""
    doctor, page = people.physician(), "/cuenta/seguridad/codigos/"
    doctor.password = make_password(people.PASSWORD, hasher="argon2")  # the tests' own hasher of today is another
    doctor.save(update_fields=["password"])
    browser = people.signed_in(doctor, fresh_at=0)
    assert browser.get(page).url.startswith(CONFIRM)
    answer = browser.post(f"{CONFIRM}?next={page}", {"password": people.PASSWORD})
    assert answer.url == page
    assert User.objects.get(pk=doctor.pk).password != doctor.password, "it was not kept anew: this proves nothing"
    assert browser.get(page).status_code == 200, "confirming sent its owner out"
    (listed,) = UserSession.objects.filter(user=doctor)
    assert listed.session_key == browser.session.session_key


def test_a_changed_password_ends_a_second_step_that_was_under_way_AU_12() -> None:
    """Who typed the old password has ten minutes for the code, unless the password is no longer that one."""
    reviewer, secret = people.reviewer(), generate_totp_secret()
    codes = services.enable_totp(by=reviewer, secret=secret, code=shown_by_telephone(secret), at=clock.now())
    thief, owner = Client(), Client()
    for browser in (thief, owner):
        entry = {"identifier": reviewer.email, "password": people.PASSWORD}
        assert browser.post("/entrar/", entry)["Location"].startswith("/entrar/segundo-paso/")
    assert owner.post("/entrar/segundo-paso/", {"code": codes[0]})["Location"] == "/"
    changed = {"current": people.PASSWORD, "password": "otra frase bien larga de prueba"}
    assert owner.post("/cuenta/contrasena/", changed)["Location"] == "/cuenta/"
    assert thief.post("/entrar/segundo-paso/", {"code": codes[1]})["Location"] == "/entrar/"
    assert "_auth_user_id" not in thief.session
