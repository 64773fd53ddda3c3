"""What breaks the constraints of people."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from portal.access import Role
from portal.people.models import (
    ApiToken,
    Consent,
    ConsentText,
    Grant,
    GrantProposal,
    OneTimeSecret,
    Party,
    SignInIdentifier,
)
from tests.breakers import Breaker, changed, same
from tests.factories import people
from tests.factories.treasury import NOW


def grant() -> models.Model:
    return Grant.objects.get(user=people.physician())


def withheld() -> models.Model:
    return Grant.objects.create(
        user=people.reviewer(),
        party=people.a_party(),
        role=Role.PHYSICIAN_ASSISTANT,
        since=people.LONG_AGO,
        until=people.LONG_AGO,
        is_withheld=True,
    )


def proposal() -> models.Model:
    return GrantProposal.objects.create(
        user=people.a_person(),
        party=people.the_operator(),
        role=Role.REVIEWER,
        proposed_at=NOW,
        proposed_by=people.administrator(),
    )


def text() -> models.Model:
    return ConsentText.objects.create(
        kind="sensitive-data", version=90, body="Texto.", sha256="0" * 64, published_at=NOW
    )


def consent() -> models.Model:
    return Consent.objects.create(user=people.a_person(), text=text(), proof="session", at=NOW)


def secret() -> models.Model:
    return OneTimeSecret.objects.create(
        user=people.a_person(),
        purpose="choose-password",
        digest="d" * 64,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def token() -> models.Model:
    admin = people.administrator()
    return ApiToken.objects.create(
        name="sistema",
        user=admin,
        party=people.an_insurer(),
        digest="e" * 64,
        scopes=["orders:write"],
        issued_by=admin,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def own_token() -> models.Model:
    user = people.a_person()
    return ApiToken.objects.create(
        name="mía",
        user=user,
        factor="passkey",
        digest="f" * 64,
        scopes=["billing:read"],
        issued_by=user,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def chilean() -> models.Model:
    return Party.objects.create(kind="person", name="Chilena", country="CL", rut="12345678-5", created_at=NOW)


def identifier() -> models.Model:
    return SignInIdentifier.objects.create(user=people.a_person(), kind="rfc", canonical="XAXX010101000")


BREAKERS: dict[str, Breaker] = {
    # people (AC-07, AU-01, AU-14, PR-01)
    "one_party_per_rut": same(chilean),
    "party_kind_known": changed(chilean, kind="thing"),
    "identifier_kind_known": changed(identifier, kind="nick"),
    "one_operator": same(people.the_operator, rfc=""),
    "one_open_grant_per_role": same(grant),
    "grant_scope_of_a_scoped_role": Breaker(grant, lambda row: {"scope": people.an_insurer()}),
    "proposal_scope_of_a_scoped_role": Breaker(
        proposal, lambda row: {"role": Role.SUPPORT, "scope": people.an_insurer()}
    ),
    "grant_ends_after_start": changed(grant, until=people.LONG_AGO - timedelta(days=1)),
    "withheld_grant_gives_nothing": changed(grant, is_withheld=True),
    "one_withheld_grant_per_team": same(withheld),
    "one_open_proposal_per_role": same(proposal),
    "proposal_state_known": Breaker(
        proposal, lambda row: {"state": "lost", "decided_by": people.administrator(), "decided_at": NOW}
    ),
    "proposal_decision_whole": changed(proposal, decided_at=NOW),
    "countersigned_for_a_reason": changed(proposal, conflict="countersigned"),
    "nobody_proposes_himself": Breaker(proposal, lambda row: {"proposed_by": row.user}),
    "one_text_per_version": same(text),
    "text_hash_is_sha256": changed(text, sha256="0" * 63 + "G"),
    "one_live_consent_per_text": same(consent),
    "secret_expires_later": changed(secret, expires_at=NOW),
    "token_expires_later": changed(token, expires_at=NOW),
    "token_has_a_scope": changed(token, scopes=[]),
    "one_live_own_token_per_name": same(own_token, digest="1" * 64),
    "own_token_says_what_its_person_proved": changed(own_token, factor=""),
}
