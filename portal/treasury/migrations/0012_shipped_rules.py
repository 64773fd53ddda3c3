"""The rules that this app ships with; where they stand already, nothing comes."""

from django.db import migrations

from portal.rulebook.shipping import load
from portal.treasury.shipped import RULES


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("rulebook", "0003_look_alike_days"), ("treasury", "0011_who_lost_an_rfc_is_paid_no_more")]
    operations = [load(RULES)]
