"""The product's addresses with one app more."""

from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500, urlpatterns

urlpatterns = [*urlpatterns, path("", include("tests.planted.urls"))]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
