from django.apps import AppConfig


class ListingConfig(AppConfig):
    name = "portal.listing"
    label = "listing"
