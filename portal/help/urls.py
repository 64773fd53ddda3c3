"""Contact and guides."""

from django.urls import path

from portal.api.door import addresses
from portal.help import api, views

app_name = "help"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("contacto/", views.contact, name="contact"),
    path("contacto/recibido/", views.sent, name="sent"),
    path("contacto/<str:folio>/", views.message, name="message"),
    path("mesa/contactos/", views.message_list, name="messages"),
    path("accesibilidad/", views.accessibility, name="accessibility"),
    path("ayuda/", views.index, name="index"),
    path("ayuda/<slug:slug>/", views.guide, name="guide"),
]
