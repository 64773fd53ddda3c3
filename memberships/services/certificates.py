"""An insurer's certificates, taken in: who is covered by which policy, all or nothing per certificate (domain 2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from memberships.models import Condition, CoveredPerson, Member, MemberCoverage, Membership, Plan, PlanCoverage
from memberships.rules import CERTIFICATE, CertificateState, Kinship, PlanKind
from memberships.rules.certificates import policy_key
from memberships.rules.certificates_file import (
    CERTIFICATES,
    CertificateRow,
    Days,
    coverage_days,
    named_conditions,
    overlap,
    place_of,
    row_errors,
    takes_days_away,
)
from memberships.rules.joining import NewPerson
from memberships.rules.policies import CoverageKind
from memberships.services.dates import note_birthdays
from memberships.services.families import add_covered_person
from memberships.services.policies import register_condition
from portal import clock
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.imports.rules.groups import Groups
from portal.imports.rules.layouts import ROWS, Item, Judged, Read, RowError
from portal.imports.rules.tables import TABLE_KINDS
from portal.names import word_key
from portal.papers import services as papers
from portal.people.models import Party
from portal.treasury.rules.offered import name_mark
from portal.vault import blind_index

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

KIND = "memberships.certificates"
CERTIFICATES_DRAFT = "certificates"
_OTHERS = "Otra persona de este certificado tiene un error: entra completo o no entra. Corrígela y manda el archivo."
_BEGAN = "Un padecimiento ya está registrado con otra fecha de inicio. Revisa cuál vale."
_FORWARD = "«desde» es posterior al registrado y borraría días cubiertos. Deja el anterior, o escribe «hasta»."
_TAKEN_AWAY = "«hasta» borraría días ya cubiertos. Escribe hoy o un día posterior."
_TWO_TITULARS = "Dos personas serían titulares los mismos días. La nueva empieza el día en que termina la otra."
_NOT_THEIRS = "Esa póliza no es de esta aseguradora, o no tiene un año. Regístrala antes en Pólizas."
Place = tuple[str, str]
Wrong = tuple[int, str, str, str]


@dataclass(slots=True)
class _Standing:
    """Somebody of a certificate as they stand: their latest stay, its coverages, their conditions."""

    member: Member
    coverages: dict[str, list[MemberCoverage]]  # by kind, each in order
    conditions: dict[str, Condition]
    before: list[Member]  # their earlier stays, in order

    @property
    def person(self) -> CoveredPerson:
        return self.member.person

    def comes_back(self, row: CertificateRow) -> bool:
        """Whether a row is a stay of its own: they had left before it begins."""
        member = self.member
        return member.until is not None and member.until <= row.since and member.since != row.since

    def days(self, kind: str) -> list[Days]:
        """On which days of their stay a coverage covers them."""
        return [(one.since, one.until) for one in self.coverages.get(kind, ())]


@dataclass(slots=True)
class _Certificate:
    """One certificate of a file: its policy, its rows, and who stands in it."""

    plan: Plan
    items: list[Item]
    membership: Membership | None
    people: list[_Standing]

    def standing(self, row: CertificateRow) -> _Standing | None:
        """Who a row is: by CURP, else by name and birth date."""
        by_curp = (one for one in self.people if row.curp and one.person.curp == row.curp)
        by_name = (one for one in self.people if (word_key(one.person.as_printed), one.person.born_on) == row.who)
        return next(by_curp, None) or next(by_name, None)


def _place_of_cells(cells: Mapping[str, Any]) -> Place | None:
    """The certificate of a row that could not be read, where that much can be."""
    policy, number = str(cells.get("policy") or ""), str(cells.get("certificate") or "")
    return place_of(policy, number) if policy_key(policy) and number.strip() else None


# All or nothing per certificate (domain 2.11).
BY_CERTIFICATE = Groups(
    of=lambda row: row.place, of_cells=_place_of_cells, code="certificate_incomplete", sentence=_OTHERS
)


def read_certificates(
    *,
    insurer: Party,
    upload: EncryptedUpload,
    by: User,
    at: datetime,
    certificates: int | None = None,
    people: int | None = None,
) -> ImportRun:
    """Read and judge an insurer's file of certificates at the desk; nothing enters until it is applied.

    `certificates` and `people` are the control totals as its sender announced them; without both, what came is taken.

    Raises RuleBroken about the whole file.
    """
    announced = certificates is not None and people is not None
    declared = {ROWS: people, "certificates": certificates} if announced else None
    return imports.read_file(kind=KIND, sender=insurer, upload=upload, declared=declared, by=by, at=at)


def keep_certificates_file(*, upload: EncryptedUpload, by: User, at: datetime) -> DraftFile:
    """Keep a file of certificates whose control totals are not right yet; it is read when they are.

    Raises RuleBroken for a file that is no table.
    """
    told: dict[str, Any] = {"upload": upload, "kinds": {*TABLE_KINDS}, "by": by, "at": at}
    return papers.keep_draft(form=CERTIFICATES_DRAFT, largest=CERTIFICATES.max_bytes, **told)


def receive_certificates(
    *, insurer: Party, read: Read, certificates: int, people: int, by: User, at: datetime
) -> ImportRun:
    """Take in what an insurer's own system hands over: certificate by certificate whole, of its own policies alone.

    Sent again it changes nothing. Raises RuleBroken where its control totals are not what came: nothing is stored.
    """
    came = {place for item in read.items if (place := item.value.place)}
    came |= {place for cells in read.rest.values() if (place := _place_of_cells(cells))}
    if len(came) != certificates:
        raise RuleBroken(
            f"Anunciaste {certificates:,} certificados y llegaron {len(came):,}. No guardamos nada: revisa y manda "
            "todos.",
            code="control_totals",
        )
    told: dict[str, Any] = {"read": read, "declared": {ROWS: people, "certificates": certificates}, "by": by, "at": at}
    return imports.take_in(kind=KIND, sender=insurer, on=clock.date_in(at), **told)


def judge_certificates(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """Says what would become of each person: changed, unchanged, or wrong.

    A policy is the sender's own and exists before, with its years. One wrong row keeps its certificate out:
    `BY_CERTIFICATE` sees to that.
    """
    new, unchanged, errors = list[Item](), 0, list[RowError]()
    plans, by_place = _plans(sender), _by_place(read.items)
    standing = _standing(plans, by_place)
    for place, items in by_place.items():
        plan = plans.get(place[0])
        if plan is None:
            errors += _told(items, [(0, "policy", "policy_unknown", _NOT_THEIRS)])
            continue
        certificate = _Certificate(plan, items, *standing.get(place, (None, [])))
        if wrong := _errors(certificate, on=on):
            errors += _told(items, wrong)
            continue
        changed = [item for item in items if not _is_same(certificate.standing(item.value), item.value, on=on)]
        new += changed
        unchanged += len(items) - len(changed)
    return Judged(tuple(new), unchanged=unchanged, errors=tuple(sorted(errors, key=lambda one: one.row)))


def apply_certificates(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Keep the people that are new or changed, certificate by certificate; each is recorded once."""
    plans, by_place = _plans(run.sender), _by_place(judged.new)
    standing = _standing(plans, by_place)
    for place, mine in by_place.items():
        plan = plans[place[0]]
        certificate = _Certificate(plan, mine, *standing.get(place, (None, [])))
        membership = certificate.membership or _new_certificate(plan, mine[0].value.certificate, by=by, at=at)
        for item in sorted(mine, key=_makes_way):  # who is titular no more makes way first
            _keep_member(membership, certificate.standing(item.value), item.value, by=by, at=at)
        restate_certificate(membership=membership, on=clock.date_in(at))
        record(
            action="memberships.certificate_received",
            subject=membership,
            party_id=plan.party_id,
            by=by,
            at=at,
            details={"policy": plan.policy_number, "certificate": membership.certificate_number, "people": len(mine)},
        )


