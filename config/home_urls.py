"""The roof's own pages."""

from django.urls import path

from config import home

urlpatterns = [path("", home.home, name="home")]
