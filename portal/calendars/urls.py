"""The calendars' addresses."""

from django.urls import path

from portal.calendars import views

app_name = "calendars"
urlpatterns = [
    path("calendario/<str:secret>.ics", views.feed_file, name="feed_file"),
    path("cuenta/calendario/", views.feed, name="feed"),
    path("cuenta/calendario/nueva/", views.open_feed, name="open_feed"),
    path("cuenta/calendario/terminar/", views.end_feed, name="end_feed"),
    path("mesa/calendarios/", views.calendar_list, name="calendars"),
    path("mesa/calendarios/<slug:code>/", views.calendar_detail, name="calendar"),
    path("mesa/calendarios/<slug:code>/inhabiles/", views.add_holiday, name="add_holiday"),
    path("mesa/calendarios/<slug:code>/inhabiles/<str:day>/quitar/", views.remove_holiday, name="remove_holiday"),
    path("mesa/calendarios/<slug:code>/cierres/", views.add_closing, name="add_closing"),
    path("mesa/calendarios/<slug:code>/cierres/<int:number>/quitar/", views.remove_closing, name="remove_closing"),
    path("mesa/calendarios/<slug:code>/horario/", views.set_hours, name="set_hours"),
    path("mesa/calendarios/<slug:code>/importar/", views.import_year, name="import_year"),
]
