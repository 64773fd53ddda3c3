"""Sign-up by the ways that apps declare: identifier, e-mail, password, consent; no account before the mail is confirmed
(S0.2, S0.3).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from portal import clock, identifiers, queue
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import notify, write_to
from portal.people import rules, selectors
from portal.people.models import Consent, ConsentText, Grant, Party, Registration, SignInIdentifier, User
from portal.people.services import throttles
from portal.people.services.consents import accept_consent
from portal.people.services.grants import judge_role
from portal.people.services.one_time import NOBODY, kept_if
from portal.people.services.passwords import check_new_password

KNOWN = "Ya hay un perfil con ese correo o ese {identifier}. Entra, o recupera tu acceso."


def check_identifier(kind: str, typed: str) -> str:
    """The canonical RFC, RUT or CURP. Raises RuleBroken with its cause and cure."""
    checked = identifiers.check(kind, typed)
    if checked.error is not None:
        text = " ".join(part for part in (checked.error.message, checked.error.cure) if part)
        raise RuleBroken(text, code=checked.error.code, field=kind)
    return checked.canonical or ""


def check_rfc(typed: str) -> str:
    """The canonical RFC. Raises RuleBroken with its cause and cure."""
    return check_identifier("rfc", typed)


def register_person(
    *, role: str, identifier: str, email: str, password: str, text: ConsentText, ip: str, at: datetime
) -> None:
    """Take a sign-up of a declared way; the mail tells what follows, the answer is the same for everybody (AU-03).

    Raises RuleBroken for a role that nobody signs up for, a malformed identifier, address or password, or a text that
    it does not ask for; TooMany above 20 an hour from one address.
    """
    way = rules.SIGN_UPS.get(role)
    if way is None or text.kind != way.consents[0]:
        raise RuleBroken("Esa forma de registrarse no existe. Elige una de la página de registro.", code="no_sign_up")
    kind = selectors.kind_typed(way, identifier)
    identifier, email = _checked_as(kind, identifier, way), rules.clean_email(email)
    candidate = User(email=email)
    candidate.typed_identifiers = [identifier]  # type: ignore[attr-defined]
    check_new_password(password, candidate)
    waiting = Registration(role=role, kind=kind, email=email, password=make_password(password), text=text)
    waiting.identifier = selectors.as_stored(kind, identifier)
    waiting.sealed = identifier if kind == SignInIdentifier.Kind.CURP else ""
    if throttles.limit_mail(scope="sign_up", target=email, ip=ip):
        _answer_waiting(waiting, at=at)


def _checked_as(kind: str, typed: str, way: rules.SignUp) -> str:
    """The canonical identifier; what is wrong with it stands at the way's one field."""
    try:
        return check_identifier(kind, typed)
    except RuleBroken as broken:
        raise RuleBroken(broken.message, code=broken.code, field=way.identifier) from broken


def _claimed(waiting: Registration) -> dict[str, Any] | None:
    """The party that this sign-up claims, as it is looked up; None where it claims none and gets a new one."""
    return {waiting.kind: waiting.identifier} if rules.SIGN_UPS[waiting.role].claims else None


def _bars(waiting: Registration) -> QuerySet[SignInIdentifier]:
    """Who signs in by this identifier and keeps it: everybody, or for a way that claims a party whoever claimed it.

    What was only typed at a door that claims nothing bars no claim; its claimant takes it over.
    """
    named = SignInIdentifier.objects.filter(canonical=waiting.identifier)
    claimed = _claimed(waiting)
    held = {f"user__grants__party__{kind}": value for kind, value in (claimed or {}).items()}
    return named.filter(**held)


def _take_over(waiting: Registration, *, at: datetime, by: User | None = None) -> None:
    """What somebody typed without claiming is its claimant's now; they are told, and keep their address."""
    named_so = SignInIdentifier.objects.filter(canonical=waiting.identifier).exclude(pk__in=_bars(waiting).values("pk"))
    for named in named_so.exclude(user=by).select_related("user"):
        named.delete()
        told = waiting.kind.upper()
        what = f"Tu {told} ya no abre este perfil: alguien se registró con él. Entra con tu correo. "
        notify(
            user_ids=[named.user_id],
            kind="security_changed",
            key=f"taken_over:{waiting.pk}",
            url=reverse("help:contact"),
            at=at,
            context={"what": f"{what}Si el {told} es tuyo, escríbenos."},
        )
        record(action="people.identifier_taken_over", subject=named.user, by=None, at=at)


