"""A rule's source has up to 120 characters; the rule of a complement's date is kept like that of every other date."""

from django.db import migrations, models

_LIKE_THE_OTHERS = r"""
    UPDATE billing_invoice
    SET complement_rule = regexp_replace(complement_rule, '^(.*) · v([0-9]+)$', 'rep_due_day v\2 · \1')
    WHERE complement_rule <> '' AND complement_rule NOT LIKE 'rep\_due\_day v%'
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_states_are_whole")]

    operations = [
        migrations.AlterField(
            model_name="invoice",
            name="complement_rule",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="invoicewithholding",
            name="rule_source",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.RunSQL(_LIKE_THE_OTHERS, migrations.RunSQL.noop),
    ]
