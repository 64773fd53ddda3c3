from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Tells the floor who is fresh, and notices where mail goes."""

    name = "portal.people"
    label = "people"

    def ready(self) -> None:
        from portal import access
        from portal.notices.services import register_addresses
        from portal.people import selectors, sessions

        access.register_freshness(sessions.is_fresh, sessions.confirm_url)
        access.register_refusals(sessions.note_refusal)
        register_addresses(selectors.addresses_of)
