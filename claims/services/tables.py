"""Tables that claims take in: hospitals under an agreement, and what buckets held before (issue 12, 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from claims.models import Accumulator, Hospital, OpeningBalance
from claims.models.shared import SHARES
from claims.rules.tables import OpenedBucket, OpeningRow, open_bucket, wrong_hospital
from claims.services.settling import terms_in
from memberships import selectors as memberships
from memberships.models import Condition, CoveredPerson, Member, Plan, PlanCoverage
from memberships.rules import PlanKind
from memberships.rules.certificates import policy_key
from memberships.rules.certificates_file import place_of
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.imports.rules.layouts import Item, Judged, Read, RowError
from portal.names import word_key
from portal.people import selectors as people
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

HOSPITALS_KIND, OPENINGS_KIND = "claims.hospitals", "claims.openings"
_POLICY = "Ninguna póliza de este portal tiene ese número, o lo tienen dos. Revisa la póliza."
_PERSON = "Nadie de ese certificado tiene ese nombre y nacimiento. Cópialos del certificado."
_COVERAGE = "La póliza no tiene esa cobertura. Corrígela."
_CONDITION = "Esa persona no tiene registrado ese padecimiento. Regístralo antes, o corrige la clave."
_TWICE = "Este acumulado viene dos veces. Deja un renglón."
_BEGUN = "Ese acumulado ya tiene otras cantidades. Un archivo no las cambia: lo que falte entra como trámite."


def read_table(*, kind: str, upload: EncryptedUpload, by: User, at: datetime) -> ImportRun:
    """Read and judge a table at the desk; nothing enters until it is applied. Raises RuleBroken about a whole file."""
    sender = people.operator()
    if sender is None:
        raise RuleBroken("Falta decir qué organización opera este portal.", code="no_operator")
    return imports.read_file(kind=kind, sender=sender, upload=upload, declared=None, by=by, at=at)


# --- hospitals -------------------------------------------------------------------------------------------------------


def judge_hospitals(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """Says what would become of each hospital: new or changed, unchanged, or wrong."""
    insurers = _insurers()
    standing = _standing_hospitals(insurers)
    new, errors, seen, same = list[Item](), list[RowError](), set[tuple[str, str]](), 0
    for item in read.items:
        row = item.value
        if wrong := wrong_hospital(row, insurers, seen):
            errors.append(RowError(item.number, *wrong, item.sheet_row))
            continue
        seen.add(row.place)
        stood = standing.get(row.place)
        told = (row.name, row.city, row.state, row.since, row.until)
        if stood is not None and (stood.name, stood.city, stood.state, stood.since, stood.until) == told:
            same += 1
        else:
            new.append(item)
    return Judged(tuple(new), unchanged=same, errors=tuple(errors))


def apply_hospitals(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Keep the hospitals that are new or changed; one that left its insurer's agreement has its last day."""
    insurers = _insurers()
    for item in judged.new:
        row = item.value
        told = {name: getattr(row, name) for name in ("name", "city", "state", "since", "until")}
        hospital, created = Hospital.objects.update_or_create(
            insurer=insurers[row.insurer_rfc], key=row.key, defaults={**told, "changed_at": at}
        )
        record(
            action="claims.hospital_received",
            subject=hospital,
            party_id=hospital.insurer_id,
            by=by,
            at=at,
            details={"key": row.key, "new": created, "since": str(row.since), "until": str(row.until or "")},
        )


def _insurers() -> dict[str, Party]:
    return {one.rfc: one for one in memberships.insurer_choices()}


def _standing_hospitals(insurers: Mapping[str, Party]) -> dict[tuple[str, str], Hospital]:
    rows = Hospital.objects.filter(insurer__in=insurers.values()).select_related("insurer")
    return {(one.insurer.rfc, one.key): one for one in rows}


# --- what buckets held before ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Named:
    """Whose bucket a row is of."""

    person: CoveredPerson
    coverage: PlanCoverage
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class _Opening:
    """A right row: its bucket as it opens, and how it stands already."""

    item: Item
    named: _Named
    opened: OpenedBucket
    standing: Accumulator | None

    @property
    def where(self) -> dict[str, Any]:
        """Which accumulator it is, as columns."""
        told = {"person": self.named.person, "coverage": self.named.coverage, "condition": self.named.condition}
        return told | {"year": self.opened.bucket.year}

    @property
    def key(self) -> tuple[Any, ...]:
        """Which accumulator it is."""
        condition = self.named.condition
        return self.named.person.pk, self.named.coverage.pk, condition and condition.pk, self.opened.bucket.year

    @property
    def is_same(self) -> bool:
        """Whether the accumulator holds just this already."""
        figures = self.opened.figures
        return self.standing is not None and all(
            getattr(self.standing, name) == getattr(figures, name) for name in SHARES
        )


