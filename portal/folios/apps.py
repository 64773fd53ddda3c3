from django.apps import AppConfig


class FoliosConfig(AppConfig):
    name = "portal.folios"
    label = "folios"
