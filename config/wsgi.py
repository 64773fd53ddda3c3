"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.celery import app as celery_app  # noqa: E402 - the app that kicks go through, after Django is ready
from portal.papers.warming import warm_workers  # noqa: E402 - rooms load after Django is ready

warm_workers()

__all__ = ["application", "celery_app"]
