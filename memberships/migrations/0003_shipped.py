"""The rules and the first privacy notice that this app ships with."""

import hashlib

from django.db import migrations
from django.utils import timezone

from memberships.shipped import PRIVACY, RULES
from portal.rulebook.shipping import load


def publish(apps, schema_editor):
    """Version 1, unless the operator was quicker."""
    apps.get_model("people", "ConsentText").objects.get_or_create(
        kind="membership-privacy",
        version=1,
        defaults={
            "body": PRIVACY,
            "sha256": hashlib.sha256(PRIVACY.encode()).hexdigest(),
            "published_at": timezone.now(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("memberships", "0002_guards"), ("people", "0003_shipped")]
    operations = [load(RULES), migrations.RunPython(publish, migrations.RunPython.noop)]
