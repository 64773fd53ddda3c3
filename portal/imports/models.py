"""What came in, from whom, what was announced and counted, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.imports import registry, rules
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import Layout
from portal.people.scopes import within
from portal.queue import Claimable
from portal.vault import EncryptedTextField

if TYPE_CHECKING:
    from portal.people.models import User

LIVE = sorted(state.value for state in rules.LIVE)


class KnownHeading(models.Model):
    """What a foreign heading means in the files of one sender: said once, known from then on."""

    kind = models.CharField(max_length=40)
    sender = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    heading = models.CharField(max_length=100)
    column = models.CharField(max_length=40)
    said_in = models.ForeignKey("imports.ImportRun", on_delete=models.PROTECT, related_name="said_headings")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "sender", "heading"], name="one_meaning_per_heading"),
        ]

    def __str__(self) -> str:
        return f"{self.heading} = {self.column}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Runs by who sees them and whether they still count."""

    def visible_to(self, user: User) -> ImportRunQuerySet:
        """Whoever may take in a kind sees the runs of it whose sender their role reaches; nobody else any."""
        seen = Q(pk__in=[])
        for kind in registry.kinds_for(user.permissions):
            seen |= Q(kind=kind) & within(user, "sender", registry.spec_of(kind).permission)
        return self.filter(seen)

    def live(self) -> ImportRunQuerySet:
        """Read or applied: the same file does not come again beside one of these."""
        return self.filter(state__in=LIVE)


class ImportRun(models.Model):
    """One file or call of one sender: totals declared and counted, what became of its rows, where it stands.

    `declared` and `counted` hold the layout's control totals (`rows`, amounts as text). `errors` are the rows that stay
    out, one entry a problem. A call (API) has no file. Counts of a run that only was read are a forecast. A file whose
    `headings` nobody knows yet has no rows. `sha256` is that of the file that arrived, also where its kept copy lacks
    a secret column.
    """

    class Source(models.TextChoices):
        FILE = "file", "Archivo"
        API = "api", "API"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=40)
    sender = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    subject_id = models.CharField(max_length=40, blank=True, default="")  # of the thing that its kind is about
    source = models.CharField(max_length=4, choices=Source)
    file = models.ForeignKey("papers.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    declared = models.JSONField()
    counted = models.JSONField()
    rows = models.PositiveIntegerField()
    new = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    errors = models.JSONField(default=list)
    headings = models.JSONField(default=dict)  # `foreign` and `lacking` ones, until somebody says which is which
    secrets = EncryptedTextField(null=True, blank=True)  # cells by sheet row (JSON) that no kept copy may hold
    state = models.CharField(max_length=9, choices=rules.RUN.choices, default=rules.RUN.initial.value)
    read_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    closed_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()
    # Said by services.read_file of a run that stood before the file came again; not a column.
    stood_before = False

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=rules.RUN.values), name="import_state_known"),
            models.UniqueConstraint(
                fields=["kind", "sender", "subject_id", "sha256"],
                condition=Q(state__in=LIVE) & ~Q(sha256=""),
                name="one_live_import_per_file",
            ),
            models.CheckConstraint(
                condition=Q(rows=F("new") + F("unchanged") + F("skipped") + F("wrong")), name="import_counts_add_up"
            ),
            models.CheckConstraint(
                condition=Q(state="read", closed_at=None, closed_by=None)
                | (~Q(state="read") & Q(closed_at__isnull=False)),
                name="import_closed_when",
            ),
            models.CheckConstraint(
                condition=Q(state="read") | Q(secrets__isnull=True), name="import_secrets_only_while_open"
            ),
            models.CheckConstraint(
                condition=Q(file=None, sha256="") | (Q(file__isnull=False) & ~Q(sha256="")),
                name="import_file_has_its_hash",
            ),
        ]
        indexes = [models.Index(fields=["kind", "-read_at"], name="import_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def spec(self) -> ImportSpec:
        """What its app declared of its kind."""
        return registry.spec_of(self.kind)

    @property
    def is_open(self) -> bool:
        """Whether it waits to be applied or cancelled."""
        return self.state == rules.RunState.READ

    @property
    def task(self) -> ImportTask | None:
        """What a drain still does of it."""
        return self.tasks.filter(done_at=None).first()

    @property
    def is_working(self) -> bool:
        """Whether a drain reads or applies it: neither closed, nor parked because it failed."""
        task = self.task if self.is_open else None
        return task is not None and task.parked_at is None

    @property
    def own_page(self) -> str:
        """The page of its kind's own, once it was read; empty while it was not, or where its kind has none."""
        return self.spec.page(self) if self.spec.page and self.rows else ""

    @property
    def is_whole(self) -> bool:
        """Whether every row could be read; only then are sums compared."""
        return not any(error.get("unreadable") for error in self.errors)

    @property
    def layout(self) -> Layout:
        """The layout of its kind, with the headings that its sender's files are known to bear."""
        return layout_for(self.spec, self.sender)

    @property
    def agrees(self) -> bool:
        """Whether what was declared is what came."""
        layout = self.spec.layout
        declared, counted = layout.from_json(self.declared), layout.from_json(self.counted)
        return bool(declared["rows"]) and not self.headings and layout.agree(declared, counted, is_whole=self.is_whole)

    @property
    def told(self) -> list[dict[str, Any]]:
        """Errors as programs read them: row, field, code, message."""
        return [{name: error[name] for name in ("row", "field", "code", "message")} for error in self.errors]


class StagedRow(models.Model):
    """A typed row of a run that waits to be applied; a base for the unlogged staging table of each app's kind.

    Rows come by COPY and go when their run closes. A crash of the database empties such a table: whoever needs its rows
    reads the kept file again (`staging`). The run is named without a foreign key, which would be asked once a row.
    """

    run_id = models.UUIDField()
    number = models.PositiveIntegerField()  # from 1 below the heading
    sheet_row = models.PositiveIntegerField()  # what a spreadsheet shows; 0 for a row of a call

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class ImportTask(Claimable):
    """What the drain `imports` does of a run that is too long for a request: read its file, or apply it."""

    class Act(models.TextChoices):
        READ = "read", "Leer"
        APPLY = "apply", "Aplicar"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="tasks")
    act = models.CharField(max_length=5, choices=Act)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_rows = models.PositiveIntegerField(default=0)
    refused = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=["read", "apply"]), name="import_task_act_known"),
            models.UniqueConstraint(fields=["run"], condition=Q(done_at=None), name="one_open_task_per_import"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="import_task_waiting")]

    def __str__(self) -> str:
        return f"{self.act} {self.run_id}"


def known_headings(spec: ImportSpec, sender: Any) -> dict[str, str]:
    """What this sender's files are known to call columns of a kind: heading → column."""
    return dict(KnownHeading.objects.filter(kind=spec.kind, sender=sender).values_list("heading", "column"))


def layout_for(spec: ImportSpec, sender: Any) -> Layout:
    """The layout of a kind, with the headings that this sender's files are known to bear."""
    return spec.layout.knowing(known_headings(spec, sender))
