"""The page of one deposit: what was found for it, what else it may pay, what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count

from portal.design import dates
from portal.design.detailing import Told, told_of
from portal.errors import Conflict
from portal.imports import rules as imported
from portal.money import ZERO, format_money
from portal.rulebook.rules import Explanation
from portal.treasury.models import Allocation, AllocationShare, CollectionAccount, Movement, MovementFile
from portal.treasury.rules.collecting import MOVEMENT, Act, MovementState, Target
from portal.treasury.selectors.books import balance
from portal.treasury.selectors.collections import find_targets, shared_out, targets_of

GONE = "Lo que elegiste ya no se puede pagar con este depósito. Búscalo de nuevo."
BETWEEN = ":"  # in a choice's value, between kind and key


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a deposit may pay, to be chosen; `part` is what it would get of the whole proposal."""

    value: str
    target: Target
    chosen: bool
    part: Decimal | None = None


def chosen_targets(values: Collection[str]) -> dict[tuple[str, str], Target]:
    """The things that a person chose, by kind and key; one that no deposit may pay any more is not among them."""
    kinds: dict[str, list[str]] = {}
    for value in values:
        kind, _, key = value.partition(BETWEEN)
        kinds.setdefault(kind, []).append(key)
    return targets_of(kinds)


def choices_for(movement: Movement, *, text: str, values: Collection[str] = ()) -> list[Choice]:
    """What a deposit may pay: what the matcher found, what `text` finds, and what was chosen before (`values`)."""
    proposed = {(kind, key) for kind, key in movement.proposal.get("targets", ())}
    kept = {f"{kind}{BETWEEN}{key}" for kind, key in proposed} | set(values)
    targets = chosen_targets(sorted(kept))
    parts = {
        (kind, key): part
        for kind, key, part in shared_out(
            movement.amount, {named: one for named, one in targets.items() if named in proposed}
        )
    }
    if text.strip():
        targets |= {(kind, one.key): one for kind, one in find_targets(text, currency=movement.currency)}
    # What was looked for is another choice: then nothing is ticked before the person does.
    chosen = set(values) or (set() if text.strip() else {f"{kind}{BETWEEN}{key}" for kind, key in proposed})
    return [
        Choice(value, one, value in chosen, parts.get((kind, one.key)))
        for (kind, _key), one in sorted(targets.items(), key=lambda pair: (pair[1].since, pair[1].key))
        if (value := f"{kind}{BETWEEN}{one.key}")
    ]


def parts_for(movement: Movement, values: Collection[str]) -> list[tuple[str, str, Decimal]]:
    """How a deposit is shared out among what a person chose: kind, key and amount of each. Raises Conflict.

    Where one of them can be paid no more nothing is shared out: the person chose other things than there are now.
    """
    targets = chosen_targets(values)
    if len(targets) < len(set(values)):
        raise Conflict(GONE, code="target_gone")
    return shared_out(movement.amount, targets)


def is_ahead(movement: Movement, *, on: date) -> bool:
    """Whether its value date is still to come on that day: nobody is paid with it before."""
    return movement.on > on


def proposal_told(movement: Movement, *, on: date) -> dict[str, str]:
    """What the matcher found for a deposit that waits: score and reason; {} where nobody has to decide."""
    found = movement.proposal
    if movement.state != MovementState.WAITING:
        return {}
    if is_ahead(movement, on=on):
        return {
            "title": f"Su fecha valor es el {dates.short(movement.on)}",
            "text": "Ese día se busca a qué corresponde. Si no es de nadie, ya lo puedes apartar.",
        }
    if not found:
        return {
            "title": "Todavía se busca a qué corresponde",
            "text": "Tarda unos segundos. Esta página se actualiza sola.",
        }
    title = f"Propuesta con certeza {found['score']} de 100" if found["score"] else "Sin propuesta"
    return {"title": title, "text": found["message"]}


def live_allocation(movement: Movement) -> Allocation | None:
    """What became of a deposit, unless it was undone."""
    rows = movement.allocations.filter(undone_at=None).select_related("by", "settles")
    return rows.prefetch_related("shares__party").first()


