"""Addresses of the room."""

from django.urls import path

from portal.api.door import addresses
from portal.proofs import api, views

app_name = "proofs"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("medico/rfc/", views.own, name="own"),
    path("medico/rfc/documento/", views.hand_in, name="hand_in"),
    path("medico/rfc/documento/revisar/", views.check_paper, name="check_paper"),
    path("medico/rfc/documento/enviado/", views.paper_sent, name="paper_sent"),
    path("medico/rfc/documento/archivo/", views.keep_file, name="keep_file"),
    path("medico/rfc/documento/quitar/", views.remove_file, name="remove_file"),
    path("medico/rfc/documento/devolver/", views.put_file_back, name="put_file_back"),
    path("medico/rfc/codigo/", views.use_code, name="use_code"),
    path("mesa/acreditaciones/", views.papers, name="papers"),
    path("mesa/acreditaciones/<uuid:pk>/", views.paper, name="paper"),
    path("mesa/rfc/", views.moves, name="moves"),
    path("mesa/rfc/nuevo/", views.ask_move, name="ask_move"),
    path("mesa/rfc/<uuid:pk>/", views.move, name="move"),
    path("mesa/rfc/<uuid:pk>/decidir/", views.decide_move, name="decide_move"),
]