def restate_certificate(*, membership: Membership, on: date) -> bool:
    """A certificate is active on the days on which its titular is covered; the next such day is stored for the beat.

    Part of the act that records it. Answers whether it stands otherwise than before.
    """
    stays = membership.members.filter(kinship=Kinship.TITULAR.value).select_related("person").order_by("-since", "-pk")
    covered = [one for one in stays if one.since <= on and (one.until is None or on < one.until)]
    state = CertificateState.ACTIVE if covered else CertificateState.ENDED
    changed = membership.certificate_state != state
    if changed:
        CERTIFICATE.check(membership.certificate_state, state)
        membership.certificate_state = state.value
    membership.titular = [*covered, *stays][0].person
    days = {day for one in stays for day in (one.since, one.until) if day is not None and day > on}
    membership.looks_again_on = min(days, default=None)
    membership.save(update_fields=["certificate_state", "titular", "looks_again_on"])
    return changed


def pass_certificate(*, membership: Membership, on: date, at: datetime) -> bool:
    """Bring a certificate to a day that was stored for it: it begins or ends with its titular's cover, by itself.

    The caller holds its lock. Answers whether it stands otherwise than before.
    """
    changed = restate_certificate(membership=membership, on=on)
    record(
        action="memberships.certificate_passed",
        subject=membership,
        by=None,
        at=at,
        details={"state": membership.certificate_state, "on": on.isoformat()},
    )
    return changed


