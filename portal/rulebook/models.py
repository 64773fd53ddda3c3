"""Rule rows: dated, versioned, never edited. A change is a new version that closes the old one."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from portal import ids
from portal.rulebook import rules
from portal.states import choices


class Rule(models.Model):
    """One version of one rule: a rate, a day count or a limit, with where it comes from and when it holds."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    value = models.JSONField()
    unit = models.CharField(max_length=40, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=120)
    source_kind = models.CharField(max_length=16, choices=choices(rules.SOURCE_KIND_LABELS))
    title = models.CharField(max_length=120)
    note = models.TextField(blank=True, default="")
    enforcement = models.CharField(max_length=24, choices=choices(rules.ENFORCEMENT_LABELS))
    active = models.BooleanField(default=True)
    conflict_note = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    published_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_row_per_rule_version"),
            ExclusionConstraint(
                name="one_rule_in_force_per_code",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(active=True),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="rule_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(published_by=None, published_at=None)
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="rule_publisher_and_instant_together",
            ),
            models.CheckConstraint(
                condition=Q(source_kind__in=[k.value for k in rules.SourceKind]), name="rule_source_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(enforcement__in=[k.value for k in rules.Enforcement]), name="rule_enforcement_known"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def as_rule(self) -> rules.RuleInForce:
        """The plain value other rooms compute with."""
        return rules.RuleInForce(
            id=self.id,
            code=self.code,
            version=self.version,
            value=self.value,
            unit=self.unit,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            source=self.source,
            source_kind=self.source_kind,
            title=self.title,
            note=self.note,
            enforcement=self.enforcement,
            active=self.active,
            conflict_note=self.conflict_note,
        )
