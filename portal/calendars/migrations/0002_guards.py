"""Every change of a calendar renews its stamp, so that what is kept of it in memory is known to be old."""

from django.db import migrations

STAMP = """
CREATE FUNCTION calendars_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE calendars_calendar SET stamp = gen_random_uuid() WHERE id IN (OLD.calendar_id, NEW.calendar_id);
    RETURN NULL;
END $$;
CREATE FUNCTION calendars_stamp_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stamp := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER calendars_calendar_stamp BEFORE UPDATE ON calendars_calendar
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp_own();
CREATE TRIGGER calendars_holiday_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_holiday
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
CREATE TRIGGER calendars_openinginterval_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_openinginterval
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
CREATE TRIGGER calendars_closingperiod_stamp AFTER INSERT OR UPDATE OR DELETE ON calendars_closingperiod
    FOR EACH ROW EXECUTE FUNCTION calendars_stamp();
"""
NO_STAMP = """
DROP FUNCTION calendars_stamp() CASCADE;
DROP FUNCTION calendars_stamp_own() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]
    operations = [migrations.RunSQL(STAMP, NO_STAMP)]
