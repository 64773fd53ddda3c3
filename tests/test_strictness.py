"""The strictness itself works: what should fail, fails."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
from django.template import Template, engines
from django.template.base import Origin

from tests.strictness import TEMPLATES, UndefinedVariable


def _render(text: str, origin: str, **context: object) -> str:
    engine = engines["django"].engine
    from django.template import Context

    return Template(text, origin=Origin(origin), engine=engine).render(Context(context))


def test_undefined_variable_in_our_template_fails() -> None:
    with pytest.raises(UndefinedVariable, match="nobody"):
        _render("{{ nobody.name }}", str(TEMPLATES / "x.html"))


def test_undefined_variable_in_a_loop_of_our_template_fails() -> None:
    with pytest.raises(UndefinedVariable):
        _render("{% for x in rows %}{{ x.missing }}{% endfor %}", str(TEMPLATES / "x.html"), rows=[1])


@pytest.mark.parametrize("name", ["DEBUG", "INSTALLED_APPS"])
def test_strictness_outlives_a_test_that_changes_the_settings(settings: Any, name: str) -> None:
    """Django throws its template engines away when one of these changes."""
    setattr(settings, name, getattr(settings, name))
    with pytest.raises(UndefinedVariable):
        _render("{{ nobody }}", str(TEMPLATES / "x.html"))


def test_asking_whether_it_is_defined_is_allowed() -> None:
    assert _render("{% if nobody %}a{% else %}b{% endif %}", str(TEMPLATES / "x.html")) == "b"


def test_undefined_variable_in_a_library_template_stays_empty() -> None:
    assert _render("[{{ nobody }}]", "/somewhere/else/x.html") == "[]"


@pytest.mark.django_db
def test_lists_without_an_order_come_back_in_another_order() -> None:
    from django.contrib.contenttypes.models import ContentType

    lists = {tuple(ContentType.objects.order_by().values_list("pk", flat=True)) for _ in range(5)}
    ordered = {tuple(ContentType.objects.order_by("pk").values_list("pk", flat=True)) for _ in range(5)}
    assert len(lists) > 1
    assert len(ordered) == 1


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_sockets_lead_nowhere_but_home() -> None:
    from pytest_socket import SocketConnectBlockedError

    with pytest.raises(SocketConnectBlockedError), socket.socket() as way:
        way.connect(("192.0.2.1", 80))


def test_each_process_of_a_run_keeps_its_files_in_a_folder_of_its_own() -> None:
    """Two workers in one folder: the demo's reset of one empties it while the other reads."""
    from django.conf import settings

    told = {name: os.environ[name] for name in ("DATA_DIR", "STATIC_DIR")}
    assert told == {"DATA_DIR": str(settings.DATA_DIR), "STATIC_DIR": str(settings.STATIC_ROOT)}