def _is_taken(waiting: Registration) -> bool:
    """Whether a sign-up must not get this party: somebody signs in with its identifier, no person can own it, or it is
    bound (AU-15).

    Rows that wait for an RFC are no bar: they bind no party (S0.2). All of it is asked whatever the first answer says:
    what is asked tells nothing either (AU-03).
    """
    claimed = _claimed(waiting) or {"pk": NOBODY}
    party = Party.objects.filter(**claimed).first() or Party(pk=NOBODY)
    signs_in = _bars(waiting).exists()
    bound = selectors.is_bound(party)
    return (waiting.kind == "rfc" and not rules.is_rfc_of_a_person(waiting.identifier)) or signs_in or bound


@transaction.atomic
def _answer_waiting(waiting: Registration, *, at: datetime) -> None:
    """Open the sign-up, or do the same work and keep nothing but the mail that says why; a closed account gets none."""
    email, token = waiting.email, secrets.token_urlsafe(24)
    known, taken = selectors.person_by_email(email), _is_taken(waiting)
    opens, now = known is None and not taken, clock.real_now()
    waiting.digest, waiting.created_at, waiting.expires_at = rules.digest(token), now, now + rules.REGISTRATION_LIFE
    with kept_if(opens):
        waiting.save(force_insert=True)
    with kept_if(known is None or known.is_active):
        _write_mail(
            known, taken, email=email, what=waiting.kind.upper(), token=token, key=f"sign_up:{waiting.pk}", at=at
        )
    queue.kick("notices")
    action = "people.sign_up_asked" if opens else "people.sign_up_refused"
    record(action=action, subject=waiting, by=None, at=at)


def _write_mail(known: User | None, taken: bool, *, email: str, what: str, token: str, key: str, at: datetime) -> None:
    """The one mail that follows: to whoever has an account, has it under another address, or may confirm."""
    context = {"hours": 24}
    if known is not None:
        url, label = reverse("people:recover"), "Recuperar acceso"
        write_to(address=email, kind="sign_up_known", key=key, context=context, url=url, at=at, action_label=label)
    elif taken:
        told = {"what": what, "is_rfc": what == "RFC"}
        write_to(address=email, kind="sign_up_rfc_taken", key=key, context=told, url=reverse("help:contact"), at=at)
    else:
        link, url, label = reverse("people:confirm", args=[token]), reverse("people:sign_up"), "Confirmar mi correo"
        write_to(
            address=email,
            kind="sign_up_confirm",
            key=key,
            context=context,
            secret_url=link,
            url=url,
            at=at,
            action_label=label,
        )


@transaction.atomic
def confirm_email(*, token: str, at: datetime) -> User:
    """Turn a sign-up into person, party and role; a second click changes nothing. Raises RuleBroken."""
    waiting = (
        Registration.objects.select_for_update()
        .filter(digest=rules.digest(token), expires_at__gt=clock.real_now())
        .first()
    )
    if waiting is None:
        raise RuleBroken("Este enlace ya venció. Regístrate otra vez y te mandamos otro.", code="confirmation_gone")
    if waiting.confirmed_at is not None:
        return User.objects.get(email=waiting.email)
    # Whoever binds this party at this moment is waited for, and seen.
    way, claimed = rules.SIGN_UPS[waiting.role], _claimed(waiting)
    if claimed:
        Party.objects.select_for_update().filter(**claimed).first()
    if selectors.person_by_email(waiting.email) is not None or _is_taken(waiting):
        raise Conflict(KNOWN.format(identifier=waiting.kind.upper()), code="already_registered")
    try:
        with transaction.atomic():
            user = _make_person(waiting, way, at=at)
    except IntegrityError as error:  # two links of one RFC or address at once: the second one learns it here
        raise Conflict(KNOWN.format(identifier=waiting.kind.upper()), code="already_registered") from error
    waiting.confirmed_at, waiting.password = clock.real_now(), "!"
    waiting.save(update_fields=["confirmed_at", "password"])
    record(action="people.registered", subject=user, by=user, at=at, details={"role": way.role})
    return user


