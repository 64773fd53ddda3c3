"""What the machine says of a physician's files, said to the reviewer who decides (N14). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billing.rules.states import ReviewState
from portal.errors import Conflict, Finding, Level, Verdict
from portal.fiscal.rules.common import names_account, plain
from portal.money import ZERO

# Said to who decided, and of them to their colleagues while it can still be undone.
DECIDED: dict[ReviewState, str] = {
    ReviewState.ACCEPTED: "Aceptaste",
    ReviewState.RETURNED: "Devolviste",
    ReviewState.REJECTED: "Rechazaste",
}
THEY_DECIDED: dict[ReviewState, str] = {
    ReviewState.ACCEPTED: "aceptó",
    ReviewState.RETURNED: "devolvió",
    ReviewState.REJECTED: "rechazó",
}
COMPLEMENT_DECIDED = {True: "Aceptaste", False: "Rechazaste"}
COMPLEMENT_THEY_DECIDED = {True: "aceptó", False: "rechazó"}
DECISION_WAITS = (
    "{by} ya decidió y todavía lo puede deshacer. Espera un minuto y vuelve a abrir la página para ver cómo quedó."
)

# code → what the reviewer does about it; a file with an error is never stored, so errors have no line here.
CURES: dict[str, str] = {
    "certificate_unknown": "Compruébala en el SAT. Si es de fiar, pide a Administración que agregue el certificado.",
    "stamp_unknown_pac": "Compruébala en el SAT. Si es de fiar, pide a Administración que agregue el certificado.",
    "concept_product": "No impide aceptarla.",
    "concept_unit": "No impide aceptarla.",
    "scheme_review": "Compara la retención con el régimen del médico antes de aceptarla.",
    "local_name": "No impide aceptarla.",
    "payment_way": "No impide aceptarlo.",
    "amount_not_assigned": "Comprueba que pague todas las facturas del depósito.",
    "paid_on_beside": "Compara las dos fechas: una transferencia de la tarde es del día bancario siguiente.",
    "receiver_name_differs": "Compara los dos nombres y decide si son el mismo.",
    "patient_differs": "Compara los dos nombres y decide si es la misma persona.",
    "catalogue_key": "Compruébala en el SAT. Si ya existe, pide a Administración que la agregue en Catálogos del SAT.",
    "document_tax": "Compara la base y el ISR con los de la factura.",
    "pdf_not_compared": "Compara a la vista el PDF con el XML.",
    "pdf_without_uuid": "Compara a la vista el folio fiscal del PDF con el del XML.",
    "not_checked": "Compruébalo antes de decidir.",
}


@dataclass(frozen=True, slots=True)
class Billed:
    """An order against the concepts of a CFDI that carry its account (S0.16, S0.17).

    `texts` are their descriptions, none where no concept names it; `asked` is what the orders come to that these
    concepts bill together, `amount` what they say.
    """

    account: str
    patient: str
    payable: Decimal
    texts: tuple[str, ...]
    asked: Decimal
    amount: Decimal

    @property
    def fits(self) -> bool:
        """Whether a concept bills it and the amounts are the same."""
        return bool(self.texts) and self.asked == self.amount


def hold_orders(
    orders: Sequence[tuple[str, str, Decimal]], concepts: Sequence[tuple[str, Decimal]]
) -> tuple[list[Billed], list[tuple[str, Decimal]]]:
    """Each order (account, patient, payable) against the concepts (description, amount), and those that bill none."""
    joined = [plain(description).replace(" ", "") for description, _amount in concepts]
    places = [_places(account, concepts, joined) for account, _patient, _payable in orders]
    together: dict[frozenset[int], Decimal] = {}
    for (_account, _patient, payable), place in zip(orders, places, strict=True):
        together[place] = together.get(place, ZERO) + payable
    billed = [
        Billed(
            account,
            patient,
            payable,
            tuple(concepts[one][0] for one in sorted(place)),
            together[place],
            sum((concepts[one][1] for one in place), ZERO),
        )
        for (account, patient, payable), place in zip(orders, places, strict=True)
    ]
    used = frozenset[int]().union(*places)
    return billed, [concept for number, concept in enumerate(concepts) if number not in used]


def _places(account: str, concepts: Sequence[tuple[str, Decimal]], joined: Sequence[str]) -> frozenset[int]:
    """Which concepts carry an account; the cheap question first: there may be 200 of each."""
    wanted = plain(account).replace(" ", "")
    near = [number for number, text in enumerate(joined) if wanted in text]
    return frozenset(number for number in near if names_account(concepts[number][0], account))


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What the papers of a corrected invoice say otherwise: (datum, before, now), "" where it was or is not there."""
    names = [*now, *(name for name in before if name not in now)]
    told = ((name, before.get(name, ""), now.get(name, "")) for name in names)
    return [one for one in told if one[1] != one[2]]


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """What fails before what a person looks at, warnings, what could not be checked; each in its order."""
    return sorted(findings, key=lambda one: [*Level].index(one.level))


def for_reviewer(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings with what the reviewer has to do; of the physician in third person."""
    return [
        replace(
            one,
            message=one.message.replace("te pagamos por transferencia", "se pagó por transferencia"),
            cure=CURES.get(one.code, one.cure),
        )
        for one in findings
    ]


def is_clean(findings: Iterable[Finding], *, verdict: str) -> bool:
    """Whether the machine found nothing: no objection, nothing to look at, nothing left unchecked."""
    return verdict == Verdict.ACCEPTED and all(one.level is Level.OK for one in findings)


def check_unopened(*, clean: bool, drawn: bool, alike: bool) -> None:
    """An invoice may be accepted by its line alone. Raises Conflict with why it has to be opened first."""
    why = ""
    if not clean:
        why = "Tiene algo que mirar."
    elif drawn:
        why = "Salió sorteada para revisarla completa."
    elif alike:
        why = "Se parece a otro comprobante."
    if why:
        raise Conflict(f"{why} Ábrela y decide en su página.", code="open_first")


def is_drawn(key: str, *, percent: int) -> bool:
    """Whether a thing is among `percent` of a hundred, told by its key alone: the same for whoever draws again."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100 < percent
