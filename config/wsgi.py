"""The WSGI application that gunicorn serves, loaded once before it forks.

What the first page of a worker needs is loaded here too: the addresses, and the views behind them. And what its first
wake-up call needs: celery and kombu import their transport at the first send, a third of a second in which a person
waits; and what checks a passkey. Modules only; a connection is never made before a fork.
"""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.celery import app as celery_app  # noqa: E402, F401 - what kicks go through, after Django is ready
from config.start import tell_in_workers  # noqa: E402 - as above
from portal.papers.warming import warm_workers  # noqa: E402 - rooms load after Django is ready

SENDING = ("celery.app.amqp", "celery.app.events", "celery.app.task", "celery.backends.base", "celery.canvas")
for module in (*SENDING, "celery.events", "encodings.idna", "fido2.server", "kombu.mixins", "kombu.transport.redis"):
    import_module(module)

reverse("alive")
warm_workers()
tell_in_workers()
gc.collect()
gc.freeze()  # what was loaded stays, and stays shared: a worker that looked for garbage in it would copy all of it
