"""Objects of memberships for the table of whose each is (`things`)."""

from __future__ import annotations

from typing import Any

from tests.security.conftest import World
from tests.security.thing import Thing


def families(world: World) -> dict[str, Thing]:

    from memberships.models import ImssSource, Member, Membership, Plan, ReferenceScheme, Slip
    from memberships.selectors.links import link_token

    own = Membership.objects.get(titular__party=world.party("member"))
    from tests.factories.policies import a_whole_policy

    person, plan = Member.objects.get(membership=own, kinship="child").person, Plan.objects.dues().get()
    policy = Plan.objects.policies().first() or a_whole_policy()
    found = {name: Thing((own.pk,)) for name in ("affiliation", "cancel", "invite")}
    found |= {name: Thing((policy.pk,)) for name in ("policy", "add_policy_year", "import_certificates")}
    found |= {name: Thing((plan.pk,)) for name in ("plan", "change_plan", "set_price")}
    found |= {"cancel_own": Thing((own.pk,), frozenset({"member"}))}
    found |= {"make_slip": Thing((own.pk,), frozenset({"member"}))}
    found |= {"cancel_slip": Thing((Slip.objects.get(party=world.party("member")).code,), frozenset({"member"}))}
    found |= {"person": Thing((person.pk,), frozenset({"member"}))}
    found |= {name: Thing((person.pk,), frozenset({"member"})) for name in ("imss", "imss_papers")}
    stay = Member.objects.get(membership=own, kinship="child").pk
    found |= {name: Thing((stay,), frozenset({"member"})) for name in ("end_member", "invite_adult")}
    found |= dict.fromkeys(("member_papers", "reissue_card", "imss_constancia"), Thing((stay,)))
    token = link_token(Member.objects.get(pk=stay), world.users["member"])
    found |= {"link": Thing((token,), frozenset({"member"}))}
    found |= {"add_member": Thing((own.pk,), frozenset({"member"}))}
    found |= dict.fromkeys(("card_doubt", "settle_doubt"), Thing((_a_doubt(own),)))
    found |= {"card_attempt": Thing((own.card_attempts.get().pk,)), "ask_refund": Thing((own.pk,))}
    wanted = own.refunds.get(state="wanted")
    found |= {name: Thing((wanted.pk,)) for name in ("refund", "approve_refund", "decline_refund")}
    found |= {name: Thing((own.pk,), frozenset({"member"})) for name in ("want_refund", "check_refund")}
    scheme = ReferenceScheme.objects.get(code="paynet").pk
    found |= {name: Thing((scheme,)) for name in ("scheme", "change_scheme")}
    found |= {"imss_source": Thing((ImssSource.objects.get(code="procedure").pk,))}
    found |= {"join_drop": Thing((_somebody_of_a_draft(world, plan),), frozenset({"member"}))}
    return {f"memberships:{name}": thing for name, thing in found.items()}


def _families_read() -> Any:
    """A file of families that the desk read."""
    from config.demo.uploads import upload_of
    from memberships import services
    from memberships.models import Plan
    from portal import clock
    from tests.factories import people
    from tests.memberships.test_affiliations_file import families_file

    content = families_file(Plan.objects.dues()[0].name).encode()
    return services.read_affiliations(upload=upload_of("familias.csv", content), by=people.affiliator(), at=clock.now())


def _a_doubt(family: Any) -> Any:
    """An event of the gateway whose amount nobody asked for."""
    from decimal import Decimal

    from memberships import services
    from memberships.rules.card import CardState, Word
    from portal import clock

    at = clock.now()
    attempt = services.begin_attempt(membership=family, months=1, by=None, at=at)
    word = Word("thing-1", CardState.CAPTURED, attempt.folio, Decimal("1.00"), at)
    return services.hear_gateway(word=word, at=at).pk


def _somebody_of_a_draft(world: World, plan: Any) -> Any:
    """A child of a family that the member has begun to join."""
    from memberships.models import Member, Membership
    from portal import clock
    from tests.factories import memberships as a

    told = {"kind": "membership", "state": "draft", "created_at": clock.now(), "created_by": world.users["member"]}
    draft = Membership.objects.create(plan=plan, **told)
    child = a.a_covered_person()
    return Member.objects.create(membership=draft, person=child, kinship="child", since=clock.today()).pk


def calls_of_families(pages: dict[str, Thing]) -> dict[str, Thing]:
    """Calls of memberships whose page is named otherwise, or which have none; a file of certificates is its run."""
    from memberships.models import Slip
    from portal.imports.models import ImportRun

    one = frozenset({"member"})
    same = {
        "family": "cancel_own",
        "family_charges": "cancel_own",
        "add_person": "add_member",
        "end_person": "end_member",
        "invite_person": "invite_adult",
    }
    found = {f"memberships:api_{name}": pages[f"memberships:{page}"] for name, page in same.items()}
    run = ImportRun.objects.filter(kind="memberships.certificates").order_by("pk")[0]
    entered = ImportRun.objects.filter(kind="memberships.affiliations").order_by("pk").first() or _families_read()
    names = ("", "_apply", "_totals", "_headings", "_cancel", "_errors")
    found |= {f"memberships:api_certificates_run{name}": Thing((run.pk,)) for name in names}
    found |= {f"memberships:api_affiliations_run{name}": Thing((entered.pk,)) for name in names}
    (code,) = pages["memberships:cancel_slip"].args
    slip = Thing((Slip.objects.get(code=code).folio,), one | {"collections", "auditor"})
    found |= {"memberships:api_slip": slip, "memberships:api_cancel_slip": Thing(slip.args, one)}
    return found | {"memberships:api_share": Thing(pages["memberships:end_member"].args, frozenset())}
