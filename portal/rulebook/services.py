"""Writing the rulebook: publish a version, close one, load what ships."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction

from portal.errors import RuleBroken
from portal.history.services import record
from portal.rulebook import rules
from portal.rulebook.models import Rule

User = Any  # people stands above this room: the type is named where it may be


def insert_shipped(model: Any, shipped: Collection[rules.Draft]) -> int:
    """Insert version 1 of each of these codes that has no row yet; also called by migrations with their own model."""
    known = set(model.objects.values_list("code", flat=True))
    missing = [rules.check_draft(draft) for draft in shipped if draft.code not in known]
    model.objects.bulk_create(model(version=1, **asdict(draft)) for draft in missing)
    return len(missing)


@transaction.atomic
def load_shipped_rules() -> int:
    """Load what every app ships with; rows people published stay as they are. Answers how many were added."""
    return insert_shipped(Rule, rules.SHIPPED.values())


@transaction.atomic
def publish_rule(*, draft: rules.Draft, reason: str, by: User, at: datetime, seen_version: int | None = None) -> Rule:
    """Publish the next version of a rule and close what it replaces. Source: N2, ADR 0004.

    `seen_version`: the newest version the person saw. Raises RuleBroken, or Conflict when another came meanwhile.
    """
    checked = rules.check_draft(draft)
    rules.check_reason(reason)
    existing = _locked(checked.code)
    newest = max((row.version for row in existing), default=0)
    rules.check_seen(newest=newest, seen=seen_version)
    _make_room(existing, checked)
    values = {field.name: getattr(checked, field.name) for field in fields(checked)}
    rule = Rule.objects.create(version=newest + 1, reason=reason, published_by=by, published_at=at, **values)
    details = {"code": rule.code, "version": rule.version, "valid_from": rule.valid_from, "value": rule.value}
    record(action="rulebook.rule_published", subject=rule, by=by, at=at, details=details, reason=reason)
    return rule


@transaction.atomic
def activate_rule(*, code: str, reason: str, by: User, at: datetime) -> Rule:
    """Put into force the newest version of a rule that waits inactive, as a new version with the same dates and value.

    The rule it succeeds by law (`ENDS_WITH_ACTIVATION`) ends where it begins. Raises RuleBroken when none waits.
    """
    rules.check_reason(reason)
    existing = _locked(code)
    waiting = existing[-1] if existing and not existing[-1].active else None
    if waiting is None:
        raise RuleBroken("Esta regla no tiene una versión que espere ser activada.", code="rule_not_waiting")
    draft = rules.draft_of(waiting.as_rule())
    _make_room(existing, draft)
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    rule = Rule.objects.create(version=waiting.version + 1, reason=reason, published_by=by, published_at=at, **values)
    ended = rules.ENDS_WITH_ACTIVATION.get(code, "")
    Rule.objects.filter(code=ended, active=True, valid_from__lt=rule.valid_from).exclude(
        valid_to__lte=rule.valid_from
    ).update(valid_to=rule.valid_from)
    details = {"code": code, "version": rule.version, "valid_from": rule.valid_from, "ended": ended}
    record(action="rulebook.rule_activated", subject=rule, by=by, at=at, details=details, reason=reason)
    return rule


@transaction.atomic
def close_rule(*, code: str, closes_on: date, reason: str, by: User, at: datetime) -> Rule:
    """End a rule on a date (excluded) without a successor, as for a statute that ended. Raises RuleBroken."""
    active = [row for row in _locked(code) if row.active]
    rule = active[-1] if active else None
    rules.check_close(rule.as_rule() if rule else None, closes_on=closes_on, reason=reason)
    assert rule is not None
    Rule.objects.filter(pk=rule.pk).update(valid_to=closes_on)
    rule.valid_to = closes_on
    details = {"code": rule.code, "version": rule.version, "valid_to": closes_on}
    record(action="rulebook.rule_closed", subject=rule, by=by, at=at, details=details, reason=reason)
    return rule


def _locked(code: str) -> list[Rule]:
    """Every version of a code, oldest first, locked: two publications of one rule follow each other."""
    return list(Rule.objects.select_for_update().filter(code=code).order_by("version"))


def _make_room(existing: list[Rule], draft: rules.Draft) -> None:
    steps = rules.steps_to_publish(
        [row.as_rule() for row in existing], valid_from=draft.valid_from, valid_to=draft.valid_to, active=draft.active
    )
    for step in steps:
        change: dict[str, Any] = {"valid_to": step.closes_on} if step.closes_on else {"active": False}
        Rule.objects.filter(pk=step.id).update(**change)
