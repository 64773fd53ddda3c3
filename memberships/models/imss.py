"""What a person answered of the IMSS's guide, the IMSS's own constancias, and its links and telephones."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from memberships.models.people import CoveredPerson
from memberships.rules import imss
from portal import ids
from portal.states import choices


class ImssCheck(models.Model):
    """One person's three answers and the papers they have together; None is not answered yet. Ticks, no files."""

    person = models.OneToOneField(CoveredPerson, on_delete=models.PROTECT, related_name="imss_check")
    rights = models.BooleanField(null=True, blank=True)
    clinic = models.CharField(max_length=8, choices=choices(imss.CLINIC_LABELS), blank=True, default="")
    has_card = models.BooleanField(null=True, blank=True)
    ticked = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(clinic__in=["", *[one.value for one in imss.Clinic]]), name="imss_clinic_known"
            ),
            models.CheckConstraint(
                condition=Q(ticked__contained_by=[one.value for one in imss.Paper]), name="imss_papers_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ImssConstancia(models.Model):
    """The PDF in which the IMSS says of a person what it registered; a newer one takes over."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey(CoveredPerson, on_delete=models.PROTECT, related_name="imss_constancias")
    file = models.OneToOneField("papers.StoredFile", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(replaced_at=None), name="one_imss_constancia_per_person"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ImssSource(models.Model):
    """A page or telephone of the IMSS, or our own telephone and mail: what it is, the day somebody last tried it."""

    code = models.SlugField(max_length=24, unique=True)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=5, choices=choices(imss.SOURCE_LABELS))
    value = models.CharField(max_length=300)
    checked_on = models.DateField(null=True, blank=True)  # empty: nobody has tried it yet
    updated_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in imss.SourceKind]), name="imss_source_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["phone", "mail"]) | Q(value__startswith="https://"), name="imss_link_is_secure"
            ),
        ]

    def __str__(self) -> str:
        return self.label
