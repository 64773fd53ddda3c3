"""The rules that this app ships with."""

from django.db import migrations

from memberships.shipped import RULES
from portal.rulebook.shipping import load


class Migration(migrations.Migration):
    initial = True
    dependencies = [("rulebook", "0002_guards")]
    operations = [load(RULES)]
