"""Who is in the demo world: organisations, people, what they may do and what they accepted."""

from __future__ import annotations

from datetime import datetime

from config.demo.cast import Cast
from config.demo.people import PEOPLE, Sample
from portal import clock
from portal.access import Role
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Grant, Party, SignInIdentifier, User

OPERATOR = "OPERADORA CAUCE DEMO"
INSURERS = (
    ("ASEGURADORA DEL VALLE", "AVA010203AB1", "06600"),
    ("SEGUROS LA SIERRA", "SSI050607CD2", "64000"),
)


def play(cast: Cast) -> None:
    """The operator, the insurers and every sample person."""
    at = cast.days_ago(60)
    cast.operator = Party.objects.create(
        kind="organisation",
        name=OPERATOR,
        rfc="OCD200101EF3",
        zip_code="06600",
        fiscal_regime="601",
        is_operator=True,
        created_at=at,
    )
    for name, rfc, zip_code in INSURERS:
        cast.insurers.append(
            Party.objects.create(
                kind="organisation", name=name, rfc=rfc, zip_code=zip_code, fiscal_regime="601", created_at=at
            )
        )
    for person in PEOPLE:
        cast.users[person.slug] = _person(cast, person, at)


def _person(cast: Cast, person: Sample, at: datetime) -> User:
    user = User(email=person.email, name=person.name, email_confirmed_at=at, created_at=at)
    user.set_unusable_password()
    user.save(force_insert=True)
    SignInIdentifier.objects.create(user=user, kind="email", canonical=person.email)
    party = cast.operator
    if person.role is Role.PHYSICIAN:
        party = cast.parties[person.slug] = Party.objects.create(
            kind="person",
            name=person.name.upper(),
            rfc=person.rfc,
            zip_code="44100",
            fiscal_regime=person.regime,
            created_at=at,
        )
        SignInIdentifier.objects.create(user=user, kind="rfc", canonical=person.rfc)
    elif person.of:
        party = cast.parties[person.of]
    elif person.role is Role.MEMBER:
        return user  # acts for the party of somebody of a family, once that is affiliated
    Grant.objects.create(user=user, party=party, role=person.role, since=clock.date_in(at))
    for role in person.also:
        Grant.objects.create(user=user, party=cast.operator, role=role, since=clock.date_in(at))
    consent(user, at)
    return user


def consent(user: User, at: datetime) -> None:
    """Somebody whose roles stand accepts what they ask for, as at a sign-up."""
    user.__dict__.pop("live_grants", None)
    for text in people.missing_consents(user):
        accounts.accept_consent(by=user, text=text, purposes=["necessary"], proof="sign-up", at=at)
