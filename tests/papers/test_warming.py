"""The examiner of a forked web worker is up before its first file (N4)."""

from __future__ import annotations

import os
import threading

import pytest

from portal.papers import examiner, warming
from portal.papers.limited.client import ServerGone


def test_a_process_warms_its_examiner_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    examiner.stop()
    asked, warm_up = threading.Event(), examiner.warm_up
    monkeypatch.setattr(warming, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr(examiner._client, "_answer_seconds", 600.0)  # a starved machine is no fault
    monkeypatch.setattr(examiner, "warm_up", lambda: (asked.wait(), warm_up()))
    thread = warming.warm_up_soon()
    assert thread.is_alive() and thread.daemon  # nobody waits for it
    asked.set()
    thread.join()
    assert examiner._client._process is not None and examiner._client._process.poll() is None
    examiner.stop()


def test_a_forked_worker_warms_an_examiner_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        os, "register_at_fork", lambda **hooks: asked.append(hooks["after_in_child"] is warming.warm_up_soon)
    )
    warming.warm_workers()
    assert asked == [True]


def test_no_examiner_is_no_fault_of_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise ServerGone

    monkeypatch.setattr(warming, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr("portal.papers.examiner._client.ask", gone)
    thread = warming.warm_up_soon()
    thread.join()  # what it raised would fail this test: warnings are errors
    assert not thread.is_alive()
