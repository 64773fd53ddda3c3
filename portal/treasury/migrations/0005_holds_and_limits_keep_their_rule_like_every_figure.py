"""A hold and a limit keep the rule that gave them in the words of every other stored figure."""

from django.db import migrations, models

_LIKE_THE_OTHERS = """
    UPDATE treasury_bankaccount kept SET hold_rule = rule.code || ' v' || rule.version || ' · ' || rule.source
    FROM rulebook_rule rule WHERE kept.hold_rule = rule.code || '@' || rule.version;
    UPDATE treasury_paymentbatch kept SET limit_rule = rule.code || ' v' || rule.version || ' · ' || rule.source
    FROM rulebook_rule rule WHERE kept.limit_rule = rule.code || '@' || rule.version;
"""


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_never_edited_and_shipped"), ("treasury", "0004_due_on_says_its_rule")]

    operations = [
        migrations.AlterField(
            model_name="bankaccount",
            name="hold_rule",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AlterField(model_name="paymentbatch", name="limit_rule", field=models.CharField(max_length=200)),
        migrations.RunSQL(_LIKE_THE_OTHERS, migrations.RunSQL.noop),
    ]
