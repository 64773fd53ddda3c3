"""The roof's own pages."""

from django.urls import path

from config import health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("inicio/", home.start, name="start"),
    path("espacio/", home.choose, name="workspace"),
    path("salud/vivo", health.alive, name="alive"),
    path("salud/listo", health.ready, name="ready"),
]
