"""A bank answer's file, counts and who read and applied it are those of its import: each gets its run, drops its own."""

import re
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

MOVED = ("file", "sha256", "rows", "read_by", "read_at", "imported_by", "imported_at")


def left_out(findings: list[dict[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
    """How many rows stayed out of an answer, and what its file kept of them, as a run's errors: the first twenty."""
    said = [one["message"] for one in findings if one["code"] in {"row_left_out", "more_rows"}]
    rows = [found for one in said if (found := re.fullmatch(r"Renglón (\d+): (.*)", one, re.DOTALL))]
    more = [found for one in said if (found := re.match(r"Hay (\d+) renglones más", one))]
    errors = [
        {
            "row": int(found[1]) - 1,
            "field": "",
            "code": "row_left_out",
            "message": found[2],
            "sheet_row": int(found[1]),
            "unreadable": False,
        }
        for found in rows
    ]
    return len(errors) + sum(int(found[1]) for found in more), errors


def give_runs(apps: Any, schema_editor: Any) -> None:
    """A run for each answer that was read before there were runs, and what it said of each transfer beside it."""
    result, run = apps.get_model("treasury", "BankResult"), apps.get_model("imports", "ImportRun")
    operator = apps.get_model("people", "Party").objects.filter(is_operator=True).first()
    for one in result.objects.select_related("file").order_by("read_at", "pk").iterator():
        facts = one.file.facts
        one.told, one.sums = facts.get("rows", []), facts.get("sums", {})
        new, known = len(one.told), facts.get("known", 0)
        wrong, errors = left_out(one.file.findings)
        one.run = run.objects.create(
            kind="treasury.bank_answers",
            sender=operator,
            subject_id=str(one.batch_id),
            source="file",
            file=one.file,
            sha256=one.sha256,
            declared={"rows": new + known + wrong},
            counted={"rows": new + known + wrong},
            rows=new + known + wrong,
            new=new,
            unchanged=known,
            skipped=0,
            wrong=wrong,
            errors=errors,
            state="applied" if one.imported_at else "read",
            read_by_id=one.read_by_id,
            read_at=one.read_at,
            closed_by_id=one.imported_by_id,
            closed_at=one.imported_at,
        )
        one.save(update_fields=["run", "told", "sums"])


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0012_shipped_rules"),
        ("imports", "0002_importrun_subject"),
        ("people", "0007_found_by_its_names"),
    ]

    operations = [
        migrations.AddField(
            "bankresult",
            "run",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bank_result",
                to="imports.importrun",
            ),
        ),
        migrations.AddField("bankresult", "told", models.JSONField(default=list)),
        migrations.AddField("bankresult", "sums", models.JSONField(default=dict)),
        migrations.RunPython(give_runs, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.RemoveConstraint("bankresult", "one_import_per_file"),
        migrations.RemoveConstraint("bankresult", "result_imported_who_and_when"),
        *[migrations.RemoveField("bankresult", name) for name in MOVED],
        migrations.AlterField(
            "bankresult",
            "run",
            models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="bank_result", to="imports.importrun"
            ),
        ),
        migrations.AlterField("bankresult", "sums", models.JSONField()),
    ]
