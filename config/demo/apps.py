from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DemoConfig(AppConfig):
    name = "config.demo"
    label = "demo"

    def ready(self) -> None:
        """Refuse to exist where the demo is off; otherwise lend the portal its movable clock and its test authority."""
        if not settings.DEMO:
            raise ImproperlyConfigured("El mundo de demostración solo carga con DEMO=true.")
        from config.demo import time
        from config.demo.models import DemoDay
        from portal import clock, queue

        clock.register_offset(time.offset)
        queue.register_drain("demo_days", DemoDay)
