"""An organisation is never a physician, their assistant or a member (AU-15).

A role of a person that stands in an organisation came by signing up with its RFC: it ends today, its record stays.
"""

from django.db import migrations, models

_END = """
UPDATE people_grant g SET until = GREATEST(g.since, CURRENT_DATE)
FROM people_party p
WHERE p.id = g.party_id AND p.kind = 'organisation' AND g.role IN ('physician', 'physician-assistant', 'member')
  AND (g.until IS NULL OR g.until > CURRENT_DATE);
DELETE FROM people_signinidentifier i USING people_party p
WHERE i.kind = 'rfc' AND p.rfc = i.canonical AND p.kind = 'organisation';
"""

_REFUSE = """
CREATE FUNCTION people_personal_roles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong boolean;
BEGIN
    IF TG_TABLE_NAME = 'people_grant' THEN
        wrong := NEW.role IN ('physician', 'physician-assistant', 'member')
                 AND EXISTS (SELECT 1 FROM people_party WHERE id = NEW.party_id AND kind = 'organisation');
    ELSE
        wrong := NEW.kind = 'organisation' AND EXISTS (
            SELECT 1 FROM people_grant WHERE party_id = NEW.id
            AND role IN ('physician', 'physician-assistant', 'member'));
    END IF;
    IF wrong THEN
        RAISE EXCEPTION 'an organisation is no physician, assistant or member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'personal_role_in_a_person';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER personal_role_in_a_person BEFORE INSERT OR UPDATE OF role, party_id ON people_grant
    FOR EACH ROW EXECUTE FUNCTION people_personal_roles();
CREATE TRIGGER party_of_personal_roles BEFORE UPDATE OF kind ON people_party
    FOR EACH ROW EXECUTE FUNCTION people_personal_roles();
"""

_ALLOW = """
DROP TRIGGER personal_role_in_a_person ON people_grant;
DROP TRIGGER party_of_personal_roles ON people_party;
DROP FUNCTION people_personal_roles();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_remembered_names_and_token_names")]

    operations = [
        migrations.RunSQL(_END, migrations.RunSQL.noop),
        migrations.RunSQL(
            "UPDATE people_party SET kind = 'organisation' WHERE is_operator AND kind <> 'organisation'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_operator", False), ("kind", "organisation"), _connector="OR"),
                name="operator_is_an_organisation",
            ),
        ),
        migrations.RunSQL(_REFUSE, _ALLOW),
    ]