def judge_openings(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """Says what would become of each bucket: it opens, stands so already, or is wrong."""
    new, errors, seen, same = list[Item](), list[RowError](), set[Any](), 0
    for item, found in _opened(read.items):
        if isinstance(found, tuple):
            errors.append(RowError(item.number, *found, item.sheet_row))
        elif found.key in seen:
            errors.append(RowError(item.number, "covered", "opening_twice", _TWICE, item.sheet_row))
        elif found.standing is not None and not found.is_same:
            errors.append(RowError(item.number, "covered", "bucket_begun", _BEGUN, item.sheet_row))
        else:
            seen.add(found.key)
            new += [] if found.standing else [item]
            same += found.standing is not None
    return Judged(tuple(new), unchanged=same, errors=tuple(errors))


def apply_openings(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Open the new buckets, each with the figures of its terms; later decisions are shared by those.

    Each under its person's lock, as a decision. Raises Conflict for one that a decision began meanwhile, or that is
    wrong by now: a year of its policy was added, or somebody's row changed, after it was judged.
    """
    for _item, found in _opened(judged.new):
        if isinstance(found, tuple):
            _column, code, told = found
            raise Conflict(f"{told} La póliza cambió mientras se aplicaba el archivo: súbelo otra vez.", code=code)
        terms = found.opened.terms
        shares = {name: getattr(found.opened.figures, name) for name in SHARES}
        CoveredPerson.objects.select_for_update(no_key=True).get(pk=found.named.person.pk)
        row = Accumulator.objects.filter(**found.where).first() or Accumulator(**found.where)
        if row.covered:
            raise Conflict(_BEGUN, code="bucket_begun")
        row.of_deductible, row.of_rate = terms.deductible, terms.coaseguro
        row.of_coaseguro_cap, row.of_sum_insured = terms.coaseguro_cap, terms.sum_insured
        for name, value in shares.items():
            setattr(row, name, value)
        row.save()
        OpeningBalance.objects.create(accumulator=row, run=run, at=at, **shares)
        record(
            action="claims.accumulator_opened",
            subject=row,
            party_id=found.named.person.party_id,
            by=by,
            at=at,
            details={"covered": str(row.covered), "paid": str(row.paid)},
        )


def _opened(items: Sequence[Item]) -> Iterator[tuple[Item, _Opening | tuple[str, str, str]]]:
    """Each row with its bucket, or with what is wrong with it."""
    plans, stays, terms = _plans(items), _stays(items), dict[Any, Any]()
    for item in items:
        row: OpeningRow = item.value
        named = _named(row, plans, stays)
        if isinstance(named, tuple):
            yield item, named
            continue
        coverage, condition = named.coverage, named.condition
        if coverage.pk not in terms:
            terms[coverage.pk] = terms_in(coverage)
        scope, years = terms[coverage.pk]
        told = {"person": str(named.person.pk), "condition": str(condition.pk) if condition else ""}
        opened = open_bucket(row, scope, years, **told, began_on=condition.began_on if condition else None)
        if isinstance(opened, tuple):
            yield item, opened
            continue
        found = _Opening(item, named, opened, None)
        # One whose every decision was withdrawn holds nothing: it opens as a new one.
        yield item, replace(found, standing=Accumulator.objects.filter(**found.where, covered__gt=0).first())


def _plans(items: Sequence[Item]) -> dict[str, list[Plan]]:
    """Policies by their number as it is compared; two insurers may have the same one."""
    found: dict[str, list[Plan]] = {}
    wanted = {policy_key(item.value.policy) for item in items}
    rows = Plan.objects.filter(kind=PlanKind.POLICY.value, years__isnull=False).distinct().prefetch_related("coverages")
    for plan in rows:
        if (key := policy_key(plan.policy_number)) in wanted:
            found.setdefault(key, []).append(plan)
    return found


def _stays(items: Sequence[Item]) -> dict[tuple[str, str], dict[tuple[str, date], CoveredPerson]]:
    """The people of each certificate that is named, by name and birth date."""
    numbers = {item.value.certificate for item in items}
    rows = Member.objects.filter(membership__certificate_number__in=numbers, membership__plan__kind=PlanKind.POLICY)
    found: dict[tuple[str, str], dict[tuple[str, date], CoveredPerson]] = {}
    for one in rows.select_related("person", "membership__plan").prefetch_related("person__conditions").order_by("pk"):
        place = place_of(one.membership.plan.policy_number, one.membership.certificate_number)
        who = word_key(one.person.as_printed), one.person.born_on
        found.setdefault(place, {})[who] = one.person
    return found


def _named(row: OpeningRow, plans: Mapping[str, list[Plan]], stays: Mapping[Any, Any]) -> _Named | tuple[str, str, str]:
    mine = plans.get(policy_key(row.policy), [])
    if len(mine) != 1:
        return "policy", "policy_unknown", _POLICY
    person = stays.get(place_of(row.policy, row.certificate), {}).get((word_key(row.name), row.born_on))
    if person is None:
        return "name", "person_unknown", _PERSON
    coverage = next((one for one in mine[0].coverages.all() if one.kind == row.coverage), None)
    if coverage is None:
        return "coverage", "coverage_unknown", _COVERAGE
    condition = next((one for one in person.conditions.all() if one.code == row.condition), None)
    if row.condition and condition is None:
        return "condition", "condition_unknown", _CONDITION
    return _Named(person, coverage, condition)
