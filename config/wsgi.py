"""The WSGI application that gunicorn serves, loaded once before it forks.

What the first wake-up call of a worker needs is loaded here too: celery and kombu import their transport at the first
send, a third of a second in which a person waits; and what checks a passkey. Modules only; a connection is never made
before a fork.
"""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.celery import app as celery_app  # noqa: E402, F401 - what kicks go through, after Django is ready
from config.start import tell_in_workers  # noqa: E402 - as above
from portal.papers.warming import warm_workers  # noqa: E402 - rooms load after Django is ready

SENDING = ("celery.app.amqp", "celery.app.events", "celery.app.task", "celery.backends.base", "celery.canvas")
for module in (*SENDING, "celery.events", "encodings.idna", "fido2.server", "kombu.mixins", "kombu.transport.redis"):
    import_module(module)

warm_workers()
tell_in_workers()
