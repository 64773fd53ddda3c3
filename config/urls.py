"""Each room mounted under its Spanish path."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("config.home_urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.papers.urls")),
    path("", include("portal.notices.urls")),
    path("", include("portal.design.urls")),
    path("", include("portal.help.urls")),
    path("", include("portal.rulebook.urls")),
    path("", include("portal.calendars.urls")),
    path("", include("portal.fiscal.urls")),
    path("", include("portal.treasury.urls")),
    path("", include("billing.urls")),
    path("mesa/", include("config.desk.urls")),
    *([path("_demo/", include("config.demo.urls"))] if settings.DEMO else []),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
