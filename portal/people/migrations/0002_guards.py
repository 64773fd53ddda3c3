"""An organisation is never a physician, their assistant or a member (AU-15); a text people consent to is never edited."""

from django.db import migrations

from portal.history.append_only import frozen, never_deleted

REFUSE = """
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

ALLOW = """
DROP TRIGGER personal_role_in_a_person ON people_grant;
DROP TRIGGER party_of_personal_roles ON people_party;
DROP FUNCTION people_personal_roles();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        # Not `append_only`: whoever publishes the next version locks the latest, which asks for the right to update.
        frozen("people_consenttext", "text_is_frozen", "kind", "version", "body", "sha256", "published_at"),
        never_deleted("people_consenttext"),
    ]
