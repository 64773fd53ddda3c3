"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "calendars.closing_added": "Cierre de oficina agregado",
    "calendars.closing_removed": "Cierre de oficina quitado",
    "calendars.feed_ended": "Dirección de calendario terminada",
    "calendars.feed_opened": "Dirección de calendario hecha",
    "calendars.holiday_added": "Día inhábil agregado",
    "calendars.holiday_removed": "Día inhábil quitado",
    "calendars.holidays_imported": "Días inhábiles importados",
    "calendars.hours_set": "Horario cambiado",
}
THINGS: dict[str, str] = {
    "calendars.calendar": "Calendario",
    "calendars.calendarfeed": "Dirección de calendario",
}
