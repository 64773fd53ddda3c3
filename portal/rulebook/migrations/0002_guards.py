"""Rule rows are never edited: a trigger lets a version be closed or withdrawn and nothing else.

The rows come with the migrations of the apps that own them (`shipping.load`)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION rulebook_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rule_never_edited: a rule version is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - 'valid_to' - 'active') IS DISTINCT FROM (to_jsonb(OLD) - 'valid_to' - 'active')
       OR (NEW.active AND NOT OLD.active)
       OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
           AND (NEW.valid_to IS NULL OR NEW.valid_to > COALESCE(OLD.valid_to, 'infinity'::date))) THEN
        RAISE EXCEPTION 'rule_never_edited: publish a new version of % instead', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rulebook_rule_never_edited BEFORE UPDATE OR DELETE ON rulebook_rule
    FOR EACH ROW EXECUTE FUNCTION rulebook_refuse_edit();
"""
ALLOW = "DROP TRIGGER rulebook_rule_never_edited ON rulebook_rule; DROP FUNCTION rulebook_refuse_edit();"


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
