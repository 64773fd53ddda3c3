"""The rules that this room ships with."""

from django.db import migrations

from portal.papers.shipped import RULES
from portal.rulebook.shipping import load


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("papers", "0002_guards")]
    operations = [load(RULES)]
