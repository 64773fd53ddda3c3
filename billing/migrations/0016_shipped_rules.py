"""The rules that this app ships with; where they stand already, nothing comes."""

from django.db import migrations

from billing.shipped import RULES
from portal.rulebook.shipping import load


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("rulebook", "0003_look_alike_days"), ("billing", "0015_orderdelivery_is_its_run")]
    operations = [load(RULES)]
