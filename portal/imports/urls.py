"""Addresses of the room."""

from django.urls import path

from portal.imports import views

app_name = "imports"
urlpatterns = [
    path("mesa/importaciones/<uuid:pk>/", views.run, name="run"),
    path("mesa/importaciones/<uuid:pk>/aplicar/", views.apply, name="apply"),
    path("mesa/importaciones/<uuid:pk>/totales/", views.totals, name="totals"),
    path("mesa/importaciones/<uuid:pk>/titulos/", views.headings, name="headings"),
    path("mesa/importaciones/<uuid:pk>/cancelar/", views.cancel, name="cancel"),
    path("mesa/importaciones/<uuid:pk>/errores/", views.errors, name="errors"),
    path("mesa/importaciones/plantilla/<str:kind>/", views.template, name="template"),
]
