"""What the portal tells people: one row per person and event, frozen in the transaction that caused it (JB-07)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal import ids
from portal.queue import Claimable


class Notice(Claimable):
    """One message for one person (or, before an account exists, one address). The drain `notices` mails it once.

    `sealed` holds what must not rest in clear (a one-time secret): encrypted, put into the mail, then erased.
    `in_digest`: mailed with the others of its day, in one mail, and not by itself.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    address = models.EmailField(max_length=254, blank=True, default="")
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    body = models.TextField()
    sealed = models.TextField(blank=True, default="")
    action_label = models.CharField(max_length=60, blank=True, default="")
    action_url = models.CharField(max_length=500, blank=True, default="")
    in_inbox = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    in_digest = models.BooleanField(default=False)
    digested_at = models.DateTimeField(null=True, blank=True)
    mailed_to = ArrayField(models.EmailField(max_length=254), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], condition=Q(user__isnull=False), name="one_notice_per_key"),
            models.UniqueConstraint(
                fields=["address", "key"], condition=Q(user=None), name="one_notice_per_address_and_key"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, address="") | (Q(user=None) & ~Q(address="")),
                name="notice_has_one_reader",
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(sealed=""), name="secret_leaves_with_the_mail"),
            models.CheckConstraint(
                condition=Q(in_digest=False, digested_at=None) | Q(in_digest=True, by_mail=False),
                name="notice_mailed_alone_or_with_the_days",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_inbox"),
            models.Index(fields=["user"], condition=Q(read_at=None, in_inbox=True), name="notice_unread"),
            models.Index(fields=["id"], condition=Q(done_at=None, parked_at=None), name="notice_waiting"),
            models.Index(fields=["user"], condition=Q(in_digest=True, digested_at=None), name="notice_to_digest"),
        ]

    def __str__(self) -> str:
        return self.title


class MailPreference(models.Model):
    """A person asked for no mail about one kind: the row is the wish, the inbox keeps telling."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preferences")
    kind = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind")]

    def __str__(self) -> str:
        return self.kind


class DailyDigest(models.Model):
    """A person wants one mail a day instead of one a notice: the row is the wish."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="daily_digest")

    def __str__(self) -> str:
        return str(self.user_id)


class Enclosure(models.Model):
    """A paper that goes with a notice's mail, to the primary address alone (C17a): ours, or a PDF we were given."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="enclosures")
    document = models.ForeignKey("papers.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(document=None, file__isnull=False) | Q(document__isnull=False, file=None),
                name="enclosure_is_one_paper",
            ),
            models.UniqueConstraint(fields=["notice", "document"], name="one_enclosure_per_document"),
            models.UniqueConstraint(fields=["notice", "file"], name="one_enclosure_per_file"),
        ]

    def __str__(self) -> str:
        return str(self.document_id or self.file_id)


class SentMail(models.Model):
    """A mail kept in a row because no mail server is set: the demo's mailbox."""

    sender = models.CharField(max_length=254)
    recipients = ArrayField(models.CharField(max_length=254))
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-sent_at"], name="mail_newest_first")]

    def __str__(self) -> str:
        return self.subject
