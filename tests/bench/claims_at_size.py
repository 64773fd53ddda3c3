"""What claims cost at their full size: ten times what is built here (docs/performance.md says the command).

It takes a quarter of an hour, so it is measured where it is named alone: `bin/bench claims_at_size`.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

from tests.bench.pairs import Goal, say

TRIES, FAMILIES, EACH = 5, 20, 5  # families that send, and how often
DAY = 2_000  # sendings
GOALS = {"s": Goal("≤", 1.0, 0.3), "min": Goal("≤", 480.0, 60.0)}  # of a page; of one process with a day's sendings
_DESK = (
    ("inicio de quien dictamina", "/mesa/"),
    ("la mesa", "/mesa/tramites/"),
    ("lo que espera dictamen", "/mesa/tramites/?estado=por-dictaminar"),
    ("la mesa, un mes", "/mesa/tramites/?desde=2026-06-01&hasta=2026-06-30"),
    ("la mesa, una persona", "/mesa/tramites/?buscar=Ana12"),
    ("la mesa, lo enviado al final", "/mesa/tramites/?orden=-submitted_at"),
)
_REPORTS = ("", "tiempos/", "vueltas/", "importes/", "segundas-vistas/", "acumulados/")


def _told(name: str, act: Callable[[], object], *, tries: int = TRIES) -> None:
    """Seconds of an act, the median of its tries; the first one is not counted."""
    act()
    took = sorted(_seconds(act) for _ in range(tries))
    say(f"s {name}", took[tries // 2])


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _read(client: Any, path: str) -> None:
    answer = client.get(path, follow=True)
    size = sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)
    if answer.status_code != 200 or not size:
        raise SystemExit(f"{path} answered {answer.status_code}")


def _written(listing: Any, user: Any, file: str) -> None:
    """A file of a list, whole."""
    from django.http import QueryDict

    from portal import clock
    from portal.listing.export import content
    from portal.listing.selection import Selection

    if not sum(map(len, content(Selection(listing, user, QueryDict("")), file, at=clock.now()))):
        raise SystemExit(f"{listing.name} as {file} is empty")


def _desk() -> None:
    """Pages and files of an analyst; of an adviser."""
    from claims import queues
    from claims.listings import DESK
    from claims.models import Claim
    from claims.selectors.reports import REPORTS
    from config.demo.people import BY_SLUG
    from portal import clock
    from portal.work import services as work
    from tests.bench import many_claims as many
    from tests.bench.signed_in import signed_in, user_of

    delia = user_of(BY_SLUG["delia"].email)
    client, taken = signed_in(delia), many.some(Claim, many.CLAIMS - many.CLAIMS % 12)  # it was sent, nobody has it
    work.take(queue=queues.CLAIMS, thing=taken, by=delia, at=clock.now())
    for name, path in (*_DESK, ("un trámite en la mesa", f"/mesa/tramites/{taken.folio}/")):
        _told(name, lambda path=path: _read(client, path))
    for report in _REPORTS:
        path = f"/mesa/reportes-de-tramites/{report}"
        _told(f"reporte {report.strip('/') or 'abiertos'}", lambda path=path: _read(client, path))
    for one in (*(report.listing for report in REPORTS.values()), DESK):
        for file, kind in (("csv", "CSV"), ("xlsx", "Excel")):
            _told(f"«{one.title}» en {kind}", lambda one=one, file=file: _written(one, delia, file), tries=1)
    adviser = signed_in(user_of(BY_SLUG["noemi"].email))
    _told("asesoría", lambda: _read(adviser, "/mesa/asesoria/"))


def _family() -> None:
    """Pages of somebody of the policy."""
    from claims.models import Claim
    from portal.people.models import User
    from tests.bench import many_claims as many
    from tests.bench.signed_in import signed_in

    user = many.some(User, 7)
    client = signed_in(user)
    paid = Claim.objects.filter(filed_by=user, payment_state="paid").order_by("pk")[0]
    for name, path in (
        ("inicio de una familia", "/"),
        ("sus trámites", "/tramites/"),
        ("su historial", "/tramites/historial/"),
        ("un trámite pagado", f"/tramites/{paid.folio}/"),
        ("registrar un trámite", "/tramites/nuevo/"),
    ):
        _told(name, lambda path=path: _read(client, path))


def _reckoned(plan: Any) -> None:
    """What is looked up or reckoned: a certificate, an estimate, the buckets by night, the beat's looks."""
    from claims import tasks
    from claims.models import Claim
    from claims.selectors import running
    from memberships import selectors as memberships
    from memberships.models import CoveredPerson
    from portal import clock
    from portal.calendars import tasks as calendars
    from tests.bench import many_claims as many

    person, claim, now = many.some(CoveredPerson, 12), many.some(Claim, 1), clock.now()
    on = clock.date_in(now)

    def match(name: str) -> None:
        found = memberships.match_certificate(plan.party, plan.policy_number, name, person.born_on, on)
        if len(found) != (name == person.as_printed):
            raise SystemExit(f"{name} matched {len(found)} people")

    _told("un certificado que coincide", lambda: match(person.as_printed))
    _told("uno que no", lambda: match("Nadie Conocido"))
    _told("P50 y P80 al enviar", lambda: running.reading_at_sending(claim, at=now, minutes=6_000))
    _told("acumulados contra sus movimientos", tasks.compare_accumulators, tries=1)
    _told("días de borradores", tasks.draft_days, tries=1)
    _told("recordatorios del día", calendars.remind, tries=1)


def _a_day(plan: Any) -> None:
    """Sendings of families of the policy, each with its papers, judged by the rules and decided; a process alone."""
    from claims import tasks
    from claims.models import AutomaticAnswer
    from tests.bench.claims import settle
    from tests.factories import claims as a
    from tests.factories import people
    from tests.factories import policies as p

    families = [a.a_family(plan=plan) for _ in range(FAMILIES)]
    illness = {one.titular.pk: p.a_condition(person=one.titular) for one in families}
    analyst, sent = people.analyst(), []

    def send() -> None:
        for family in families:
            sent.extend(a.sent(family, "300.00", "200.00", "150.00", "350.00") for _ in range(EACH))

    def decide() -> None:
        for claim in sent:
            claim.refresh_from_db()
            if claim.state == "submitted":
                settle(claim, analyst, illness[claim.affected_id])

    for name, act in (("enviarlos", send), ("juzgarlos", tasks.judge_sent), ("dictaminarlos", decide)):
        say(f"min {DAY:,} trámites de un día: {name}", _seconds(act) * DAY / (FAMILIES * EACH) / 60)
    if AutomaticAnswer.objects.filter(claim__in=sent).count() != len(sent):
        raise SystemExit("the rules did not look at all that was sent")


def claims_at_size() -> None:
    """Pages, files, what is reckoned and a day's sendings among 20,000 claims of a policy, or as many times as told."""
    from tests.bench import many_claims as many

    began = time.perf_counter()
    plan = many.build().plan
    built = f"    segundos en construir {many.CLAIMS:,} trámites de {many.LINES} renglones"
    say(built, time.perf_counter() - began)
    _desk()
    _family()
    _reckoned(plan)
    _a_day(plan)
    say("    memoria del proceso al final, en MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


MEASURES = ()
BY_NAME = (claims_at_size,)