# --- what stands -----------------------------------------------------------------------------------------------------


def _plans(sender: Party) -> dict[str, Plan]:
    """The sender's policies that have a year, by number."""
    found = Plan.objects.filter(party=sender, kind=PlanKind.POLICY.value, years__isnull=False).distinct()
    return {policy_key(plan.policy_number): plan for plan in found.prefetch_related("coverages")}


def _by_place(items: Iterable[Item]) -> dict[Place, list[Item]]:
    found: dict[Place, list[Item]] = {}
    for item in items:
        found.setdefault(item.value.place, []).append(item)
    return found


def _standing(plans: Mapping[str, Plan], places: Iterable[Place]) -> dict[Place, tuple[Membership, list[_Standing]]]:
    """The certificates that stand at these places, with everybody's latest stay."""
    numbers = {number for _policy, number in places}
    found = Membership.objects.filter(plan__in=plans.values(), certificate_number__in=numbers)
    told = found.select_related("plan").prefetch_related("members__person__conditions", "members__coverages__coverage")
    return {place_of(one.plan.policy_number, one.certificate_number): (one, _people(one)) for one in told}


def _people(membership: Membership) -> list[_Standing]:
    latest: dict[Any, _Standing] = {}
    for member in sorted(membership.members.all(), key=lambda one: one.since):
        before = latest.get(member.person_id)
        coverages: dict[str, list[MemberCoverage]] = {}
        for one in sorted(member.coverages.all(), key=lambda each: each.since):
            coverages.setdefault(one.coverage.kind, []).append(one)
        latest[member.person_id] = _Standing(
            member,
            coverages,
            {one.code: one for one in member.person.conditions.all()},
            [*before.before, before.member] if before else [],
        )
    return list(latest.values())


def _makes_way(item: Item) -> tuple[bool, date]:
    """In which order rows are kept: who is titular no more before who takes over."""
    return item.value.kinship is Kinship.TITULAR, item.value.until or date.max


# --- what is wrong ---------------------------------------------------------------------------------------------------


def _errors(certificate: _Certificate, *, on: date) -> list[Wrong]:
    rows = [item.value for item in certificate.items]
    told = row_errors(rows, {CoverageKind(one.kind): one for one in certificate.plan.coverages.all()})
    if told:
        return told
    found = [certificate.standing(row) for row in rows]
    titulars = _titular_errors(rows, found, certificate.people)
    return [*titulars, *_stay_errors(rows, found, on=on), *_condition_errors(rows, found)]


def _titular_errors(
    rows: Sequence[CertificateRow], found: Sequence[_Standing | None], people: Sequence[_Standing]
) -> list[Wrong]:
    """One titular a day, whether the file names them or they stand already; one who leaves makes way."""
    by_person = {one.person.pk: row for row, one in zip(rows, found, strict=True) if one}
    taken = list[tuple[Any, Days]]()
    for one in people:
        row = by_person.get(one.person.pk)
        stays = [*one.before, one.member] if row is None or one.comes_back(row) else one.before
        taken += [(one.person.pk, (stay.since, stay.until)) for stay in stays if stay.kinship == Kinship.TITULAR]
    named = [place for place, row in enumerate(rows) if row.kinship is Kinship.TITULAR]
    for place in named:
        standing, days = found[place], (rows[place].since, rows[place].until)
        who = standing.person.pk if standing else place
        if any(who != other and overlap(days, theirs) for other, theirs in taken):
            return [(place, "kinship", "two_titulars", _TWO_TITULARS)]
        taken.append((who, days))
    others = (one for one in people if one.person.pk not in by_person and one.member.kinship == Kinship.TITULAR)
    if not named and not any(others):
        return [(0, "kinship", "titular_missing", "El certificado no tiene titular. Agrega su renglón.")]
    return []


def _stay_errors(rows: Sequence[CertificateRow], found: Sequence[_Standing | None], *, on: date) -> list[Wrong]:
    """Nobody twice, nobody back before they left, and no day taken away that was covered."""
    told, seen = list[Wrong](), set[Any]()
    for place, (row, one) in enumerate(zip(rows, found, strict=True)):
        if one is None:
            continue
        if one.person.pk in seen:
            told.append((place, "given_name", "person_twice", "Esta persona viene dos veces. Deja una."))
        if one.before and row.since < (one.before[-1].until or date.max):
            told.append((place, "since", "stays_overlap", "«desde» cae en una estancia anterior. Corrige la fecha."))
        if not one.comes_back(row):
            if one.member.since < row.since:
                told.append((place, "since", "since_moved_forward", _FORWARD))
            if takes_days_away((one.member.since, one.member.until), row.until, on=on):
                told.append((place, "until", "until_takes_days", _TAKEN_AWAY))
        seen.add(one.person.pk)
    return told


