"""An issued document keeps what it was made from, its PDF and its being void; it is never deleted."""

from django.db import migrations

from portal.history.append_only import frozen, never_deleted

TABLE = "papers_issueddocument"
MADE_FROM = ("kind", "template", "folio", "context", "context_sha256", "code", "party_id", "issued_by_id", "issued_at")


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        frozen(TABLE, "document_is_frozen", *MADE_FROM),
        frozen(TABLE, "document_is_rendered_once", "pdf_id", "pdf_sha256", "done_at", once="OLD.pdf_sha256 <> ''"),
        frozen(
            TABLE,
            "document_is_voided_once",
            "voided_at",
            "voided_by_id",
            "void_reason",
            once="OLD.voided_at IS NOT NULL",
        ),
        never_deleted(TABLE),
    ]
