"""One transfer may have several complements: no invoice of it twice (ADR 0013)."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def of_their_transfer(apps, schema_editor):
    """Each link belongs to the transfer of its complement."""
    links = apps.get_model("billing", "ComplementPayment").objects
    complements = apps.get_model("billing", "Complement").objects
    links.update(transfer=Subquery(complements.filter(pk=OuterRef("complement")).values("transfer")))
    # Two partialities of one invoice in one complement, which was allowed: the last one speaks for the invoice.
    later = links.filter(complement=OuterRef("complement"), invoice=OuterRef("invoice"), number__gt=OuterRef("number"))
    links.filter(models.Exists(later), live=True).update(live=False)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_a_complement_of_a_returned_deposit"),
        ("treasury", "0008_a_paid_transfer_may_come_back"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="complement", name="one_live_complement_per_transfer"),
        migrations.AddField(
            model_name="complementpayment",
            name="transfer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.transfer"
            ),
        ),
        migrations.RunPython(of_their_transfer, migrations.RunPython.noop),
        # What the rows were updated for is checked now: a table with checks pending is not altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="complementpayment",
            name="transfer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.transfer"
            ),
        ),
        migrations.AddConstraint(
            model_name="complementpayment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", True)),
                fields=("transfer", "invoice"),
                name="one_live_complement_per_transfer_and_invoice",
            ),
        ),
    ]