def _make_person(waiting: Registration, way: rules.SignUp, *, at: datetime) -> User:
    user = User.objects.create(email=waiting.email, password=waiting.password, email_confirmed_at=at, created_at=at)
    party = _party_of(waiting, at=at)
    _take_over(waiting, at=at)
    SignInIdentifier.objects.create(user=user, kind=SignInIdentifier.Kind.EMAIL, canonical=waiting.email)
    SignInIdentifier.objects.create(user=user, kind=waiting.kind, canonical=waiting.identifier, sealed=waiting.sealed)
    Grant.objects.create(user=user, party=party, role=way.role, since=clock.date_in(at))
    Consent.objects.create(user=user, text=waiting.text, purposes=["necessary"], proof="sign-up", at=at)
    return user


def _party_of(waiting: Registration, *, at: datetime) -> Party:
    made: dict[str, Any] = {"kind": Party.Kind.PERSON, "created_at": at}
    claimed = _claimed(waiting)
    if claimed is None:
        return Party.objects.create(**made)
    return Party.objects.get_or_create(**claimed, defaults=made)[0]


@transaction.atomic
def take_way(*, role: str, identifier: str, text: ConsentText, by: User, at: datetime) -> Party:
    """Somebody who has an account signs up in another declared way too; answers the party in which they hold its role.

    Where the way claims a party, that is the one of their RFC, under the bars of any sign-up (AU-15). Raises RuleBroken
    for a way that does not exist, a text that it does not ask for, a malformed identifier or a role that does not go
    with what they hold, Conflict for an RFC that cannot be claimed.
    """
    way = rules.SIGN_UPS.get(role)
    if way is None or text.kind != way.consents[0]:
        raise RuleBroken("Esa forma de usar el portal no existe. Elige una de la lista.", code="no_sign_up")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    held = Grant.objects.in_force(on=clock.date_in(at)).filter(user=by, role=role).select_related("party")
    if (grant := held.order_by("since", "pk").first()) is not None:
        return grant.party
    accept_consent(by=by, text=text, purposes=["necessary"], proof="sign-up", at=at)
    if not way.claims:
        return begin_role(role=role, by=by, at=at)
    judge_role(user=by, role=Role(role), at=at)
    kind = selectors.kind_typed(way, identifier)
    claim = Registration(role=role, kind=kind, identifier=selectors.as_stored(kind, _checked_as(kind, identifier, way)))
    party = _claim_party(claim, way, by=by, at=at)
    Grant.objects.create(user=by, party=party, role=role, since=clock.date_in(at))
    by.__dict__.pop("live_grants", None)
    record(action="people.role_begun", subject=by, by=by, at=at, party_id=party.pk, details={"role": role})
    return party


def _claim_party(claim: Registration, way: rules.SignUp, *, by: User, at: datetime) -> Party:
    """The party of the identifier, which opens this account too from now on. Raises Conflict for one that is taken."""
    claimed = _claimed(claim) or {"pk": NOBODY}
    party = Party.objects.select_for_update().filter(**claimed).first()
    signs_in = _bars(claim).exclude(user=by).exists()
    owned = claim.kind != "rfc" or rules.is_rfc_of_a_person(claim.identifier)
    if signs_in or not owned or (party is not None and selectors.is_bound(party)):
        raise Conflict(
            f"Con ese {way.asked} no se puede abrir otra forma de usar tu perfil. Revísalo; si es tuyo, escríbenos "
            "desde «Contacto».",
            code="already_registered",
            field=way.identifier,
        )
    _take_over(claim, at=at, by=by)
    SignInIdentifier.objects.get_or_create(kind=claim.kind, canonical=claim.identifier, defaults={"user": by})
    return party or _party_of(claim, at=at)


@transaction.atomic
def begin_role(*, role: str, by: User, at: datetime) -> Party:
    """Somebody who is signed in takes a declared way too; answers their own party, a new one where they have none.

    Who came this way before keeps the party they have. Raises RuleBroken for a role that nobody signs up for, or that
    does not go with what they hold.
    """
    if role not in rules.SIGN_UPS:
        raise RuleBroken("Esa forma de registrarse no existe. Elige una de la página de registro.", code="no_sign_up")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    on = clock.date_in(at)
    held = Grant.objects.in_force(on=on).filter(user=by, role=role).select_related("party")
    if (grant := held.order_by("since", "pk").first()) is not None:
        return grant.party
    judge_role(user=by, role=Role(role), at=at)
    party = selectors.personal_party(by, on=on) or Party.objects.create(kind=Party.Kind.PERSON, created_at=at)
    Grant.objects.create(user=by, party=party, role=role, since=on)
    by.__dict__.pop("live_grants", None)
    record(action="people.role_begun", subject=by, by=by, at=at, party_id=party.pk, details={"role": role})
    return party
