"""What families are told: one message an event, with the folio only (PR-08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from memberships.models import DuesPayment, Member, Membership, Refund, Share
from memberships.rules import MembershipState
from memberships.rules.family import Datum, Viewer, of_age_on, sight
from memberships.rules.refunds import MEMBER_PAYMENTS, RefundMeans
from memberships.rules.slips import SlipNews
from memberships.selectors.alerts import users_of_titulars
from memberships.selectors.family import with_account
from memberships.selectors.imss_steps import imss_files
from memberships.services.standing import News
from portal import clock
from portal.access import Permission
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.notices.services import Telling
from portal.people import selectors as people
from portal.treasury import selectors as treasury

S = MembershipState
Step = tuple[date, str]


def tell_titular(
    *,
    membership: Membership,
    kind: str,
    key: str,
    at: datetime,
    documents: Iterable[UUID] = (),
    files: Iterable[UUID] = (),
    url: str = "",
    **context: Any,
) -> None:
    """Tell whoever acts for the titular, once: the family's money and standing are theirs (AC-05)."""
    assert membership.titular is not None
    notices.notify(
        user_ids=people.users_of_party(membership.titular.party_id, on=clock.date_in(at)),
        kind=f"memberships/{kind}",
        key=f"{kind}:{membership.pk}:{key}",
        context={"folio": membership.folio, **context},
        url=url or folio_address(membership.folio),
        at=at,
        documents=documents,
        files=files,
    )


def tell_payment(
    *,
    membership: Membership,
    payment: DuesPayment,
    news: News,
    at: datetime,
    slip: SlipNews | None = None,
    beside: Sequence[DuesPayment] | None = None,
) -> None:
    """One message of a payment: that it came, what it changed, what it did to its slip and which pays the rest.

    Of a slip of several memberships one payment tells all, with the receipts of those `beside` it; the others ([]) tell
    only that a family came to stand otherwise.
    """
    kind, quiet = _kind_of_money(membership, news), beside is not None and not beside
    if quiet and kind == "payment_received":
        return
    files = list[UUID]()
    enclosed = [one.receipt_id for one in (payment, *(beside or ())) if one.receipt_id]
    if kind == "activated":
        cards, files = _papers_seen_by_titular(membership, on=clock.date_in(at))
        enclosed += cards
        _welcome_adults(membership, at=at)
    tell_titular(
        membership=membership,
        kind=kind,
        key=str(payment.pk),
        at=at,
        on=payment.value_on,
        url=reverse("memberships:slip", args=[slip.rest_code]) if slip and slip.rest_code else "",
        slip=slip.text if slip else "",
        credit=membership.credit > 0 and membership.owed == 0,
        part=membership.credit > 0 and membership.owed > 0,
        documents=enclosed,
        files=files,
    )


def _kind_of_money(membership: Membership, news: News) -> str:
    """The message of money that came, by what it changed."""
    never_was = any(standing in {S.SUSPENDED, S.CANCELLED} for _day, standing in news.undone)
    if never_was and membership.state == S.ACTIVE:
        return "undone"
    if news.before == S.AWAITING_PAYMENT and S.ACTIVE in {standing for _day, standing in news.happened}:
        return "activated"
    return "reinstated" if news.before == S.SUSPENDED and membership.state == S.ACTIVE else "payment_received"


def tell_came_back(*, membership: Membership, refund: Refund, news: News, at: datetime) -> None:
    """That credit which was to go back paid what was owed, and the family is covered again or for the first time."""
    kind = _kind_of_money(membership, news)
    if kind == "payment_received":  # it changed nothing
        return
    cards, files = _papers_seen_by_titular(membership, on=clock.date_in(at))
    told: dict[str, Any] = {"on": clock.date_in(at), "returned": True, "documents": cards, "files": files}
    kind = "activated" if kind == "activated" else "reinstated"
    tell_titular(membership=membership, kind=kind, key=f"refund:{refund.pk}", at=at, **told)
    _welcome_adults(membership, at=at)


def tell_taken_back(*, membership: Membership, payment: DuesPayment, reason: str, at: datetime) -> None:
    """That a payment is not there any more, and why."""
    tell_titular(
        membership=membership, kind="payment_taken_back", key=str(payment.pk), at=at, on=payment.value_on, reason=reason
    )


def tell_refund(*, refund: Refund, kind: str, at: datetime, key: str = "", slips: Iterable[str] = ()) -> None:
    """That money is on its way back, that it is there, or why not; where no account is known, where to give one.

    `key`: of what may happen more than once to it; `slips`: the folios that counted on that money and were cancelled.
    """
    by_transfer = refund.means == RefundMeans.TRANSFER
    tell_titular(
        membership=refund.membership,
        kind=kind,
        key=f"{refund.pk}:{refund.asked_on}:{key}",
        at=at,
        url=treasury.account_page(MEMBER_PAYMENTS) if by_transfer and kind == "refund_asked" else "",
        due=refund.due_on,
        by_transfer=by_transfer,
        reason=refund.answer,
        slips=", ".join(slips),
        ended=refund.membership.state == S.CANCELLED,
    )


def tell_steps(*, membership: Membership, steps: Iterable[Step], at: datetime) -> None:
    """Each day on which a membership was suspended or ended by itself, in order, once."""
    tell_steps_of_many(happened=[(membership, steps)], at=at)


