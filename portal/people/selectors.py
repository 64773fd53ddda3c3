"""Reading people: who is behind an identifier, who holds a permission, where their mail goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import IsNull
from django.http import Http404

from portal import identifiers
from portal.access import (
    CONFLICTS,
    OWNER_ROLES,
    PERSONAL_ROLES,
    ROLES,
    STAFF_ROLES,
    Clash,
    Permission,
    Role,
    RoleConflict,
    conflict_of,
    conflicts_with,
)
from portal.people import registry, rules
from portal.people.models import (
    ApiToken,
    Consent,
    ConsentText,
    Grant,
    GrantProposal,
    KnownDevice,
    Party,
    Registration,
    RememberedName,
    SecondaryEmail,
    SignInIdentifier,
    User,
)
from portal.prepared import prepared
from portal.reading import once_a_reading
from portal.vault import blind_index


def canonical_identifier(typed: str) -> str:
    """What was typed in the sign-in box as it is stored; something unknown comes back trimmed and lower-case."""
    kind = identifiers.guess_kind(typed)
    if kind in {"rfc", "rut", "curp"}:
        checked = identifiers.check(kind, typed)
        if checked.valid:
            return as_stored(kind, checked.canonical or "")
    return typed.strip().lower()[:254]


def as_stored(kind: str, canonical: str) -> str:
    """A canonical identifier as the door stores and looks for it: a CURP by its blind index."""
    return blind_index(canonical, purpose="curp") if kind == SignInIdentifier.Kind.CURP else canonical


def kind_typed(way: rules.SignUp, typed: str) -> str:
    """What somebody typed who signs up a way: one of the others that it takes, or its own."""
    guessed = identifiers.guess_kind(typed)
    return guessed if guessed in way.others else way.identifier


def person_of(typed: str) -> User | None:
    """The person whose e-mail, RFC or RUT this is."""
    found = _identifier.first(canonical_identifier(typed))
    return found.user if found else None


@prepared
def _identifier(canonical: str) -> QuerySet[SignInIdentifier]:
    return SignInIdentifier.objects.filter(canonical=canonical).select_related("user")


def person_by_email(address: str) -> User | None:
    """The person with this primary address."""
    return User.objects.filter(email=address).first()


def people_with(permission: Permission, party: Party | UUID | None = None, *, on: date) -> QuerySet[User]:
    """Active people who hold a permission on a date, in one party or in any."""
    roles = [role for role, permissions in ROLES.items() if permission in permissions]
    grants = Grant.objects.in_force(on=on).with_any(roles)
    if party is not None:
        grants = grants.filter(party=party)
    return User.objects.filter(disabled_at=None, pk__in=grants.values("user")).order_by("pk")


def who_reaches(parties: Collection[UUID], permission: Permission, *, on: date) -> dict[UUID, list[User]]:
    """Active people who hold a permission on a date and reach what hangs on each of these parties.

    Whoever holds it for every insurer stands first. A query, and one for each insurer that a grant names.
    """
    roles = [role for role, permissions in ROLES.items() if permission in permissions]
    grants = Grant.objects.in_force(on=on).with_any(roles).filter(user__disabled_at=None)
    by_scope: dict[UUID | None, list[User]] = {}
    for grant in grants.select_related("user").order_by("user", "pk"):
        by_scope.setdefault(grant.scope_id, []).append(grant.user)
    found = {party: dict.fromkeys(by_scope.get(None, [])) for party in parties}
    for insurer, people in by_scope.items():
        if insurer is None:
            continue
        for reached in registry.reached_by([insurer]):
            for party in Party.objects.filter(pk__in=parties).filter(pk__in=reached):
                found[party.pk] |= dict.fromkeys(people)
    return {party: list(people) for party, people in found.items()}


def addresses_of(user_id: UUID) -> list[str]:
    """Confirmed addresses for notices: the primary one, then the second one (S3.2)."""
    primary = User.objects.filter(pk=user_id, email_confirmed_at__isnull=False, disabled_at=None).values_list(
        "email", flat=True
    )
    second = SecondaryEmail.objects.filter(
        user_id=user_id, confirmed_at__isnull=False, user__disabled_at=None
    ).values_list("address", flat=True)
    return [*primary, *second]


def latest_text(kind: str, owner: Party | None = None) -> ConsentText | None:
    """The version in force of a consent text: that of its owner, where they published one, else everybody's."""
    return _texts_of.first(kind, owner.pk if owner else None)


