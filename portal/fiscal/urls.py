"""Addresses of the fiscal room."""

from django.urls import path

from portal.api.door import addresses
from portal.fiscal import api, views

app_name = "fiscal"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("mesa/certificados/", views.certificates, name="certificates"),
    path("mesa/certificados/agregar/", views.add, name="add_certificate"),
    path("mesa/certificados/<uuid:pk>/retirar/", views.withdraw, name="withdraw_certificate"),
    path("mesa/catalogos/", views.catalogues, name="catalogues"),
    path("mesa/catalogos/agregar/", views.add_key, name="add_key"),
    path("mesa/catalogos/<uuid:pk>/retirar/", views.withdraw_key, name="withdraw_key"),
]
