"""Writing the rulebook: publish a version, close one, load what ships."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.errors import RuleBroken
from portal.rulebook import rules
from portal.rulebook.models import Rule
from portal.rulebook.shipped import SHIPPED

if TYPE_CHECKING:
    from portal.people.models import User


def insert_shipped(model: Any) -> int:
    """Insert version 1 of every shipped code that has no row yet; also called by the migration with its own model."""
    known = set(model.objects.values_list("code", flat=True))
    missing = [rules.check_draft(draft) for draft in SHIPPED if draft.code not in known]
    model.objects.bulk_create(model(version=1, **asdict(draft)) for draft in missing)
    return len(missing)


@transaction.atomic
def load_shipped_rules() -> int:
    """Load what the product ships with; rows people published stay as they are. Answers how many were added."""
    return insert_shipped(Rule)


@transaction.atomic
def publish_rule(*, draft: rules.Draft, reason: str, by: User, at: datetime) -> Rule:
    """Publish the next version of a rule and close the one it replaces. Raises RuleBroken. Source: N2, decision 6."""
    from portal.history.services import record

    checked = rules.check_draft(draft)
    if not reason.strip():
        raise RuleBroken("Di por qué cambia la regla; queda en la auditoría.", code="rule_reason", field="reason")
    existing = list(Rule.objects.select_for_update().filter(code=checked.code).order_by("version"))
    plan = rules.steps_to_publish(
        [row.as_rule() for row in existing],
        valid_from=checked.valid_from,
        valid_to=checked.valid_to,
        active=checked.active,
    )
    for step in plan:
        change: dict[str, Any] = {"valid_to": step.closes_on} if step.closes_on else {"active": False}
        Rule.objects.filter(pk=step.id).update(**change)
    values = {field.name: getattr(checked, field.name) for field in fields(checked)}
    version = max((row.version for row in existing), default=0) + 1
    rule = Rule.objects.create(version=version, reason=reason, published_by=by, published_at=at, **values)
    details = {"code": rule.code, "version": version, "valid_from": rule.valid_from.isoformat(), "value": rule.value}
    record(action="rulebook.rule_published", subject=rule, by=by, at=at, details=details, reason=reason)
    return rule


@transaction.atomic
def close_rule(*, rule: Rule, closes_on: date, reason: str, by: User, at: datetime) -> Rule:
    """End a rule on a date (excluded) without a successor, as for a statute that ended. Raises RuleBroken."""
    from portal.history.services import record

    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    rules.check_close(rule.as_rule(), closes_on=closes_on, reason=reason)
    Rule.objects.filter(pk=rule.pk).update(valid_to=closes_on)
    rule.valid_to = closes_on
    details = {"code": rule.code, "version": rule.version, "valid_to": closes_on.isoformat()}
    record(action="rulebook.rule_closed", subject=rule, by=by, at=at, details=details, reason=reason)
    return rule