@prepared
def _texts_of(kind: str, owner: UUID | None) -> QuerySet[ConsentText]:
    rows = ConsentText.objects.filter(Q(owner=None) | Q(owner=owner), kind=kind)
    return rows.order_by(F("owner").asc(nulls_last=True), "-version")[:1]


def texts_lacking(user: User, asked: Iterable[tuple[str, Party | None]]) -> list[ConsentText]:
    """Of kinds of texts, each with whom it is given to, the versions in force that somebody has not accepted so."""
    found = []
    for kind, owner in asked:
        text = latest_text(kind, owner)
        if text is None or Consent.objects.filter(user=user, text=text, owner=owner, withdrawn_at=None).exists():
            continue
        text.to = owner
        found.append(text)
    return found


def missing_consents(user: User) -> list[ConsentText]:
    """Texts in force that the person has not accepted (or took back): asked before anything else (PR-01)."""
    asked = {kind for one in rules.sign_ups_of(user.roles) for kind in one.consents}
    if not asked:
        return []
    in_force = _in_force(user.pk, tuple(sorted(asked)))
    return [text for text in in_force if not text.given]  # type: ignore[attr-defined]  # annotated below


@prepared
def _in_force(user_id: UUID, kinds: tuple[str, ...]) -> QuerySet[ConsentText]:
    given = Exists(Consent.objects.filter(text=OuterRef("pk"), user=user_id, withdrawn_at=None))
    newest = ConsentText.objects.filter(kind__in=kinds, owner=None).order_by("kind", "-version").distinct("kind")
    return newest.annotate(given=given)


def consents_of(user: User) -> list[Consent]:
    """Everything the person accepted or took back, newest first."""
    return list(user.consents.select_related("text", "owner").order_by("-at", "-pk"))


def known_device(user: User, cookie: str, *, at: datetime) -> KnownDevice | None:
    """The device of this cookie, if it belongs to the person and has not expired (real time)."""
    if not cookie:
        return None
    return _device.first(user.pk, rules.digest(cookie), at)


@prepared
def _device(user_id: UUID, digest: str, at: datetime) -> QuerySet[KnownDevice]:
    return KnownDevice.objects.filter(user=user_id, digest=digest, expires_at__gt=at).order_by("pk")[:1]


def remembered_name(handle: str, *, at: datetime) -> RememberedName | None:
    """What this browser's cookie stands for, if it still does (real time) (AU-11)."""
    if not handle:
        return None
    live = RememberedName.objects.filter(digest=rules.digest(handle), expires_at__gt=at)
    return live.select_related("identifier").first()


def masked(identifier: SignInIdentifier) -> str:
    """An identifier as a shared screen may show it."""
    if identifier.kind == SignInIdentifier.Kind.EMAIL:
        return rules.mask_email(identifier.canonical)
    return identifiers.mask(identifier.kind, identifier.typed)


def devices_of(user: User, *, at: datetime) -> list[KnownDevice]:
    """Known devices, newest first."""
    return list(user.known_devices.filter(expires_at__gt=at).order_by("-created_at", "-pk"))


def live_token(secret: str, *, at: datetime) -> ApiToken | None:
    """The token of a secret: not ended, not expired, of an active person (real time), and not of the demo elsewhere."""
    return _live_token.first(rules.digest(secret), at, demo=settings.DEMO)


@prepared
def _live_token(digest: str, at: datetime, *, demo: bool) -> QuerySet[ApiToken]:
    live = ApiToken.objects.filter(digest=digest, ended_at=None, expires_at__gt=at, user__disabled_at=None)
    found = live if demo else live.exclude(factor="demo")
    told = ["user__name", "user__email", "user__disabled_at", "user__is_superuser"]
    told += [f"party__{field.name}" for field in Party._meta.concrete_fields]
    return found.select_related("user", "party").only("factor", "scopes", "last_used_on", *told)


def token_in(header: str, *, at: datetime) -> ApiToken | None:
    """The live token that an `Authorization: Bearer …` header carries (real time)."""
    kind, _, secret = header.partition(" ")
    return live_token(secret.strip(), at=at) if kind.lower() == "bearer" else None


