"""What breaks each constraint of memberships, and the rows that stand (tests/test_constraints.py)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from memberships import services
from memberships.models import (
    BirthdayDue,
    CardAttempt,
    CardLine,
    Charge,
    Cover,
    DuesDue,
    DuesPayment,
    DuesPosting,
    GatewayDoubt,
    GatewayEvent,
    ImssCheck,
    ImssConstancia,
    ImssSource,
    PriceDue,
    ReferenceScheme,
    Share,
)
from memberships.models import StandingChange as Change
from portal import clock, ids
from portal.papers import services as papers
from portal.papers.models import StoredFile
from tests.breakers import Breaker, changed, same
from tests.factories import memberships as a
from tests.factories import people

DAY = a.SINCE
NOW = clock.real_now()
NEXT = DAY + timedelta(days=1)


def charge() -> models.Model:
    return Charge.objects.create(membership=a.bare(), period=DAY, due_on=DAY, grace_ends_on=DAY, amount=a.PRICE)


def first_charge() -> models.Model:
    return Charge.objects.create(membership=a.bare(), is_first=True, due_on=DAY, amount=a.PRICE)


def imported() -> models.Model:
    return a.bare(entered_as="0" * 64)


def _new_family(_row: models.Model) -> dict[str, Any]:
    return {"titular": a.a_covered_person(), "folio": "ME-2020-999998"}


def payment() -> models.Model:
    return DuesPayment.objects.create(
        membership=a.bare(),
        amount=a.PRICE,
        value_on=DAY,
        means="desk",
        source_type="x.y",
        source_id="1",
        received_at=clock.now(),
    )


def taken_back() -> models.Model:
    made = payment()
    DuesPayment.objects.update(taken_back_on=DAY, taken_back_at=clock.now())
    return made


def posting() -> models.Model:
    return DuesPosting.objects.create(charge=charge(), act="dues_charged", on=DAY, amount=a.PRICE)


def cover() -> models.Model:
    return Cover.objects.create(membership=a.bare(), since=DAY, until=NEXT)


def attempt() -> models.Model:
    family = a.bare()
    return CardAttempt.objects.create(
        folio=f"FP-2020-{family.folio[-6:]}",
        membership=family,
        party=family.titular.party,
        amount=a.PRICE,
        started_at=NOW,
        expires_at=NOW,
    )


def card_line() -> models.Model:
    return CardLine.objects.create(attempt=attempt(), period=DAY, amount=a.PRICE)


def said() -> models.Model:
    return GatewayEvent.objects.create(
        event_id="e-1",
        attempt=attempt(),
        kind="captured",
        amount=a.PRICE,
        outcome="applied",
        said_at=NOW,
        received_at=NOW,
    )


def doubt() -> models.Model:
    return GatewayDoubt.objects.create(event=said(), since=NOW)


def checked() -> models.Model:
    return ImssCheck.objects.create(person=a.a_covered_person(), updated_at=NOW, updated_by=people.a_person())


def an_imss_pdf() -> StoredFile:
    told = {"content": ids.uuid7().bytes, "name": "a.pdf", "kind": "pdf", "purpose": "imss_constancia"}
    return papers.store_bytes(**told, party=None, by=None, at=NOW)


def imss_constancia() -> models.Model:
    by, person = people.a_person(), a.a_covered_person()
    return ImssConstancia.objects.create(person=person, file=an_imss_pdf(), uploaded_at=NOW, uploaded_by=by)


def link() -> models.Model:
    return ImssSource.objects.get(code="procedure")


def slip() -> models.Model:
    plan, titular = a.a_plan(), a.a_covered_person()
    family = a.bare(plan=plan, titular=titular, state="awaiting_payment", joined_on=clock.today())
    Charge.objects.create(membership=family, is_first=True, due_on=clock.today(), amount=a.PRICE)
    scheme = ReferenceScheme.objects.get(code="paynet")
    return services.make_slip(membership=family, scheme=scheme, months=1, by=None, at=clock.now())


def rest() -> models.Model:
    made = slip()
    made.pk, made.folio, made.code, made.replaces = None, "FP-2020-1", "REST", slip()  # type: ignore[attr-defined]
    made._state.adding = True
    made.save()
    return made


def slip_line() -> models.Model:
    return slip().lines.get()  # type: ignore[attr-defined]


def slip_key() -> models.Model:
    return slip().keys.get()  # type: ignore[attr-defined]


def scheme() -> models.Model:
    return ReferenceScheme.objects.get(code="bank-base97")


def change() -> models.Model:
    return Change.objects.create(membership=a.bare(), on=DAY, standing="active", noted_at=clock.now())


def dues_date() -> models.Model:
    return DuesDue.objects.create(
        membership=a.bare(), anchor=DAY, due_on=DAY, rolled_on=DAY, due_rule="dues.grace_days v1 · operador"
    )


def met_date() -> models.Model:
    made = dues_date()
    DuesDue.objects.update(met_at=clock.now())
    return made


def birthday() -> models.Model:
    told = {"anchor": DAY, "due_on": DAY, "rolled_on": DAY, "due_rule": "family.birthday_before v1 · operador"}
    return BirthdayDue.objects.create(person=a.a_covered_person(), **told)


def met_birthday() -> models.Model:
    made = birthday()
    BirthdayDue.objects.update(met_at=clock.now())
    return made


def price_date() -> models.Model:
    told = {"anchor": DAY, "due_on": DAY, "rolled_on": DAY, "due_rule": "dues.price_before v1 · operador"}
    return PriceDue.objects.create(price=a.a_plan().prices.get(), **told)


def met_price_date() -> models.Model:
    made = price_date()
    PriceDue.objects.update(met_at=clock.now())
    return made


def member() -> models.Model:
    return a.bare().members.get()


def share() -> models.Model:
    return Share.objects.create(member=member(), what="card", by=people.a_person(), since=clock.now())


def price() -> models.Model:
    return a.a_plan().prices.get()


BREAKERS: dict[str, Breaker] = {
    "card_attempt_state_known": changed(attempt, state="lost"),
    "card_attempt_positive": changed(attempt, amount=Decimal("0.00")),
    "card_attempt_declined_says_why": changed(attempt, state="declined"),
    "one_open_card_attempt_per_membership": same(attempt, folio="FP-2020-1", code="OTHER"),
    "card_line_positive": changed(card_line, amount=Decimal("0.00")),
    "one_card_line_per_month": same(card_line),
    "one_gateway_event_per_id": same(said),
    "gateway_event_kind_known": changed(said, kind="lost"),
    "gateway_event_outcome_known": changed(said, outcome="lost"),
    "settled_doubt_says_what_was_done": changed(doubt, settled_at=NOW),
    "imss_clinic_known": changed(checked, clinic="far"),
    "imss_papers_known": changed(checked, ticked=["passport"]),
    "one_imss_constancia_per_person": Breaker(imss_constancia, lambda _row: {"file": an_imss_pdf()}, twin=True),
    "imss_source_kind_known": changed(link, kind="fax"),
    "imss_link_is_secure": changed(link, value="http://imss.gob.mx"),
    "slip_state_known": changed(slip, state="lost"),
    "slip_positive": changed(slip, amount=Decimal("0.00")),
    "one_live_rest_of_slip": same(rest, folio="FP-2020-2", code="OTHER"),
    "slip_line_positive": changed(slip_line, amount=Decimal("0.00")),
    "one_line_per_month": same(slip_line),
    "one_slip_per_key": same(slip_key),
    "slip_key_has_8_signs": changed(slip_key, key="1234567"),
    "scheme_means_known": changed(scheme, means="card"),
    "scheme_algorithm_known": changed(scheme, algorithm="base11"),
    "scheme_number_has_its_length": changed(scheme, number_length=7),
    "plan_kind_known": changed(a.a_plan, kind="otro", without=("policy_has_its_number", "policies_are_not_offered")),
    "policy_has_its_number": changed(a.a_plan, policy_number="X"),
    "policies_are_not_offered": changed(a.a_policy, is_offered=True),
    "one_policy_number_per_insurer": same(a.a_policy, name="Otra"),
    "one_plan_per_name": same(a.a_plan),
    "one_price_per_plan_and_day": same(price),
    "plan_price_positive": changed(price, amount=Decimal("0.00")),
    "covered_person_sex_known": changed(a.a_covered_person, sex="x"),
    "covered_person_curp_index_is_a_digest": changed(a.a_covered_person, curp_index="a"),
    "covered_person_nss_index_is_a_digest": changed(a.a_covered_person, nss_index="a"),
    "member_kinship_known": changed(member, kinship="x"),
    "member_ends_after_start": Breaker(
        member, lambda row: {"until": row.since - timedelta(days=1)}, without=("member_stays_never_overlap",)
    ),
    "one_titular": Breaker(
        member, lambda row: {"person": a.a_covered_person(), "until": row.since + timedelta(days=1)}, twin=True
    ),
    "member_stays_never_overlap": same(member, kinship="child"),
    "share_what_known": changed(share, what="dues"),
    "one_live_share_per_datum": same(share),
    "membership_state_known": changed(a.bare, state="x"),
    "certificate_state_known": changed(a.a_certificate, certificate_state="x"),
    "membership_is_of_one_kind": changed(a.bare, certificate_state="active"),
    "complete_membership_has_folio": changed(a.bare, folio=""),
    "membership_draft_falls_by_a_rule": changed(a.bare, draft_falls_on=DAY, draft_rule="x v1"),
    "membership_cancel_says_why": changed(a.bare, cancel_asked_on=DAY),
    "membership_sums_not_negative": changed(a.bare, credit=Decimal("-0.01")),
    "one_live_membership_per_titular_and_plan": same(a.bare, folio="ME-2020-999999"),
    "one_membership_per_folio": Breaker(a.bare, lambda _row: {"titular": a.a_covered_person()}, twin=True),
    "one_certificate_number_per_policy": same(a.a_certificate),
    "charge_state_known": changed(charge, state="x", without=("charge_state_has_its_day",)),
    "charge_positive": changed(charge, amount=Decimal("0.00")),
    "charge_state_has_its_day": changed(charge, settled_on=DAY),
    "charge_has_its_month": changed(charge, grace_ends_on=None),
    "charge_month_is_its_first_day": changed(charge, period=NEXT),
    "one_charge_per_membership_and_month": same(charge),
    "one_first_charge": same(first_charge),
    "dues_payment_positive": changed(payment, amount=Decimal("0.00")),
    "dues_payment_means_known": changed(payment, means="x"),
    "dues_payment_taken_back_whole": changed(payment, taken_back_on=DAY),
    "one_membership_per_family_of_a_file": Breaker(imported, _new_family, twin=True),
    "dues_payment_lost_once_taken_back": changed(payment, lost=Decimal("1.00")),
    "dues_payment_kept_once_taken_back": changed(payment, kept=Decimal("1.00")),
    "one_live_payment_per_source": same(payment),
    "dues_posting_act_known": changed(posting, act="x"),
    "dues_posting_positive": changed(posting, amount=Decimal("0.00")),
    "one_live_posting_per_act": same(posting),
    "cover_ends_after_start": changed(cover, until=DAY),
    "covers_never_overlap": same(cover),
    "standing_change_known": changed(change, standing="draft"),
    "one_standing_change_per_day": same(change),
    "duesdue_due_after_its_anchor": changed(dues_date, anchor=NEXT),
    "duesdue_due_says_its_rule": changed(dues_date, due_rule=""),
    "duesdue_met_due_is_not_reminded": changed(dues_date, met_at=NOW, next_reminder_on=DAY),
    "ended_dues_date_asks_nothing": changed(dues_date, ended_at=NOW, met_at=NOW),
    "one_dues_date_per_day": same(dues_date),
    "birthdaydue_due_after_its_anchor": changed(birthday, anchor=NEXT),
    "birthdaydue_due_says_its_rule": changed(birthday, due_rule=""),
    "birthdaydue_met_due_is_not_reminded": changed(birthday, met_at=NOW, next_reminder_on=DAY),
    "ended_birthday_asks_nothing": changed(birthday, ended_at=NOW, met_at=NOW),
    "one_birthday_per_person": same(birthday),
    "pricedue_due_after_its_anchor": changed(price_date, anchor=NEXT),
    "pricedue_due_says_its_rule": changed(price_date, due_rule=""),
    "pricedue_met_due_is_not_reminded": changed(price_date, met_at=NOW, next_reminder_on=DAY),
}
