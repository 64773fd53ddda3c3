"""Asking billing's pages by name."""

from __future__ import annotations

import re
import uuid

from django.urls import reverse


def url(name: str, *args) -> str:
    return reverse(f"billing:{name}", args=args)


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace(" >", ">")


def post(client, name: str, /, *args, key: str = "", **data):
    return client.post(url(name, *args), {"idempotency_key": key or uuid.uuid4().hex, **data})
