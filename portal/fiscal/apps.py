from django.apps import AppConfig


class FiscalConfig(AppConfig):
    name = "portal.fiscal"
    label = "fiscal"
