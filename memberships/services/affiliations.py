"""Families of a file, taken in: each all or nothing, as the desk would enter them (domain 2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from memberships.models import Membership, Plan
from memberships.rules.affiliations_file import AFFILIATIONS, FamilyRow, digest_of, place_of_cells, titular_of
from memberships.rules.joining import check_family, checked_person
from memberships.services.families import Paid, affiliate_family
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.imports.rules.groups import Groups
from portal.imports.rules.layouts import ROWS, Item, Judged, Read, RowError
from portal.imports.rules.tables import TABLE_KINDS
from portal.papers import services as papers
from portal.people.rules import clean_email
from portal.people.selectors import operator
from portal.text import folded

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import Party, User

AFFILIATIONS_KIND = "memberships.affiliations"
AFFILIATIONS_DRAFT = "affiliations"
_OTHERS = "Otra persona de esta familia tiene un error: entra completa o no entra. Corrígela y manda el archivo."
_TWICE = "Esta familia viene dos veces en el archivo. Deja una."
BY_FAMILY = Groups(of=lambda row: row.place, of_cells=place_of_cells, code="family_incomplete", sentence=_OTHERS)


def read_affiliations(
    *, upload: EncryptedUpload, by: User, at: datetime, families: int | None = None, people: int | None = None
) -> ImportRun:
    """Read and judge a file of families at the desk; nothing enters until it is applied.

    `families` and `people` are the control totals as its sender announced them; without both, what came is taken.

    Raises RuleBroken about the whole file.
    """
    sender = operator()
    if sender is None:
        raise RuleBroken("Falta registrar a quien opera el portal. Avisa a Administración.", code="no_operator")
    announced = families is not None and people is not None
    declared = {ROWS: people, "families": families} if announced else None
    return imports.read_file(kind=AFFILIATIONS_KIND, sender=sender, upload=upload, declared=declared, by=by, at=at)


def keep_affiliations_file(*, upload: EncryptedUpload, by: User, at: datetime) -> DraftFile:
    """Keep a file of families whose control totals are not right yet; it is read when they are.

    Raises RuleBroken for a file that is no table.
    """
    largest = AFFILIATIONS.max_bytes
    return papers.keep_draft(
        form=AFFILIATIONS_DRAFT, upload=upload, kinds={*TABLE_KINDS}, by=by, at=at, largest=largest
    )


def judge_affiliations(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """Says what would become of each person: new, of a family that came before, or wrong.

    One wrong row keeps its family out: `BY_FAMILY` sees to that. No row finds a person of another family.
    """
    new, unchanged, errors = list[Item](), 0, list[RowError]()
    families, plans = _by_family(read.items), _plans()
    digests = {place: digest_of(item.value for item in items) for place, items in families.items()}
    known = set(Membership.objects.filter(entered_as__in=digests.values()).values_list("entered_as", flat=True))
    seen = set[str]()
    for place, items in families.items():
        if digests[place] in known:
            unchanged += len(items)
        elif digests[place] in seen:
            errors.append(_error(items[0], "family", "family_twice", _TWICE))
        elif wrong := _errors_of(items, plans, on=on):
            errors += wrong
        else:
            new += items
        seen.add(digests[place])
    return Judged(tuple(new), unchanged=unchanged, errors=tuple(sorted(errors, key=lambda one: one.row)))


def apply_affiliations(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Enter the families that are new, each as the desk would; each is recorded once."""
    plans = _plans()
    for mine in _by_family(judged.new).values():
        rows = [item.value for item in mine]
        titular = titular_of(rows)
        assert titular is not None  # judged
        made = affiliate_family(
            plan=plans[folded(titular.plan)],
            people=[row.person for row in rows],
            contact=titular.contact,
            paid=Paid(on=titular.paid_on) if titular.paid_on else None,
            by=by,
            at=at,
        )
        made.entered_as = digest_of(rows)
        made.save(update_fields=["entered_as"])
        told = {"folio": made.folio, "run": str(run.pk), "means": titular.means}
        record(action="memberships.affiliation_imported", subject=made, by=by, at=at, details=told)


def _by_family(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.value.place, []).append(item)
    return found


def _plans() -> dict[str, Plan]:
    """Plans of ours by name, those that people may join first."""
    rows = Plan.objects.dues().prefetch_related("prices").order_by("is_offered", "created_at", "pk")
    return {folded(plan.name).strip(): plan for plan in rows}


def _errors_of(items: Sequence[Item], plans: dict[str, Plan], *, on: date) -> list[RowError]:
    """What is wrong with a family, person by person, then together."""
    rows = [item.value for item in items]
    titular = titular_of(rows)
    first = items[rows.index(titular)] if titular else items[0]
    told = _titular_errors(first, titular, plans, on=on) if titular else []
    for item in items:
        try:
            checked_person(item.value.person, on=on)
        except RuleBroken as broken:
            told.append(_error(item, broken.field or "", broken.code, broken.message))
    if not told:
        try:
            check_family([row.person for row in rows], on=on)
        except RuleBroken as broken:
            told.append(_error(first, "kinship", broken.code, broken.message))
    return told


def _titular_errors(item: Item, row: FamilyRow, plans: dict[str, Plan], *, on: date) -> list[RowError]:
    """How the family is reached, its plan, and the day of its first payment."""
    told = list[RowError]()
    try:
        clean_email(row.email)
    except RuleBroken as broken:
        told.append(_error(item, "email", broken.code, f"Correo de quien es titular: {broken.message}"))
    plan, joins = plans.get(folded(row.plan).strip()), row.paid_on or on
    if plan is None:
        told.append(_error(item, "plan", "plan_unknown", "Ese plan no existe. Escribe su nombre como está en Planes."))
    elif not any(price.since <= joins for price in plan.prices.all()):
        told.append(_error(item, "paid_on", "price_missing", "El plan no tenía precio ese día. Revisa «pagado_el»."))
    if row.paid_on is not None and row.paid_on > on:
        told.append(_error(item, "paid_on", "paid_ahead", "Ese día no ha llegado. Escribe el día en que se pagó."))
    return told


def _error(item: Item, field: str, code: str, message: str) -> RowError:
    return RowError(item.number, field, code, message, item.sheet_row)
