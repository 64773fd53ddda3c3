"""A plan and its families: Fernanda's, paid month by month, with her mother; Julián's, who stopped; one that waits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from config.demo.cast import Cast
from config.demo.scenes import policies
from config.demo.scenes.people import consent
from memberships import services
from memberships.models import Membership, Plan, ReferenceScheme
from memberships.rules import Kinship
from memberships.rules.card import CardState, Refusal, Word
from memberships.rules.dues import first_of_next_month
from memberships.rules.joining import Contact, NewPerson
from portal import clock
from portal.people.models import Grant

PLAN = "FAMILIAR TOTAL"
PRICE = Decimal("480.00")
_TOO_MUCH = Decimal("50.00")
BENEFITS = "Atención en red médica\nUrgencias las 24 horas\nGuía paso a paso para darse de alta en el IMSS"  # S1.1
_CONTACT = {"street": "Morelos 12", "neighbourhood": "Centro", "zip_code": "44100", "municipality": "Guadalajara"}


def play(cast: Cast) -> None:
    """Elisa offers the plan and affiliates three families; one pays, one stopped, one has not begun."""
    elisa, at = cast.users["elisa"], cast.days_ago(58)
    plan = services.add_plan(
        name=PLAN, benefits=BENEFITS, amount=PRICE, since=clock.date_in(at) - timedelta(days=400), by=elisa, at=at
    )
    fernanda = _family(cast, plan, _FERNANDA, email="fernanda@ejemplo.mx", joined_days_ago=58)
    _months_paid(cast, fernanda)
    _account(cast, fernanda, "fernanda", "Fernanda")
    _account(cast, fernanda, "elena", "Elena")
    julian = _family(cast, plan, _JULIAN, email="julian@ejemplo.mx", joined_days_ago=110)
    services.pass_days(membership=julian, on=clock.date_in(cast.now), at=cast.now)
    _account(cast, julian, "julian", "Julián")
    _cards(cast, julian)
    ximena = _family(cast, plan, _XIMENA, email="ximena@ejemplo.mx", joined_days_ago=0)
    for membership, code, made_at in ((fernanda, "paynet", cast.days_ago(1)), (ximena, "bank-base10", cast.now)):
        scheme = ReferenceScheme.objects.get(code=code)
        services.make_slip(membership=membership, scheme=scheme, months=1, by=None, at=made_at)
    _refunds(cast, fernanda)
    policies.play(cast)


def _refunds(cast: Cast, membership: Membership) -> None:
    """Fernanda paid 50 pesos too much; she wanted them back too early, and wants them again today."""
    at, fernanda = cast.days_ago(4), cast.users["fernanda"]
    services.receive_payment(
        membership=membership,
        amount=_TOO_MUCH,
        value_on=clock.date_in(at),
        source=membership.titular,  # what she brought to the desk herself
        means="desk",
        by=cast.users["elisa"],
        at=at,
    )
    early = services.want_refund(
        membership=membership, amount=_TOO_MUCH, note="Pagué de más.", by=fernanda, at=at + timedelta(hours=1)
    )
    services.decline_refund(
        refund=early,
        reason="Tu pago se revisa todavía. Pídelo otra vez pasado mañana.",
        by=cast.users["ramiro"],
        at=at + timedelta(hours=3),
    )
    services.want_refund(
        membership=membership, amount=_TOO_MUCH, note="Ya pasaron dos días.", by=fernanda, at=cast.days_ago(1)
    )


def _cards(cast: Cast, membership: Membership) -> None:
    """Julián tried twice to pay by card: once without funds, once he let the time pass."""
    at = cast.days_ago(2)
    for kind, reason in ((CardState.DECLINED, Refusal.FUNDS.value), (CardState.TIMED_OUT, "")):
        attempt = services.begin_attempt(membership=membership, months=1, by=cast.users["julian"], at=at)
        word = Word(f"muestra-{kind}", kind, attempt.folio, attempt.amount, at, reason)
        services.hear_gateway(word=word, at=at)


def _person(kinship: Kinship, name: str, born_on: date, sex: str) -> NewPerson:
    given, first, second = name.split(" ")
    return NewPerson(kinship, given, first, second, born_on, sex)


def _born(cast: Cast, years: int, days: int) -> date:
    """Somebody's birthday who turned so many years so many days ago."""
    return (clock.date_in(cast.now) - timedelta(days=days)).replace(day=1) - timedelta(days=round(365.25 * years))


_FERNANDA = (
    (Kinship.TITULAR, "Fernanda Luna Robles", 41, "female"),
    (Kinship.PARTNER, "Óscar Rentería Paz", 43, "male"),
    (Kinship.CHILD, "Leo Rentería Luna", 17, "male"),
    (Kinship.PARENT, "Elena Robles Tapia", 66, "female"),
)
_JULIAN = ((Kinship.TITULAR, "Julián Cota Medina", 35, "male"),)
_XIMENA = ((Kinship.TITULAR, "Ximena Parra León", 29, "female"), (Kinship.CHILD, "Mía Parra León", 4, "female"))


def _family(
    cast: Cast,
    plan: Plan,
    told: tuple[tuple[Kinship, str, int, str], ...],
    *,
    email: str,
    joined_days_ago: int,
) -> Membership:
    """A family that Elisa entered up to 58 days ago; where it joined earlier, that was told as its first payment."""
    paid_on = clock.date_in(cast.now) - timedelta(days=joined_days_ago)
    return services.affiliate_family(
        plan=plan,
        people=[_person(kinship, name, _born(cast, years, 90), sex) for kinship, name, years, sex in told],
        contact=Contact(email=email, **_CONTACT),
        paid=services.Paid(on=paid_on) if joined_days_ago else None,
        by=cast.users["elisa"],
        at=cast.days_ago(min(joined_days_ago, 58)) if joined_days_ago else cast.days_ago(1),
    )


def _months_paid(cast: Cast, membership: Membership) -> None:
    """Each month of before is paid on its day 3; the rest of the days pass."""
    today = clock.date_in(cast.now)
    assert membership.joined_on is not None
    month = first_of_next_month(membership.joined_on)
    while (paid_on := month + timedelta(days=2)) < today:
        at = cast.days_ago((today - paid_on).days)
        services.pass_days(membership=membership, on=paid_on, at=at)
        membership.refresh_from_db()
        if membership.owed:
            services.receive_payment(
                membership=membership,
                amount=membership.owed,
                value_on=paid_on,
                source=membership.charges.order_by("-due_on", "pk")[0],
                means="desk",
                by=cast.users["elisa"],
                at=at,
            )
        month = first_of_next_month(month)
    services.pass_days(membership=membership, on=today, at=cast.now)
    membership.refresh_from_db()


def _account(cast: Cast, membership: Membership, slug: str, given_name: str) -> None:
    """A sample person acts for the party of somebody of a family: their own account."""
    person = membership.members.select_related("person__party").get(person__given_name=given_name).person
    cast.parties[slug] = person.party
    Grant.objects.create(
        user=cast.users[slug], party=person.party, role="member", since=clock.date_in(cast.days_ago(58))
    )
    consent(cast.users[slug], cast.days_ago(58))
