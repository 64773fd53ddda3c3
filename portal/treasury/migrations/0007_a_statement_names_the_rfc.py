"""A statement that names the RFC of its party says so on its account, and an accepted one proved the RFC (AC-11)."""

from django.db import migrations, models

_SAID = """
UPDATE treasury_bankaccount SET names_rfc = true
WHERE findings @> '[{"code": "holder_found", "message": "Tu RFC está en el estado de cuenta."}]'::jsonb
"""

# Who validated it, for the accounts of before: the newest approval.
_PROVED = """
UPDATE people_party p SET rfc_proof = 'statement', rfc_proved_at = a.decided_at, rfc_proved_by_id = r.reviewer_id
FROM treasury_bankaccount a
JOIN LATERAL (
    SELECT reviewer_id FROM treasury_accountreview WHERE account_id = a.id AND decision = 'approved'
    ORDER BY at DESC, id DESC LIMIT 1
) r ON true
WHERE a.party_id = p.id AND a.names_rfc AND a.state = 'validated' AND p.rfc <> '' AND p.rfc_proved_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_an_rfc_is_a_claim"),
        ("treasury", "0006_a_decision_can_be_undone"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankaccount",
            name="names_rfc",
            field=models.BooleanField(default=False, verbose_name="el estado de cuenta trae el RFC"),
        ),
        migrations.RunSQL(_SAID, migrations.RunSQL.noop),
        migrations.RunSQL(_PROVED, migrations.RunSQL.noop),
    ]