def own_tokens(user: User) -> list[ApiToken]:
    """A person's own credentials for the API: the living first, then the newest."""
    rows = user.api_tokens.filter(party=None)
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "-created_at", "-pk"))


def organisations() -> list[Party]:
    """Organisations by name: the operator and everybody who may send or pay orders."""
    return list(Party.objects.filter(kind=Party.Kind.ORGANISATION).order_by("name", "pk"))


def insurers() -> QuerySet[Party]:
    """Organisations that send orders and pay for them, by name: all but the operator that have an RFC."""
    return Party.objects.filter(kind=Party.Kind.ORGANISATION, is_operator=False).exclude(rfc="").order_by("name", "pk")


def waiting_registration(token: str, *, at: datetime) -> Registration | None:
    """A sign-up that this link still confirms (real time)."""
    return Registration.objects.filter(digest=rules.digest(token), confirmed_at=None, expires_at__gt=at).first()


def open_proposals() -> list[GrantProposal]:
    """Roles of staff waiting for a second administrator, oldest first."""
    waiting = GrantProposal.objects.open().select_related("user", "party", "scope", "proposed_by")
    return list(waiting.order_by("proposed_at", "pk"))


def powers_of(user: User, *, on: date) -> list[tuple[Party, list[tuple[Permission, Grant]]]]:
    """What a person's roles allow together on a date, by the party they allow it in: (permission, the oldest grant that
    gives it), as the permissions stand in `access`. One that a grant gives for all insurers is told once; where grants
    name their insurer, once for each.
    """
    held = list(
        Grant.objects.in_force(on=on).filter(user=user).select_related("party", "scope").order_by("since", "pk")
    )
    found: dict[UUID, dict[Permission, dict[UUID | None, Grant]]] = {}
    for grant in held:
        for permission in ROLES[Role(grant.role)]:
            gives = found.setdefault(grant.party_id, {}).setdefault(permission, {})
            gives.setdefault(grant.scope_id, grant)
    parties = {grant.party_id: grant.party for grant in held}
    return [
        (parties[pk], [(one, grant) for one in Permission if one in gives for grant in _widest(gives[one])])
        for pk, gives in found.items()
    ]


def _widest(gives: dict[UUID | None, Grant]) -> list[Grant]:
    """The grant that reaches every insurer, else each of those that name one."""
    return [gives[None]] if None in gives else list(gives.values())


def asked_conflicts(proposals: Iterable[GrantProposal], *, on: date) -> dict[UUID, list[tuple[Role, RoleConflict]]]:
    """(held role, line of the table) of what each role that was asked for conflicts with today, the heaviest first.

    By the proposal's id; one query for all of them.
    """
    asked = list(proposals)
    held: dict[UUID, set[Role]] = {}
    rows = Grant.objects.in_force(on=on).filter(user__in={one.user_id for one in asked})
    for user, role in rows.values_list("user_id", "role"):
        held.setdefault(user, set()).add(Role(role))
    return {one.pk: conflicts_with(Role(one.role), held.get(one.user_id, set())) for one in asked}


def possible_conflicts(user: User, roles: Iterable[Role], *, on: date) -> dict[RoleConflict, dict[Role, list[Role]]]:
    """What the table would say of each of these roles beside those that a person holds or was asked to get.

    By line of the table, the heaviest first: the roles that it is about, each with those it would conflict with.
    """
    held = set(Grant.objects.in_force(on=on).filter(user=user).values_list("role", flat=True))
    held |= set(GrantProposal.objects.open().filter(user=user).values_list("role", flat=True))
    beside = {Role(one) for one in held}
    found: dict[RoleConflict, dict[Role, list[Role]]] = {}
    for role in roles:
        for other, line in conflicts_with(role, beside) if role not in beside else ():
            found.setdefault(line, {}).setdefault(role, []).append(other)
    return {line: found[line] for line in CONFLICTS if line in found}


_CONFLICT = Case(
    *(
        When(role=first, other_role__in=others, then=Value(line.code))
        for first in Role
        for line in CONFLICTS
        if (others := [second for second in Role if conflict_of(first, second) is line])
    ),
    output_field=CharField(),
)
_CLASH = Case(
    *(When(conflict__in=[line.code for line in CONFLICTS if line.kind is kind], then=Value(kind)) for kind in Clash),
    output_field=CharField(),
)


