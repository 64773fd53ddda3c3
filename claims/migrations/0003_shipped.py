"""The rules and the texts of consent that this app ships with."""

import hashlib

from django.db import migrations
from django.utils import timezone

from claims.shipped import RULES
from claims.texts import TEXTS
from portal.rulebook.shipping import load


def publish(apps, schema_editor):
    """Version 1 of each, unless the operator was quicker."""
    for kind, body in TEXTS.items():
        apps.get_model("people", "ConsentText").objects.get_or_create(
            kind=kind,
            version=1,
            defaults={
                "body": body,
                "sha256": hashlib.sha256(body.encode()).hexdigest(),
                "published_at": timezone.now(),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("claims", "0002_guards"), ("people", "0003_shipped")]
    operations = [load(RULES), migrations.RunPython(publish, migrations.RunPython.noop)]
