from django.apps import AppConfig


class OnceConfig(AppConfig):
    name = "portal.once"
    label = "once"
