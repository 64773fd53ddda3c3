"""A folio that was given keeps its number and its day, and is void once."""

from django.db import migrations

from portal.history.append_only import frozen, never_deleted


class Migration(migrations.Migration):
    dependencies = [("folios", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        frozen("folios_issuedfolio", "folio_is_frozen", "folio", "series_id", "number", "at"),
        frozen("folios_issuedfolio", "folio_is_void_once", "voided_at", once="OLD.voided_at IS NOT NULL"),
        never_deleted("folios_issuedfolio"),
    ]
