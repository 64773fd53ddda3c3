"""Messages of contact, each with its own folio and the day its answer is due."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.access import Permission, may
from portal.calendars.models import Due, DueQuerySet
from portal.help import rules
from portal.listing.search import Words, beginnings


class ContactQuerySet(DueQuerySet["ContactMessage"]):
    """Messages by who may see them and whether they wait."""

    def visible_to(self, user: object) -> ContactQuerySet:
        """Those of the person, or all for who answers, without those that an app answers itself."""
        if may(user, Permission.ANSWER_CONTACTS):
            return self.filter(~Q(kind__in=[*rules.ELSEWHERE]) | Q(user=user))
        return self.filter(user=user) if getattr(user, "pk", None) else self.none()

    def open(self) -> ContactQuerySet:
        """Those that wait for an answer."""
        return self.filter(state=rules.State.OPEN)


class ContactMessage(Due):
    """A complaint, suggestion or question (S3.7), due to be answered: from a signed-in person or from an address."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    folio = models.CharField(max_length=24, unique=True)
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    kind = models.CharField(max_length=16)  # one that an app declares: the service asks
    subject_folio = models.CharField(max_length=40, blank=True, default="")
    body = models.TextField()
    state = models.CharField(max_length=16, choices=rules.MESSAGE.choices, default=rules.MESSAGE.initial.value)
    created_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            *Due.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=rules.MESSAGE.values), name="contact_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, met_at=None, answer="")
                | (Q(state="answered", answered_by__isnull=False, met_at__isnull=False) & ~Q(answer="")),
                name="contact_answer_who_and_when_together",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(user=None) | ~Q(answered_by=F("user")),
                name="contact_answered_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(body="") & ~Q(email="") & ~Q(name=""), name="contact_fields_all_required"
            ),
        ]
        indexes = [
            models.Index(beginnings("folio"), name="contact_folio_begins"),
            models.Index(beginnings("subject_folio"), name="contact_subject_begins"),
            models.Index(beginnings("email"), name="contact_email_begins"),
            GinIndex(Words("name"), name="contact_name_words"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="contact_waiting"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == rules.State.OPEN
