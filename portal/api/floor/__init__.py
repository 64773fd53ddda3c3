"""The calls of the rooms that stand below this one: notices, rules, calendars, search, views, and who one is."""

from portal.api.floor import calendars, notices, oneself, rulebook, views, work

RESOURCES = (
    *notices.RESOURCES,
    *rulebook.RESOURCES,
    *calendars.RESOURCES,
    *oneself.RESOURCES,
    *work.RESOURCES,
    *views.RESOURCES,
)
