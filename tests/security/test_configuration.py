"""Promises that live in configuration: queues, broker, database role, time limits (JB-03, JB-05, OP-11, OP-12)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config.celery import app

ROOT = Path(settings.ROOT)


def test_a_task_that_dies_is_given_again_and_none_runs_for_ever_JB_03() -> None:
    conf = app.conf
    assert conf.task_acks_late and conf.task_reject_on_worker_lost and conf.worker_prefetch_multiplier == 1
    assert 0 < conf.task_soft_time_limit < conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
    assert conf.worker_soft_shutdown_timeout > 0


def test_the_broker_has_a_password_refuses_to_forget_and_listens_to_nobody_outside_JB_05() -> None:
    embedded = (ROOT / "bin" / "_runner" / "valkey.py").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    for text in (embedded, compose):
        assert "noeviction" in text and "requirepass" in text
    assert "bind 127.0.0.1" in embedded
    valkey = re.search(r"\n  valkey:\n(.*?)\n\n", compose, re.DOTALL)
    assert valkey and "ports:" not in valkey[1]


def test_the_application_comes_as_its_own_role_with_a_limit_for_every_statement_OP_11() -> None:
    """Asked of a process that reads the settings as the web does; that this role has no DDL is tested in history."""
    code = (
        "import json, config.settings as s; d = s.DATABASES['default'];"
        "print(json.dumps([d['USER'], d['OPTIONS']['options'], s._owner['USER']]))"
    )
    environment = {**os.environ, "DATABASE_AS_OWNER": "false", "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    role, options, owner = json.loads(told.stdout.strip().splitlines()[-1])
    assert role != owner
    limits = dict(re.findall(r"-c (\w+)=(\d+)", options))
    assert set(limits) == {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}
    assert all(0 < int(milliseconds) <= 60_000 for milliseconds in limits.values())


def test_a_mail_server_that_hangs_holds_nothing_for_more_than_five_seconds_OP_12() -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 5
