"""The Celery app and the whole beat schedule in one table.

Redis carries wake-up calls and nothing else (JB-03, JB-04).
"""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

from config import pulse
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

# name of the task -> when it runs (seconds, or local time of central Mexico)
SCHEDULE: dict[str, float | crontab] = {
    "drain.notices": 5.0,
    "drain.documents": 5.0,
    "drain.examinations": 5.0,
    "drain.exports": 5.0,
    "drain.invoice_decisions": 5.0,
    "drain.complement_decisions": 5.0,
    "drain.account_decisions": 5.0,
    "drain.audit": 5.0,
    "calendars.remind": 60.0,
    "resume.sweep": 300.0,
    "calendars.extend": crontab(minute="50", hour="2"),
    "once.sweep": crontab(minute="20", hour="3"),
    "papers.drop_exports": crontab(minute="30", hour="3"),
    "papers.verify": crontab(minute="0", hour="4"),
    "papers.sweep": crontab(minute="40", hour="3"),
    "treasury.verify": crontab(minute="30", hour="4"),
}
app.conf.beat_schedule = {name: {"task": name, "schedule": when} for name, when in SCHEDULE.items()}


app.autodiscover_tasks()
pulse.watch(app, SCHEDULE)
