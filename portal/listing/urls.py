"""Addresses of the search, for whoever is signed in."""

from django.urls import path

from portal.listing import views

app_name = "listing"
urlpatterns = [
    path("buscar/", views.search_page, name="search"),
    path("listas/<str:name>/<slug:column>/<uuid:pk>/abrir/", views.open_mask, name="open"),
    path("listas/<str:name>/vistas/", views.saved_views, name="views"),
    path("listas/vistas/<uuid:pk>/abrir/", views.open_with, name="open_with"),
    path("listas/vistas/<uuid:pk>/quitar/", views.forget_view, name="forget_view"),
    path("f/<str:folio>/", views.by_folio, name="folio"),
]
