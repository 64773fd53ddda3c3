"""The rules and the texts of consent that this app ships with."""

import hashlib

from django.db import migrations
from django.utils import timezone

from claims.rules import catalogues
from claims.rules.formats import DECLARATION, SHIPPED
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


def publish_formats(apps, schema_editor):
    """Version 1 of each."""
    for one in SHIPPED:
        apps.get_model("claims", "Format").objects.get_or_create(
            what=one.what,
            stage=one.stage.value,
            version=1,
            defaults={"asked": list(one.asked), "declaration": DECLARATION, "published_at": timezone.now()},
        )


def fill_catalogues(apps, schema_editor):
    """What each kind of claim asks for and why something is not covered, since ever."""
    at = timezone.now()
    for name, rows in (
        ("DocumentRequirement", map(catalogues.shipped_requirement, catalogues.REQUIREMENTS)),
        ("NotCoveredReason", map(catalogues.shipped_reason, catalogues.REASONS)),
    ):
        model = apps.get_model("claims", name)
        model.objects.bulk_create(model(**told, at=at) for told in rows)


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_guards"), ("claims", "0002_guards"), ("people", "0003_shipped")]
    operations = [
        load(RULES),
        migrations.RunPython(publish, migrations.RunPython.noop),
        migrations.RunPython(publish_formats, migrations.RunPython.noop),
        migrations.RunPython(fill_catalogues, migrations.RunPython.noop),
    ]