def _condition_errors(rows: Sequence[CertificateRow], found: Sequence[_Standing | None]) -> list[Wrong]:
    told = list[Wrong]()
    for place, (row, standing) in enumerate(zip(rows, found, strict=True)):
        known = standing.conditions if standing else {}
        for one in named_conditions(row.conditions):
            if one.code in known and known[one.code].began_on != one.began_on:
                told.append((place, "conditions", "condition_began_differs", _BEGAN))
    return told


def _told(items: Sequence[Item], told: Sequence[Wrong]) -> list[RowError]:
    """The errors of a certificate, at the rows that have them."""
    return [
        RowError(items[place].number, column, code, message, items[place].sheet_row)
        for place, column, code, message in told
    ]


def _is_same(standing: _Standing | None, row: CertificateRow, *, on: date) -> bool:
    """Whether a row says nothing new of somebody."""
    if standing is None:
        return False
    member, person = standing.member, standing.person
    names = (person.given_name, person.first_surname, person.second_surname, person.born_on, person.sex)
    told = (row.given_name, row.first_surname, row.second_surname, row.born_on, row.sex)
    if any(_wanted(standing, kind, row, on=on) != standing.days(kind) for kind in CoverageKind):
        return False
    return (
        (names, member.kinship, member.since, member.until) == (told, row.kinship, row.since, row.until)
        and row.curp in {"", person.curp}
        and row.rfc in {"", person.rfc}
        and all(one.code in standing.conditions for one in named_conditions(row.conditions))
    )


def _wanted(standing: _Standing, kind: CoverageKind, row: CertificateRow, *, on: date) -> list[Days]:
    return coverage_days(standing.days(kind), row, kind=kind, stay_ended=standing.member.until, on=on)


# --- what is kept ----------------------------------------------------------------------------------------------------


def _new_certificate(plan: Plan, number: str, *, by: User | None, at: datetime) -> Membership:
    return Membership.objects.create(
        plan=plan,
        kind=plan.kind,
        certificate_state=CERTIFICATE.initial.value,
        certificate_number=number,
        created_at=at,
        created_by=by,
    )


def _keep_member(
    membership: Membership, standing: _Standing | None, row: CertificateRow, *, by: User | None, at: datetime
) -> None:
    """Somebody of a certificate as the file says: names, stay and coverages are the insurer's to say."""
    person = _keep_person(standing.person if standing else None, row, at=at)
    note_birthdays(persons=[person], at=at)
    if standing is None or standing.comes_back(row):
        standing = _Standing(Member(membership=membership, person=person), {}, {}, [])
    member = standing.member
    wanted = {kind: _wanted(standing, kind, row, on=clock.date_in(at)) for kind in CoverageKind}
    member.kinship, member.since, member.until = row.kinship.value, row.since, row.until
    member.save()
    for coverage in membership.plan.coverages.all():
        _keep_days(member, coverage, standing.coverages.get(coverage.kind, []), wanted[CoverageKind(coverage.kind)])
    for one in named_conditions(row.conditions):
        register_condition(person=person, code=one.code, name=one.name, began_on=one.began_on, by=by, at=at)


def _keep_days(member: Member, coverage: PlanCoverage, stood: Sequence[MemberCoverage], wanted: Sequence[Days]) -> None:
    """The days of a coverage as wanted, in order: what stood is changed, what covered no day goes."""
    for row in stood[len(wanted) :]:
        row.delete()
    for row, days in zip(stood, wanted, strict=False):
        if (row.since, row.until) != days:
            row.since, row.until = days
            row.save(update_fields=["since", "until"])
    for since, until in wanted[len(stood) :]:
        MemberCoverage.objects.create(member=member, coverage=coverage, since=since, until=until)


def _keep_person(person: CoveredPerson | None, row: CertificateRow, *, at: datetime) -> CoveredPerson:
    """A person with a party of their own; no row ever finds one of another certificate (2.12 of the domain)."""
    if person is None:
        names = (row.given_name, row.first_surname, row.second_surname)
        return add_covered_person(
            person=NewPerson(row.kinship, *names, row.born_on, row.sex.value, row.curp, row.rfc), at=at
        )
    person.given_name, person.first_surname, person.second_surname = (
        row.given_name,
        row.first_surname,
        row.second_surname,
    )
    person.as_printed, person.born_on, person.sex = row.as_printed, row.born_on, row.sex.value
    person.name_mark = name_mark(row.as_printed)
    person.rfc = row.rfc or person.rfc
    if row.curp:
        person.curp, person.curp_index = row.curp, blind_index(row.curp, purpose="curp")
    person.save()
    return person