def conflicting_grants(*, on: date) -> QuerySet[Grant]:
    """Roles that one active person holds on a date and that the table of conflicts does not let go together.

    A row a pair of roles, which is the grant that came second: `other_role` came first, `conflict` is the code of the
    table's line, `kind` its `Clash`, `reason` what was written when it was asked for, `pair` the key of the row.
    """
    rows = Grant.objects.in_force(on=on).filter(user__disabled_at=None)
    rows = rows.annotate(
        other_id=F("user__grants__pk"),
        other_role=F("user__grants__role"),
        other_since=F("user__grants__since"),
        other_until=F("user__grants__until"),
    )
    rows = rows.filter(
        Q(other_since__lt=F("since")) | Q(other_since=F("since"), other_id__lt=F("pk")),
        Q(other_until__isnull=True) | Q(other_until__gt=on),
    )
    confirmed = GrantProposal.objects.filter(
        Q(scope=OuterRef("scope")) | Q(IsNull(OuterRef("scope"), True), scope=None),
        user=OuterRef("user"),
        party=OuterRef("party"),
        role=OuterRef("role"),
        state=rules.ProposalState.ACCEPTED,
    )
    return rows.annotate(
        conflict=_CONFLICT,
        kind=_CLASH,
        reason=Subquery(confirmed.order_by("-decided_at", "-pk").values("reason")[:1]),
        pair=Concat(Cast("pk", CharField()), Value("-"), Cast("other_id", CharField())),
    ).filter(conflict__isnull=False)


def words_of_rfc(party: Party, *, on: date) -> tuple[str, str]:
    """What nobody is shown until a party's RFC is proved, and what its people do from then on, in its app's words."""
    roles = Grant.objects.in_force(on=on).filter(party=party).values_list("role", flat=True)
    return rules.words_of_claim(roles, "rfc")


def helpers_for(user: User, party: Party) -> list[rules.Helper]:
    """Whom this person may invite to the team of a party of theirs, as apps declared it."""
    held = {grant.role for grant in user.live_grants if grant.party_id == party.pk}
    return [
        one
        for one in rules.HELPERS.values()
        if one.of in held and party.pk in user.party_ids(Permission(one.permission))
    ]


def assistants_of(party: Party, *, on: date) -> list[Grant]:
    """Whom the page of a party's owner shows as the team today: who helps, and who was invited and may not (AU-03)."""
    withheld = Grant.objects.filter(party=party, is_withheld=True)
    grants = Grant.objects.in_force(on=on).filter(party=party, role__in=list(rules.HELPERS)) | withheld
    return list(grants.select_related("user").order_by("since", "pk"))


def acting(*parties: Party | UUID, on: date | None) -> QuerySet[Grant]:
    """Grants by which people act for any of these parties on a date, or ever did (None).

    Staff of a party act for nobody.
    """
    grants = Grant.objects.filter(party__in=parties).exclude(role__in=STAFF_ROLES)
    return grants if on is None else grants.in_force(on=on)


def acts_for(user: User, *parties: Party | UUID, on: date | None) -> bool:
    """Whether a person acts for any of these parties on a date, or ever did (None): what is theirs is the person's own.

    Every reviewer's decision asks it first: nobody decides about what is theirs (MO-05).
    """
    return acting(*parties, on=on).filter(user=user).exists()


def ever_acted_for(user: User) -> QuerySet[Party]:
    """The parties for which a person acts or acted once: what `acts_for(…, on=None)` says of each."""
    grants = Grant.objects.filter(user=user).exclude(role__in=STAFF_ROLES)
    return Party.objects.filter(pk__in=grants.values("party"))


def parties_of(user: User) -> list[UUID]:
    """The parties that a person acts for today; asks the database nothing that the request did not ask already."""
    return [grant.party_id for grant in user.live_grants if grant.role not in STAFF_ROLES]


@once_a_reading
def own_party(user: User, permission: Permission = Permission.MANAGE_OWN_ACCOUNT) -> Party | None:
    """The party in which this person may do something, the oldest grant's; unless told otherwise, their very own."""
    return Party.objects.filter(pk__in=user.party_ids(permission)[:1]).first()


