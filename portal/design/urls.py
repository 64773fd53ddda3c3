"""Addresses of the design room."""

from django.urls import path

from portal.design import views

app_name = "design"
urlpatterns = [
    path("_ui/", views.catalogue, name="catalogue"),
    path("_ui/pagina/<slug:layout>/", views.layout, name="layout"),
    path("apariencia/", views.appearance, name="appearance"),
    path("csp", views.csp_report, name="csp_report"),
]