def tell_steps_of_many(*, happened: Iterable[tuple[Membership, Iterable[Step]]], at: datetime) -> None:
    """`tell_steps` of many memberships: each in its own words, all of a kind at once."""
    told = [(one, day, standing) for one, steps in happened for day, standing in steps]
    for kind in (S.SUSPENDED.value, S.CANCELLED.value):
        rows = [(one, one.titular, day) for one, day, standing in told if standing == kind and one.titular]
        if not rows:
            continue
        users = users_of_titulars({titular.party_id for _one, titular, _day in rows}, on=clock.date_in(at))
        notices.notify_many(
            kind=f"memberships/{kind}",
            tellings=[
                Telling(
                    users.get(titular.party_id, []),
                    f"{kind}:{one.pk}:{day.isoformat()}",
                    {"folio": one.folio, "on": day},
                    folio_address(one.folio),
                )
                for one, titular, day in rows
            ],
            at=at,
        )


def tell_draft(*, draft: Membership, at: datetime) -> None:
    """Whoever began to join and has not finished reads on which day what they typed goes."""
    assert draft.draft_falls_on is not None  # its day came
    notices.notify(
        user_ids=[draft.created_by_id] if draft.created_by_id else [],
        kind="memberships/draft_falls",
        key=f"draft_falls:{draft.pk}:{draft.draft_falls_on.isoformat()}",
        context={"on": draft.draft_falls_on},
        url=reverse("memberships:join_you"),
        at=at,
    )


def tell_affiliation(*, membership: Membership, key: str, at: datetime) -> None:
    """Tell the affiliation desk that a titular named an adult's address: it may be mistyped or false (2.12)."""
    desk = people.people_with(Permission.AFFILIATE, on=clock.date_in(at))
    notices.notify(
        user_ids=list(desk.values_list("pk", flat=True)),
        kind="memberships/account_named",
        key=f"account_named:{key}",
        context={"folio": membership.folio},
        url=folio_address(membership.folio),
        at=at,
    )


def tell_papers(
    *,
    member: Member,
    key: str,
    at: datetime,
    what: Datum = Datum.CARD,
    documents: Iterable[UUID | None] = (),
    files: Iterable[UUID] = (),
    reissued: bool = False,
) -> None:
    """Papers of one person go to whoever may see them today: to themselves, and to the titular where AC-05 says so."""
    on, membership = clock.date_in(at), member.membership
    kind = "imss_constancia" if what is Datum.IMSS else "member_papers"
    told = set(people.users_of_party(member.person.party_id, on=on))
    if _seen_by_titular(membership, [member], on=on)[member.pk, what]:
        assert membership.titular is not None  # it has a card, or is covered
        told |= set(people.users_of_party(membership.titular.party_id, on=on))
    notices.notify(
        user_ids=told,
        kind=f"memberships/{kind}",
        key=f"{kind}:{key}",
        context={"folio": membership.folio, "reissued": reissued},
        url=reverse("memberships:person", args=[member.person_id]),
        at=at,
        documents=[one for one in documents if one],
        files=files,
    )


def _papers_seen_by_titular(membership: Membership, *, on: date) -> tuple[list[UUID], list[UUID]]:
    """Cards with our constancias, and the IMSS's own, that the titular may see that day (AC-05)."""
    rows = list(membership.members.current(on=on).select_related("person").order_by("since", "pk"))
    seen = _seen_by_titular(membership, rows, on=on)
    cards = [one.card_id for one in rows if seen[one.pk, Datum.CARD]]
    steps = [one for one in rows if seen[one.pk, Datum.IMSS]]
    ours = [one.constancia_id for one in steps]
    return [one for one in [*cards, *ours] if one], imss_files(one.person_id for one in steps)


def _seen_by_titular(membership: Membership, rows: Sequence[Member], *, on: date) -> dict[tuple[UUID, Datum], bool]:
    """Whether a family's titular may see each one's card and what is of the IMSS."""
    theirs = with_account([one.person.party_id for one in rows], on=on)
    shares: dict[UUID, list[Datum]] = {}
    for stay, what in Share.objects.filter(member__in=rows, ended_at=None).values_list("member", "what"):
        shares.setdefault(stay, []).append(Datum(what))
    return {
        (one.pk, what): sight(
            viewer=Viewer.SELF if one.person_id == membership.titular_id else Viewer.TITULAR,
            what=what,
            born_on=one.person.born_on,
            has_account=one.person.party_id in theirs,
            shares=shares.get(one.pk, ()),
            on=on,
        ).visible
        for one in rows
        for what in (Datum.CARD, Datum.IMSS)
    }


def _welcome_adults(membership: Membership, *, at: datetime) -> None:
    """Adults of the family with an own account get their own papers, nobody else's."""
    on = clock.date_in(at)
    members = membership.members.current(on=on).exclude(person=membership.titular_id).select_related("person")
    for one in members:
        if on >= of_age_on(one.person.born_on):
            notices.notify(
                user_ids=people.users_of_party(one.person.party_id, on=on),
                kind="memberships/card",
                key=f"card:{one.card_id}",
                context={"folio": membership.folio},
                url=folio_address(membership.folio),
                at=at,
                documents=[paper for paper in (one.card_id, one.constancia_id) if paper],
                files=imss_files([one.person_id]),
            )
