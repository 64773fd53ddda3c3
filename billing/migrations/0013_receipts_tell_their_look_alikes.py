"""What look-alikes are found by, for invoices and complements whose folio fiscal was taken before."""

from datetime import date
from typing import Any

from django.db import migrations

from portal.names import word_key


def tell(apps: Any, schema_editor: Any) -> None:
    """Day, bytes and patients, from what billing keeps of each."""
    receipts = apps.get_model("fiscal", "TaxReceipt").objects
    for label, name in (("billing.invoice", "Invoice"), ("billing.complement", "Complement")):
        held = receipts.filter(subject_type=label, released_at=None)
        rows = apps.get_model("billing", name).objects.select_related("xml").exclude(xml=None)
        for row in rows.filter(pk__in=[pk for (pk,) in held.values_list("subject_id")]).order_by("pk"):
            issued = (row.facts.get("fields") or {}).get("Fecha")
            names = row.lines.filter(live=True).values_list("order__patient", flat=True) if name == "Invoice" else ()
            held.filter(subject_id=str(row.pk)).update(
                issued_on=date.fromisoformat(issued[:10]) if issued else None,
                sha256=row.xml.sha256,
                patients=sorted({word_key(patient)[:200] for patient in names} - {""}),
            )


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("billing", "0012_complement_due"), ("fiscal", "0003_look_alikes")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
