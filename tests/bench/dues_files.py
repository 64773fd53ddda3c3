"""Files of 20,000 rows as the desk takes them in: read, judged and applied as the portal does, and once more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.bench.pairs import say

ROWS = 20_000
_FAMILIES = "familia,parentesco,nombre,apellido_paterno,nacimiento,sexo,correo,plan,pagado_el,medio_de_pago\n"
_CERTIFICATES = "poliza,certificado,parentesco,nombre,apellido_paterno,nacimiento,sexo,desde,coberturas\n"
_FOLK = (
    ("Titular", "Nadia", "1990-02-03", "F"),
    ("Cónyuge", "Iker", "1988-02-28", "H"),
    ("Hijo", "Leo", "2015-02-28", "H"),
)


def files() -> None:
    """Each kind of file of the issue, its seconds whole and those of the same rows again, which bring nothing."""
    from portal import clock

    on = clock.today() - timedelta(days=1)
    _measured("movimientos del banco", _bank(on), _read_movements)
    _measured("personas afiliadas", _families(on), _read_families)
    _measured("personas de certificados", _certificates(), _read_certificates)


def _measured(what: str, told: str, read: Callable[[bytes], Any]) -> None:
    first, again = (_taken(told + end, read, new=new) for end, new in (("", True), ("\n", False)))
    say(f"año: {ROWS:,} {what}, segundos / otra vez, sin nada nuevo", first / again, first, again)


def _taken(told: str, read: Callable[[bytes], Any], *, new: bool) -> float:
    """Seconds until a file is read, applied where it brings something, and what it brought is matched."""
    from portal import clock, queue
    from portal.imports import services as imports
    from portal.imports.models import ImportTask
    from portal.treasury import services as treasury
    from portal.treasury.models import MatchRun

    def drain() -> None:
        queue.drain(ImportTask, lambda task: imports.work_on(task=task, at=clock.now()), limit=1, seconds=3600)
        queue.drain(MatchRun, lambda one: treasury.match_file(run=one, at=clock.now()), limit=1, seconds=3600)

    began = time.perf_counter()
    run = read(told.encode())
    drain()
    run.refresh_from_db()
    if run.wrong or bool(run.new) is not new:
        raise SystemExit(f"not as it should be: {run.new} new, {run.unchanged} known, {run.errors[:2]}")
    if new:
        imports.apply_or_ask(run=run, by=run.read_by, at=clock.now())
        drain()
    return time.perf_counter() - began


def _read_movements(body: bytes) -> Any:
    from portal.treasury import services
    from portal.treasury.models import CollectionAccount

    account = CollectionAccount.objects.get(code="mx-collections")
    return services.read_movements_file(account=account, **_handed_in(body, "ramiro"))


def _read_families(body: bytes) -> Any:
    from memberships import services

    return services.read_affiliations(**_handed_in(body, "elisa"))


def _read_certificates(body: bytes) -> Any:
    from memberships import services

    return services.read_certificates(insurer=_policy().party, **_handed_in(body, "elisa"))


def _handed_in(body: bytes, slug: str) -> dict[str, Any]:
    from config.demo.people import BY_SLUG
    from config.demo.uploads import upload_of
    from portal import clock
    from tests.bench.signed_in import user_of

    return {"upload": upload_of("medida.csv", body), "by": user_of(BY_SLUG[slug].email), "at": clock.now()}


def _bank(on: date) -> str:
    """A quarter pays a slip again, a quarter names who pays, a quarter a folio, a quarter nobody."""
    from memberships.models import Membership, Slip

    paid = list(Slip.objects.filter(state="paid").order_by("-pk").values_list("reference", "amount")[:ROWS])
    known = Membership.objects.dues().filter(state="active").order_by("-pk")
    told = list(known.values_list("titular__as_printed", "folio")[:ROWS])
    rows = ["Fecha,Concepto,Referencia,Clave de rastreo,Abono"]
    for number in range(ROWS):
        name, folio = told[number % len(told)]
        reference, amount = paid[number % len(paid)]
        ways = (
            f"DEPOSITO,{reference},K{number},{amount}",
            f"SPEI DE {name.upper()},{number},K{number},480.00",
            f"PAGO {folio},,K{number},480.00",
            f"TRASPASO REF {number * 7919},{number * 104729},K{number},{number % 900 + 1}.50",
        )
        rows.append(f"{on:%d/%m/%Y},{ways[number % 4]}")
    return "\n".join(rows) + "\n"


def _families(on: date) -> str:
    """Families of three, every other one with its first month paid."""
    from memberships.models import Plan

    plan = Plan.objects.offered().order_by("pk")[0].name
    rows = []
    for number, surname in _surnames():
        for place, (kinship, name, born, sex) in enumerate(_FOLK):
            first = f"n{number}@ejemplo.mx,{plan},{f'{on},Efectivo' if number % 2 else ','}" if not place else ",,,"
            rows.append(f"{number},{kinship},{name},{surname},{born},{sex},{first}\n")
    return _FAMILIES + "".join(rows)


def _certificates() -> str:
    """Certificates of three people."""
    plan = _policy()
    since = plan.years.order_by("since")[0].since
    rows = [
        f"{plan.policy_number},B-{number},{kinship},{name},{surname},{born},{sex},{since},GMM\n"
        for number, surname in _surnames()
        for kinship, name, born, sex in _FOLK
    ]
    return _CERTIFICATES + "".join(rows)


def _surnames() -> Iterator[tuple[int, str]]:
    letters = str.maketrans("0123456789", "abcdefghij")
    return ((number, f"Gil{str(number).translate(letters)}") for number in range(ROWS // len(_FOLK)))


def _policy() -> Any:
    from memberships.models import Plan

    return Plan.objects.policies().select_related("party").order_by("pk")[0]
