"""The Celery app and the whole beat schedule, gathered from the apps.

Redis carries wake-up calls and nothing else (JB-03, JB-04).
"""

from __future__ import annotations

import gc
import os
from typing import Any

import django
from celery import Celery, signals
from celery.schedules import crontab
from django.apps import apps

from config import pulse
from portal import modules
from portal.zones import MEXICO_CITY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("cauce")
app.set_default()  # for every thread: without it only the importing one sends its kicks to our broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 900,
        "socket_timeout": 0.3,
        "socket_connect_timeout": 0.3,
        "max_retries": 0,  # a kick tries once: kombu would try again for seconds while a person waits
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_soft_time_limit=240,
    task_time_limit=300,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    broker_connection_max_retries=None,  # the broker may be away for days: the worker waits, it does not give up
    timezone=MEXICO_CITY,
    task_serializer="json",
    accept_content=["json"],
)

if not apps.ready:  # a worker or beat that begins: what runs when is said by the apps
    django.setup()
# name of the task -> when it runs (seconds, or local time of central Mexico), as each app's `tasks` says
SCHEDULE: dict[str, float | crontab] = {
    name: when for _, module in modules.named("tasks") for name, when in getattr(module, "SCHEDULE", {}).items()
}
app.conf.beat_schedule = {name: {"task": name, "schedule": when} for name, when in SCHEDULE.items()}


app.autodiscover_tasks()
pulse.watch(app, SCHEDULE)


def _keep_what_was_loaded(**_told: Any) -> None:
    """It stays, shared with the worker's children: nobody looks for garbage in it, not at the end either."""
    gc.collect()
    gc.freeze()


signals.worker_init.connect(_keep_what_was_loaded, weak=False)
signals.beat_init.connect(_keep_what_was_loaded, weak=False)
