"""Each room mounted under its Spanish path."""

from django.conf import settings
from django.urls import URLResolver, include, path


def _admin() -> list[URLResolver]:
    """Django's admin, only when asked for, and entered by our own door (AU-08): it has no sign-in form of its own."""
    from allauth.account.decorators import secure_admin_login
    from django.contrib import admin

    admin.autodiscover()
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
    return [path("admin/", admin.site.urls)]


urlpatterns = [
    path("", include("config.home_urls")),
    path("", include("config.moved")),
    path("", include("billing.urls")),  # asked for most: an address is looked for from above
    path("", include("memberships.urls")),
    path("", include("claims.urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.api.urls")),
    path("", include("portal.papers.urls")),
    path("", include("portal.listing.urls")),
    path("", include("portal.work.urls")),
    path("", include("portal.notices.urls")),
    path("", include("portal.design.urls")),
    path("", include("portal.help.urls")),
    path("", include("portal.rulebook.urls")),
    path("", include("portal.calendars.urls")),
    path("", include("portal.fiscal.urls")),
    path("", include("portal.imports.urls")),
    path("", include("portal.proofs.urls")),
    path("", include("portal.treasury.urls")),
    path("mesa/", include("config.desk.urls")),
    path("", include("config.desk.api")),
    *([path("_demo/", include("config.demo.urls"))] if settings.DEMO else []),
    *(_admin() if settings.ADMIN_ENABLED else []),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
