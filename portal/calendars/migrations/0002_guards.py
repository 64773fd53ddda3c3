"""Every change of a calendar renews its stamp, so that what is kept of it in memory is known to be old.

Once a statement: a stamp for each of a thousand days would leave a thousand versions of one row, and every check of a day's
calendar would read them all.
"""

from django.db import migrations

STAMP = """
CREATE FUNCTION calendars_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE calendars_calendar SET stamp = gen_random_uuid() WHERE id IN (SELECT calendar_id FROM old_rows);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE calendars_calendar SET stamp = gen_random_uuid() WHERE id IN (SELECT calendar_id FROM new_rows);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION calendars_stamp_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stamp := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER calendars_calendar_stamp BEFORE UPDATE ON calendars_calendar
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp_own();
DO $$ DECLARE what text;
BEGIN
    FOREACH what IN ARRAY ARRAY['calendars_holiday', 'calendars_openinginterval', 'calendars_closingperiod'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_stamp_insert AFTER INSERT ON %1$s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION calendars_stamp()', what);
        EXECUTE format('CREATE TRIGGER %1$s_stamp_update AFTER UPDATE ON %1$s
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION calendars_stamp()', what);
        EXECUTE format('CREATE TRIGGER %1$s_stamp_delete AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT EXECUTE FUNCTION calendars_stamp()', what);
    END LOOP;
END $$;
"""
NO_STAMP = """
DROP FUNCTION calendars_stamp() CASCADE;
DROP FUNCTION calendars_stamp_own() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]
    operations = [migrations.RunSQL(STAMP, NO_STAMP)]
