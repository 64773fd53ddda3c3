"""A limit for batches in pesos of Chile: a row that was not there before."""

from django.db import migrations

from portal.rulebook.shipping import load
from portal.treasury.shipped import RULES


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("treasury", "0013_bankresult_run")]
    operations = [load(RULES)]
