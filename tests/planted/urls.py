from django.urls import path

from portal.api.door import addresses
from tests.planted import api, views

app_name = "planted"
urlpatterns = [
    path("mesa/viaticos/", views.trips, name="trips"),
    path("viaticos/<str:folio>/", views.trip, name="trip"),
    path("viaticos/<str:folio>/autorizar/", views.approve, name="approve"),
    *addresses(api.RESOURCES),
]
