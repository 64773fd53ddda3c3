"""That an RFC is its party's own (AC-11): kept here once, whoever found it out; billing asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.once.services import throttle
from portal.people import rules, selectors
from portal.people.models import Party, RfcCode, RfcProof, User
from portal.vault import blind_index

HOME = "/"
PROVED = "Tu RFC ya está acreditado: no hace falta nada más."


@transaction.atomic
def prove_rfc(*, party: Party, kind: str, by: User | None, at: datetime) -> bool:
    """Keep that this party's RFC is its own; the first proof stays. True when it was this one.

    `by` accepted the paper (None for an insurer's code). Raises RuleBroken for whoever acts in that party.
    """
    party = Party.objects.select_for_update().get(pk=party.pk)
    if party.is_rfc_proved or not party.rfc:
        return False
    if by is not None and party.grants.in_force(on=clock.date_in(at)).filter(user=by).exists():
        raise RuleBroken("Nadie acredita su propio RFC. Le toca a otra persona.", code="own_rfc")
    party.rfc_proof, party.rfc_proved_at, party.rfc_proved_by = kind, at, by
    party.save(update_fields=["rfc_proof", "rfc_proved_at", "rfc_proved_by"])
    RfcCode.objects.filter(rfc=party.rfc).delete()  # of no use any more, and a secret that nobody needs
    notify(
        user_ids=selectors.users_of_party(party.pk, on=clock.date_in(at)),
        kind="rfc_proved",
        key=f"rfc_proved:{party.pk}:{at.isoformat()}",
        context={"how": RfcProof(kind).label, "opened": selectors.words_of_rfc(party, on=clock.date_in(at))[1]},
        url=HOME,
        at=at,
        action_label="Entrar al portal",
    )
    record(action="people.rfc_proved", subject=party, by=by, at=at, details={"kind": str(kind)}, party_id=party.pk)
    return True


def _digest(rfc: str, code: str) -> str:
    """Keyed: whoever reads the table cannot try all codes of six digits against it."""
    return blind_index(f"{rfc}:{code}", purpose="rfc-code")


@transaction.atomic
def keep_rfc_codes(*, issuer: Party, codes: Iterable[tuple[str, str]], by: User, at: datetime) -> int:
    """Keep the codes that an insurer announces, (RFC, code) each, hashed; how many are new. Proved RFCs need none.

    Codes are as `rules.plain_code` gives them.
    """
    asked = set(codes)
    proved = Party.objects.filter(rfc__in={rfc for rfc, _ in asked}, rfc_proved_at__isnull=False)
    done = set(proved.values_list("rfc", flat=True))
    rows = {(rfc, _digest(rfc, code)) for rfc, code in asked if rfc not in done}
    known = set(RfcCode.objects.filter(issuer=issuer, rfc__in={rfc for rfc, _ in rows}).values_list("rfc", "digest"))
    now = clock.real_now()
    fresh = [RfcCode(issuer=issuer, rfc=rfc, digest=digest, created_at=now) for rfc, digest in sorted(rows - known)]
    RfcCode.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        record(
            action="people.rfc_codes_kept",
            subject=issuer,
            by=by,
            at=at,
            details={"count": len(fresh)},
            party_id=issuer.pk,
        )
    return len(fresh)


def use_rfc_code(*, party: Party, code: str, by: User, at: datetime) -> None:
    """The physician types the code their insurer handed them. Guesses are throttled by party (AC-11).

    Raises RuleBroken for a wrong one, TooMany after 5 in an hour or 10 in a day, Conflict when it was proved before.
    """
    if party.is_rfc_proved:
        raise Conflict(PROVED, code="rfc_proved")
    for window, limit in rules.CODE_TRIES:
        throttle(scope=f"rfc_code.{window}", key=str(party.pk), limit=limit, window=window)
    plain = rules.plain_code(code)
    known = plain is not None and RfcCode.objects.filter(rfc=party.rfc, digest=_digest(party.rfc, plain)).exists()
    if not known:
        record(action="people.rfc_code_wrong", subject=party, by=by, at=at, party_id=party.pk)
        raise RuleBroken(
            "Ese código no es el que mandó tu aseguradora. Cópialo completo, o pídeselo otra vez.",
            code="rfc_code_wrong",
            field="code",
        )
    prove_rfc(party=party, kind=RfcProof.CODE, by=None, at=at)
