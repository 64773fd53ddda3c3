"""The product's addresses with one app more."""

from django.urls import include, path

from config import urls

urlpatterns = [*urls.urlpatterns, path("", include("tests.planted.urls"))]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
