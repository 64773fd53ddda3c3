"""One real object for every URL of claims that names one, and who is let in to it (AC-02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.imports.models import ImportRun
from tests.breakers.floor import imported
from tests.security.conftest import World
from tests.security.thing import Thing

OF_DESK = (
    *("review", "open", "decide", "look", "register_condition"),
    *("ask_withdrawal", "answer_withdrawal", "decide_event", "record_bill"),
    *("ask", "allow", "resume", "write_from_desk"),
)


def claims(world: World) -> dict[str, Thing]:
    """A draft and a claim that the member filed; the desk's pages of the second."""
    from tests.factories import claims as a

    family = a.a_family(user=world.users["member"])
    draft, sent = a.a_draft(family), a.bare(family)
    mine, item, invoice = frozenset({"member"}), a.a_file(draft, "other").pk, a.an_invoice(draft, "1.00").pk
    steps = ("draft", "event", "papers", "consent", "payment", "check", "discard", "give_rfc")
    found = {name: Thing((draft.pk,), mine) for name in steps}
    found |= {name: Thing((draft.pk, item), mine) for name in ("remove_file", "put_file_back")}
    found["ask_assent"] = Thing((draft.pk,), mine)
    other = a.a_family()  # whose titular filed for the member, who is asked
    asked = a.an_assent(a.bare(other, affected=family.titular))
    found |= {name: Thing((asked.pk,), mine) for name in ("assent", "end_assent")}
    found |= {"attach": Thing((draft.pk, "other"), mine), "correct_invoice": Thing((draft.pk, invoice), mine)}
    found |= {
        name: Thing((sent.folio,), mine) for name in ("claim", "done", "withdraw", "write", "complement", "appeal")
    }
    found |= {name: Thing((sent.folio,)) for name in OF_DESK}
    message, hospital = _of_adviser(family)
    found |= {"advise": Thing((message,)), "hospital": Thing((hospital,))}
    from claims.models import DocumentRequirement, NotCoveredReason

    found["requirement"] = Thing((DocumentRequirement.objects.latest("pk").pk,))
    found["reason"] = Thing((NotCoveredReason.objects.latest("pk").pk,))
    sent.messages.create(by=world.users["member"], text="¿Falta algo?", at=a.AT)
    wanted = a.an_open_request(a.bare(family))
    of = (wanted.claim.folio,)
    found |= {name: Thing(of, mine) for name in ("pending", "consent_answer", "complete")}
    found |= {"answer": Thing((*of, wanted.items.get().pk), mine)}
    found |= {name: Thing((*of, a.an_answer(wanted).pk), mine) for name in ("remove_answer", "put_answer_back")}
    found["confirm_policy"] = Thing((_policy_waits(family, world.users["member"]),), mine)
    return {f"claims:{name}": thing for name, thing in found.items()}


def _policy_waits(family: Any, user: Any) -> str:
    """The token of the mail to somebody with an account, who asked to add a policy to it."""
    from claims.models import PolicyRegistration
    from portal import clock
    from portal.people.rules import digest

    now, told = clock.real_now(), {"person": family.titular, "insurer": family.plan.party, "user": user}
    until = now + timedelta(hours=1)
    PolicyRegistration.objects.create(**told, digest=digest("la-suya"), created_at=now, expires_at=until)
    return "la-suya"


def _of_adviser(family: Any) -> tuple[str, Any]:
    """What somebody asked the adviser, by its folio, and a hospital of the list."""
    from claims.guides import ADVISER_REQUEST
    from claims.models import Hospital
    from portal.help.services import leave_message
    from tests.factories import claims as a
    from tests.factories import people

    said = {"name": "F", "email": "f@ejemplo.mx", "subject_folio": "X", "body": "Hospital", "by": people.member()}
    message = leave_message(kind=ADVISER_REQUEST, at=a.AT, **said)
    told = {"key": "H-1", "name": "Hospital", "city": "Toluca", "state": "México", "since": a.ON, "changed_at": a.AT}
    return message.folio, Hospital.objects.create(insurer=family.plan.party, **told).pk


def calls_of_claims(pages: dict[str, Thing]) -> dict[str, Thing]:
    """Calls whose page has another name, or names more than they do: each with the thing of its page."""
    of_draft, of_desk = pages["claims:draft"], pages["claims:review"]
    found = {f"claims:api_{name}": of_draft for name in ("attach", "missing", "submit", "agreed_hospitals")}
    names = ("", "_apply", "_totals", "_headings", "_cancel", "_errors")
    sums = {"rows": 2, "covered": "2.00", "paid": "1.00"}
    for table, told in (("hospitals", {"rows": 2}), ("openings", sums)):
        run = imported()
        ImportRun.objects.filter(pk=run.pk).update(
            kind=f"claims.{table}", declared=told, counted=told, source="api", file=None, sha256=""
        )
        found |= {f"claims:api_{table}_run{name}": Thing((run.pk,)) for name in names}
    return found | {"claims:api_take": of_desk}
