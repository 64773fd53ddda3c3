from django.urls import path

from portal.notices import views

app_name = "notices"
urlpatterns = [
    path("avisos/", views.inbox, name="inbox"),
    path("avisos/leidos/", views.read_all, name="read_all"),
    path("avisos/<uuid:notice_id>/abrir/", views.open_notice, name="open"),
    path("cuenta/avisos/", views.preferences, name="preferences"),
]
