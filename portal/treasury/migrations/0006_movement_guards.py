"""What moved is never edited; what became of a deposit is undone, never changed."""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted

MOVED = ("account_id", "file_id", "row", "on", "amount", "currency", "text", "reference", "tracking", "identity")
SAID = ("movement_id", "act", "result", "score", "message", "comment", "settles_id", "fee", "at", "by_id")


class Migration(migrations.Migration):
    dependencies = [("treasury", "0005_movement")]
    operations = [
        frozen("treasury_movement", "movement_is_frozen", *MOVED),
        never_deleted("treasury_movement"),
        frozen("treasury_allocation", "allocation_is_frozen", *SAID),
        frozen(
            "treasury_allocation",
            "allocation_is_undone_once",
            "undone_at",
            "undone_by_id",
            once="OLD.undone_at IS NOT NULL",
        ),
        never_deleted("treasury_allocation"),
        *append_only("treasury_allocationshare"),
    ]
