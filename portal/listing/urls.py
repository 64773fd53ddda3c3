"""Addresses of the search, for whoever is signed in."""

from django.urls import path

from portal.listing import views

app_name = "listing"
urlpatterns = [
    path("buscar/", views.search_page, name="search"),
    path("f/<str:folio>/", views.by_folio, name="folio"),
]
