"""What the page of the API shows, read from its schema. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from portal.api.bodies import JSON, MULTIPART
from portal.api.schema import example_of
from portal.once.rules import HEADER

Context = dict[str, Any]


def docs(schema: Mapping[str, Any]) -> Context:
    """Groups of calls in the order of their addresses."""
    groups: dict[str, list[Context]] = {}
    for call in _calls(schema):
        groups.setdefault(call["tag"], []).append(call)
    shown = [{"name": name, "id": name.replace("/", "-"), "calls": calls} for name, calls in groups.items()]
    return {"groups": shown, "base": settings.BASE_URL, "crumbs": []}


def _calls(schema: Mapping[str, Any]) -> Iterator[Context]:
    components = schema.get("components", {}).get("schemas", {})
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield {
                "tag": told["tags"][0],
                "id": told["operationId"],
                "method": method.upper(),
                "path": path,
                "title": told["summary"],
                "said": told.get("description", ""),
                "fields": list(_fields(told)),
                "curl": curl(path, method.upper(), told),
                "answer": _answer(told, components),
            }


def _fields(told: Mapping[str, Any]) -> Iterator[Context]:
    """What can be sent: parameters of the address, then fields of the body."""
    for one in told.get("parameters", []):
        where = {"path": "dirección", "query": "parámetro", "header": "encabezado"}[one["in"]]
        yield _field(one["name"], one["schema"], where, one.get("description", ""), required=one.get("required", False))
    content = told.get("requestBody", {}).get("content", {})
    body = (content.get(MULTIPART) or content.get(JSON) or {}).get("schema", {})
    for name, schema in body.get("properties", {}).items():
        yield _field(name, schema, "cuerpo", schema.get("description", ""), required=name in body.get("required", ()))


def _field(name: str, schema: Mapping[str, Any], where: str, said: str, *, required: bool) -> Context:
    kind = {"binary": "archivo", "date": "fecha", "uuid": "identificador"}.get(schema.get("format", ""), "")
    kind = kind or {"string": "texto", "integer": "entero", "boolean": "sí o no", "array": "lista"}.get(
        str(schema.get("type")), "objeto"
    )
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or []
    return {"name": name, "kind": kind, "where": where, "said": said, "required": required, "choices": choices}


def curl(path: str, method: str, told: Mapping[str, Any]) -> str:
    """The call as one types it in a terminal; what is sent is the declared example."""
    for one in told.get("parameters", []):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(example_of(one["schema"], {})))
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{settings.BASE_URL}{path}"]
    lines.append('-H "Authorization: Bearer $CREDENCIAL"')
    if any(one["name"] == HEADER for one in told.get("parameters", [])):
        lines.append(f'-H "{HEADER}: envio-2026-11-20-0001"')
    content, sent = told.get("requestBody", {}).get("content", {}), told.get("x-example", {})
    if MULTIPART in content and any(str(value).startswith("@") for value in sent.values()):
        lines += [f"-F {name}={value}" for name, value in sent.items()]
    elif sent:
        lines += [f'-H "Content-Type: {JSON}"', f"-d '{json.dumps(sent, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)


def _answer(told: Mapping[str, Any], components: Mapping[str, Any]) -> Context:
    status, given = next(iter(told["responses"].items()))
    content = given.get("content", {})
    if JSON not in content:
        return {"status": status, "media": next(iter(content), ""), "body": ""}
    body = example_of(content[JSON]["schema"], components)
    return {"status": status, "media": JSON, "body": json.dumps(body, ensure_ascii=False, indent=2)}
