"""The rules that this app ships with."""

from django.db import migrations

from billing.shipped import RULES
from portal.rulebook.shipping import load


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("billing", "0002_guards")]
    operations = [load(RULES)]
