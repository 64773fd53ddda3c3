"""The rules that this app ships with; where they stand already, nothing comes."""

from django.db import migrations

from portal.papers.shipped import RULES
from portal.rulebook.shipping import load


class Migration(migrations.Migration):
    """Rows only."""

    dependencies = [("rulebook", "0003_look_alike_days"), ("papers", "0003_listexport_and_file_kind")]
    operations = [load(RULES)]
