"""What this app ships with: rules, the first privacy notice, schemes of references, the IMSS's links, a gateway."""

import hashlib

from django.db import migrations
from django.utils import timezone

from memberships.shipped import PRIVACY, RULES, insert_gateway, insert_schemes, insert_sources
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


def insert(apps, schema_editor):
    """Each row of data that has none yet."""
    insert_schemes(apps.get_model("memberships", "ReferenceScheme"))
    insert_sources(apps.get_model("memberships", "ImssSource"))
    insert_gateway(apps.get_model("treasury", "CollectionAccount"))


class Migration(migrations.Migration):
    dependencies = [
        ("rulebook", "0002_guards"),
        ("memberships", "0002_guards"),
        ("people", "0003_shipped"),
        ("treasury", "0003_shipped"),
    ]
    operations = [
        load(RULES),
        migrations.RunPython(publish, migrations.RunPython.noop),
        migrations.RunPython(insert, migrations.RunPython.noop),
    ]
