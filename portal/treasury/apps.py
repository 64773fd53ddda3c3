from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "portal.treasury"
    label = "treasury"
