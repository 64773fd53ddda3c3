"""What must hold at any moment, whatever died: books, folios, audit, files."""

from __future__ import annotations

from collections import Counter

from django.db import connection
from django.db.models import Sum

from billing.models import CareOrder, Complement, Invoice
from portal import clock
from portal.folios.models import IssuedFolio, Series
from portal.history import selectors as history
from portal.history import services as sealing
from portal.history.models import AuditEvent
from portal.papers import checking, store
from portal.papers.models import DraftFile, PageImage, StoredFile
from portal.treasury.models import BankAccount, BankFile, BankResult, LedgerLine, LedgerTransaction, Payable
from portal.treasury.selectors import books_are_whole

# What a killed act may leave behind without harm: a key that runs out by itself, and counters of tries.
NO_EFFECT = {"once_idempotencykey", "once_throttle", "once_lastrun", "django_session"}


def digest() -> dict[str, str]:
    """The content of every table as one hash each; equal digests mean that nothing happened."""
    tables = sorted(set(connection.introspection.table_names()) - NO_EFFECT)
    asked = " UNION ALL ".join(
        f"SELECT '{table}', count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
        f' FROM "{table}" t'
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return dict(cursor.fetchall())


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Tables that differ."""
    return sorted(table for table in after if before.get(table) != after[table])


def folios_have_no_gap() -> None:
    """Each series counts 1, 2, 3 … to its last number, and every legal row's folio was issued once."""
    for series in Series.objects.order_by("pk"):
        numbers = list(IssuedFolio.objects.filter(series=series).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, series.last + 1)), series
    used = Counter(Invoice.objects.exclude(folio__in=["", None]).values_list("folio", flat=True))
    assert all(count == 1 for count in used.values()), used
    issued = set(IssuedFolio.objects.filter(series__prefix="FA").values_list("folio", flat=True))
    assert issued == set(used), "a folio without an invoice, or the other way"


def books_hold() -> None:
    """Σ = 0 by transaction and currency; one payment a transfer, one debt an invoice, one effect everywhere."""
    assert books_are_whole()
    sums = LedgerLine.objects.order_by().values("transaction", "currency").annotate(total=Sum("amount"))
    assert [row for row in sums if row["total"]] == []
    once = Counter(LedgerTransaction.objects.filter(reverses=None).values_list("kind", "subject_type", "subject_id"))
    assert [what for what, count in once.items() if count > 1] == []
    assert Payable.objects.count() == Payable.objects.values("subject_type", "subject_id").distinct().count()


# Row of a table → the act that must stand in the audit for it, once.
_MADE_BY = (
    (BankAccount, "treasury.account_captured"),
    (Complement, "billing.complement_handed_in"),
)


def audit_tells_everything() -> None:
    """A row for each change and none without; the chain verifies."""
    for model, action in _MADE_BY:
        made = sorted(str(pk) for pk in model.objects.values_list("pk", flat=True))
        told = sorted(AuditEvent.objects.filter(action=action).values_list("subject_id", flat=True))
        assert told == made, action
    accepted = sorted(str(pk) for pk in Invoice.objects.filter(state="accepted").values_list("pk", flat=True))
    told = sorted(AuditEvent.objects.filter(action="billing.invoice_accepted").values_list("subject_id", flat=True))
    assert told == accepted
    exported = AuditEvent.objects.filter(action="treasury.bank_file_exported").count()
    imported = AuditEvent.objects.filter(action="treasury.bank_result_imported").count()
    assert exported == BankFile.objects.count()
    assert imported == BankResult.objects.applied().count()
    sealing.seal_events()
    report = history.verify(at=clock.real_now())
    assert report.holds, report


def files_hold(*, orphans_at_most: int | None = None) -> int:
    """No row without its bytes. Returns how many ciphertexts no row points at."""
    checked = checking.verify_files()
    assert checked.missing == [] == checked.damaged, checked
    loose = orphans()
    if orphans_at_most is not None:
        assert len(loose) <= orphans_at_most, f"{len(loose)} orphans of {orphans_at_most} in flight"
    return len(loose)


def orphans() -> set[str]:
    """Ciphertexts on disk that no row points at, of any age."""
    kept = set(StoredFile.objects.values_list("storage_key", flat=True))
    kept |= set(PageImage.objects.values_list("storage_key", flat=True))
    kept |= set(DraftFile.objects.values_list("storage_key", flat=True))
    return {key for key, _changed in store.all_keys()} - kept


def all_hold(*, orphans_at_most: int | None = None) -> None:
    """Everything above."""
    folios_have_no_gap()
    books_hold()
    audit_tells_everything()
    files_hold(orphans_at_most=orphans_at_most)
    assert not CareOrder.objects.filter(state="invoiced", lines__isnull=True).exists()
