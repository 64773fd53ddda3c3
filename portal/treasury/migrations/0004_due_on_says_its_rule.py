"""What is owed keeps the rule that gave its date; what was owed before says that none was kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_states_are_whole")]

    operations = [
        migrations.AddField(
            model_name="payable",
            name="due_rule",
            field=models.CharField(default="sin regla guardada", max_length=200),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="payable",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_rule", ""), _negated=True), name="payable_due_says_its_rule"
            ),
        ),
    ]
