from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "portal.api"
    label = "api"

    def ready(self) -> None:
        """Tell the lists where the API gives them."""
        from portal.api.listed import address_of
        from portal.listing.registry import on_call

        on_call(address_of)
