"""The rules that this room ships with."""

from django.db import migrations

from portal.rulebook.shipping import load
from portal.treasury.shipped import RULES


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("treasury", "0002_guards")]
    operations = [load(RULES)]
