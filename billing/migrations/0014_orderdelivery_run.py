"""A delivery's counts, errors, file and sender are those of its import: each gets its run, and drops its own."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def give_runs(apps: Any, schema_editor: Any) -> None:
    """A run for each delivery that was received before there were runs.

    The same file may stand in several deliveries of one insurer: the first keeps it, for a file is applied once now.
    """
    delivery, run = apps.get_model("billing", "OrderDelivery"), apps.get_model("imports", "ImportRun")
    taken: set[Any] = set()
    for one in delivery.objects.select_related("file").order_by("received_at", "pk").iterator():
        file = one.file if one.file and (one.insurer_id, one.file.sha256) not in taken else None
        if file:
            taken.add((one.insurer_id, file.sha256))
        totals = {"rows": one.rows, "payable": str(one.payable)}
        one.run = run.objects.create(
            kind="billing.orders",
            sender_id=one.insurer_id,
            source="file" if file else "api",
            file=file,
            sha256=file.sha256 if file else "",
            declared=totals,
            counted=totals,
            rows=one.rows,
            new=one.accepted,
            unchanged=one.unchanged,
            skipped=0,
            wrong=one.rows - one.accepted - one.unchanged,
            errors=[{**error, "sheet_row": 0, "unreadable": False} for error in one.errors],
            state="applied",
            read_by_id=one.received_by_id,
            read_at=one.received_at,
            closed_by_id=one.received_by_id,
            closed_at=one.received_at,
        )
        one.save(update_fields=["run"])


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_receipts_tell_their_look_alikes"), ("imports", "0001_importrun")]

    operations = [
        migrations.AddField(
            "orderdelivery",
            "run",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_delivery",
                to="imports.importrun",
            ),
        ),
        migrations.RunPython(give_runs, migrations.RunPython.noop, elidable=True),
    ]