def get_own_party(user: User, permission: Permission) -> Party:
    """The same for a view: 404 where there is none."""
    if (party := own_party(user, permission)) is None:
        raise Http404
    return party


def personal_party(user: User, *, on: date) -> Party | None:
    """The party of a person that somebody owns by a role of their own (physician, member), the oldest one."""
    held = Grant.objects.in_force(on=on).filter(user=user, role__in=PERSONAL_ROLES & OWNER_ROLES)
    first = held.select_related("party").order_by("since", "pk").first()
    return first.party if first else None


def is_bound(party: Party) -> bool:
    """Whether a sign-up must leave this party alone: an organisation, or anybody ever acted, owed or filed there.

    Asks the same whatever the first answer is, so that its time tells nothing (AU-03).
    """
    ours = party.kind == Party.Kind.ORGANISATION or party.is_operator
    return any([ours, party.grants.exists(), party.api_tokens.exists(), registry.is_bound(party)])


def operator() -> Party | None:
    """The organisation that runs this installation."""
    return Party.objects.filter(is_operator=True).first()


def administrators(*, on: date) -> QuerySet[User]:
    """Active administrators on a date."""
    return people_with(Permission.MANAGE_PEOPLE, on=on)


def all_people(search: str = "") -> QuerySet[User]:
    """People for the desk's list, by address; `search` looks in name, address and identifiers."""
    people: QuerySet[User] = User.objects.all()
    for word in search.split()[:4]:
        people = people.filter(pk__in=_matching(word))
    return people.order_by("email", "pk")


_READABLE = ("email", "rfc", "rut")  # a CURP is sealed: what stands for it is no text


def _matching(word: str) -> Any:
    by_identifier = User.objects.filter(identifiers__canonical__icontains=word, identifiers__kind__in=_READABLE)
    return by_identifier.union(User.objects.filter(name__icontains=word)).values("pk")


def users_of_party(party_id: UUID, *, on: date) -> list[UUID]:
    """Whom to tell about a party's matters on a date: active people with a grant in force there."""
    return _users_of_party(party_id, on)


@prepared
def _users_of_party(party_id: UUID, on: date) -> QuerySet[Grant, UUID]:
    grants = Grant.objects.in_force(on=on).filter(party_id=party_id, user__disabled_at=None)
    return grants.order_by("user_id").values_list("user_id", flat=True).distinct()


def users_by_rfc(rfcs: Iterable[str], *, on: date) -> dict[tuple[str, bool], list[UUID]]:
    """Whom to tell of some RFCs on a date, by RFC and whether it was proved to be theirs (AC-11).

    One that nobody registered with is not among them.
    """
    found: dict[tuple[str, bool], list[UUID]] = {}
    for rfc, proved_at, user in _users_of(on, tuple(rfcs)):
        found.setdefault((rfc, proved_at is not None), []).append(user)
    return found


@prepared
def _users_of(on: date, rfcs: tuple[str, ...]) -> QuerySet[Any, Any]:
    grants = Grant.objects.in_force(on=on).filter(party__rfc__in=rfcs, user__disabled_at=None)
    return grants.order_by("user_id").values_list("party__rfc", "party__rfc_proved_at", "user_id").distinct()


def is_proved(rfc: str) -> bool:
    """Whether somebody proved that this RFC is theirs (AC-11)."""
    return Party.objects.filter(rfc=rfc, rfc_proved_at__isnull=False).exists()


def unproved_parties(user: User, permission: Permission) -> list[Party]:
    """Parties in which this person may do something once their RFC is proved, oldest grant first."""
    held = [one for one in user.live_grants if permission in ROLES[Role(one.role)] and not one.is_rfc_proved]
    found = Party.objects.exclude(rfc="").in_bulk([grant.party_id for grant in held]) if held else {}
    return [found[grant.party_id] for grant in held if grant.party_id in found]


def grants_to_decide(user: User) -> QuerySet[GrantProposal]:
    """Desk roles that a second administrator must decide: neither asked by this one nor for this one."""
    if Permission.MANAGE_PEOPLE not in user.permissions:
        return GrantProposal.objects.none()
    return GrantProposal.objects.open().exclude(proposed_by=user).exclude(user=user)