def allocation_figure(movement: Movement, live: Allocation | None) -> dict[str, Any]:
    """Where the amount of a deposit went, or what a network owed of which it is what was left; {} of one set aside."""
    if live is None or live.act == Act.DISCARDED:
        return {}

    def told(amount: Decimal) -> str:
        return format_money(amount, movement.currency)

    if live.act == Act.SETTLED:
        parts = (("Importe del depósito", told(movement.amount)), ("Comisión que se quedó la red", told(live.fee)))
        formula, total = "importe del depósito + comisión de la red", movement.amount + live.fee
        return Explanation("Lo que la red cobró por nosotros", formula, parts, told(total)).as_json()
    shares = live.shares.all()
    paid = tuple((share.key, told(share.amount)) for share in shares)
    formula, total = (
        "suma de lo que recibió cada cosa; se paga primero la más antigua",
        sum((s.amount for s in shares), ZERO),
    )
    return Explanation("Importe del depósito", formula, paid, told(total)).as_json()


def shares_beside(share: AllocationShare) -> list[AllocationShare]:
    """What other deposits, not undone, brought to the same thing of the same app, oldest first."""
    same = AllocationShare.objects.filter(kind=share.kind, key=share.key, allocation__undone_at=None)
    return list(same.exclude(allocation=share.allocation_id).order_by("pk"))


def shares_by_id(ids: Iterable[str]) -> dict[str, AllocationShare]:
    """Parts of deposits by their ids as text, which is how an app keeps what brought it a payment."""
    return {str(one.pk): one for one in AllocationShare.objects.filter(pk__in=list(ids))}


def channels_for(movement: Movement) -> list[tuple[CollectionAccount, Decimal]]:
    """The networks whose lump sum a deposit may be, with what each owes; none where none owes."""
    if movement.state != MovementState.WAITING:
        return []
    accounts = CollectionAccount.objects.filter(cleared=True, currency=movement.currency).exclude(
        pk=movement.account_id
    )
    owing = [(one, balance(code=one.ledger, currency=one.currency)) for one in accounts.order_by("code")]
    return [(one, owed) for one, owed in owing if owed > 0]


def deposit_events(movement: Movement) -> list[dict[str, Any]]:
    """What was done to a deposit, oldest first."""
    events: list[dict[str, Any]] = [{"title": "Llegó con su archivo", "at": movement.arrived_at}]
    for one in movement.allocations.select_related("by", "undone_by").prefetch_related("shares").order_by("pk"):
        who = str(one.by) if one.by else "El sistema"
        to = ", ".join(share.key for share in one.shares.all())
        told = to if one.act == Act.MATCHED else one.comment
        events.append({"title": f"{one.label}: {who}", "at": one.at, "text": told})
        if one.undone_at:
            events.append({"title": f"Deshecho: {one.undone_by}", "at": one.undone_at})
    return events


def file_standing(file: MovementFile, *, applies: bool) -> Told:
    """Who moves a file of movements next, as whoever `applies` it reads it or as anybody else of the desk."""
    return told_of(imported.RUN.at(file.run.state), desk=not applies)


def file_told(file: MovementFile) -> list[tuple[str, str]]:
    """What the page of a file tells of it: counts, sums, and where its deposits stand once they entered."""
    run, currency = file.run, file.account.currency
    told = [
        ("Cuenta de cobranza", file.account.label),
        ("Renglones", f"{run.rows:,}"),
        ("Nuevos", f"{run.new:,}"),
        ("Ya estaban", f"{run.unchanged:,}"),
        ("En ceros", f"{run.skipped:,}"),
        ("Con error", f"{run.wrong:,}"),
        ("Entró (nuevo)", format_money(file.credits, currency)),
        ("Salió (nuevo)", format_money(file.debits, currency)),
    ]
    states = file.movements.deposits().order_by().values_list("state").annotate(count=Count("pk"))
    order = list(MovementState)
    return told + [
        (MOVEMENT.desk_label(state), f"{count:,}")
        for state, count in sorted(states, key=lambda row: order.index(row[0]))
    ]
