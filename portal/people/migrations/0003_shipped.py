"""An installation starts with version 1 of the portal's privacy notice (PR-01)."""

import hashlib

from django.db import migrations
from django.utils import timezone

from portal.people.shipped import PORTAL_PRIVACY


def publish(apps, schema_editor):
    """Version 1, unless the operator was quicker."""
    apps.get_model("people", "ConsentText").objects.get_or_create(
        kind="portal-privacy",
        version=1,
        defaults={
            "body": PORTAL_PRIVACY,
            "sha256": hashlib.sha256(PORTAL_PRIVACY.encode()).hexdigest(),
            "published_at": timezone.now(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0002_guards")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
