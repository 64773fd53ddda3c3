"""Addresses of the room."""

from django.urls import path

from portal.api.door import addresses
from portal.proofs import api, desk, views

app_name = "proofs"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("medico/rfc/", views.own, name="own"),
    path("medico/rfc/documento/", views.hand_in, name="hand_in"),
    path("medico/rfc/codigo/", views.use_code, name="use_code"),
    path("mesa/acreditaciones/", desk.papers, name="papers"),
    path("mesa/acreditaciones/<uuid:pk>/", desk.paper, name="paper"),
    path("mesa/rfc/", desk.moves, name="moves"),
    path("mesa/rfc/nuevo/", desk.ask_move, name="ask_move"),
    path("mesa/rfc/<uuid:pk>/", desk.move, name="move"),
    path("mesa/rfc/<uuid:pk>/decidir/", desk.decide_move, name="decide_move"),
]
