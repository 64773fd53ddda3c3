"""The floor names no vertical, in code or in rows it ships: what one declares stands in its own files (architecture 3).

The words are derived from the installed verticals: an app of ours that is neither floor nor roof. They are its label
(and with it its acts, kinds of notices, addresses and permissions), its models, what its `apps.py` registers, what its
modules of fixed names declare, and the nouns of its lists.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.db import models

from portal import modules
from portal.access import Permission
from portal.declared import Declared
from portal.listing import Listing
from portal.text import folded
from tests.sources import PACKAGES, ROOT, dotted, named, tree

FLOOR, ROOF = "portal", "config"
# All permissions and roles stand in one place (architecture 4); examples of components speak of what people know.
KNOWS_ALL = {
    "portal/access.py",
    "portal/design/samples.py",
    "portal/design/samples_long.py",
    "portal/design/samples_deciding.py",
}
# The tax authority's own words for papers that the floor reads: said where such a paper is meant.
OF_THE_SAT = {"invoice", "complement", "factura", "facturas", "complemento", "complementos"}
READS_THEM = ("portal/fiscal/", "portal/papers/", "portal/proofs/checks.py", "portal/identifiers/")
# What a bank makes is treasury's own word.
OF_BANKS = {"deposito", "depositos"}
# What is decided, reckoned to come, opened: words of the floor as well: its own classes bear the same names.
OF_ALL = {"Decision", "Estimate", "Opening"}
# Words of every day that a list counts too: what one plans, and whatever one has under way.
OF_EVERY_DAY = {"plan", "planes", "tramite", "tramites"}
# «en orden» and the parameter that sorts a list: the order of things, not an order of care.
SORTED = {
    "portal/listing/selection.py": "orden",
    "portal/history/management/commands/audit-verify.py": " sellos en orden, ",
}


def verticals() -> list[AppConfig]:
    return [one for one in apps.get_app_configs() if one.name.split(".")[0] in {*PACKAGES} - {FLOOR, ROOF}]


def _plain(module: str) -> Iterator[str]:
    """Names that a module of a fixed name declares: keys of its tables, first words of its rows."""
    for table, value in vars(import_module(module)).items():
        rows = value if table.isupper() and isinstance(value, tuple | dict) else ()
        for row in rows:
            name = (
                getattr(row, "code", None)
                or getattr(row, "prefix", None)
                or (row[0] if isinstance(row, tuple) else row)
            )
            if isinstance(name, str):
                yield name


def _registered(app: AppConfig) -> Iterator[str]:
    """What its `apps.py` says as text to a `register_…` or `on_…`: folios, drains, kinds of documents and payables…"""
    for node in ast.walk(tree(Path(app.path) / "apps.py")):
        if isinstance(node, ast.Call) and re.match(r"(register|on)_", dotted(node.func).rpartition(".")[2]):
            said = node.args[:1] if node.args else []
            yield from (one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str))


@cache
def words() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """(labels, names declared, nouns, names of classes and permissions) of every vertical."""
    labels, names, classes, packages = set(), set(), set(), set()
    for app in verticals():
        labels.add(app.label)
        packages.add(app.name.split(".")[0])
        names |= set(_registered(app))
        for module in ("shipped", "guides", "notices"):
            if (Path(app.path) / f"{module}.py").exists():
                names |= set(_plain(f"{app.name}.{module}"))
        classes |= {model.__name__ for model in app.get_models()}
    classes |= {one.name for one in Permission if one.value.split(".")[0] in labels}
    classes -= OF_ALL
    of_lists: dict[bool, set[str]] = {True: set(), False: set()}
    for app, module in modules.named("listings"):
        own = of_lists[app.name.split(".")[0] in packages]
        own.update(noun for one in vars(module).values() if isinstance(one, Listing) for noun in one.nouns)
    nouns = {folded(noun) for noun in of_lists[True] - of_lists[False]} - OF_BANKS - OF_EVERY_DAY
    return frozenset(labels), frozenset(names), frozenset(nouns), frozenset(classes)


def _docstrings(module: ast.Module) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node.body[0] for node in ast.walk(module) if isinstance(node, holders) and node.body]
    return {id(one.value) for one in found if isinstance(one, ast.Expr)}


def _judged(where: str, module: ast.Module) -> Iterator[ast.AST]:
    """Every node of a file; of a migration those of what it ships, not of the tables as they once were."""
    for part in module.body:
        if not ("/migrations/" in where and isinstance(part, ast.ClassDef)):
            yield from ast.walk(part)


def breaches(where: str, module: ast.Module) -> Iterator[str]:
    """What a file of the floor says of a vertical; its docstrings and comments may explain."""
    labels, names, nouns, classes = words()
    families, told = tuple(name for name in names if name.endswith(".")), _docstrings(module)
    allowed = OF_THE_SAT if where.startswith(READS_THEM) else set()
    for node in _judged(where, module):
        for called in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None)):
            if called in classes:
                yield f"{where}:{getattr(node, 'lineno', 0)} {called}"
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in told:
            continue
        if SORTED.get(where) == node.value:
            continue
        said = set(re.findall(r"[a-z0-9ñ]+", folded(node.value)))
        if (
            said & labels
            or said & (nouns - allowed)
            or node.value in names - allowed
            or (families and node.value.startswith(families))
        ):
            yield f"{where}:{node.lineno} {node.value[:70]!r}"


def test_the_words_of_the_verticals_are_found() -> None:
    labels, names, nouns, classes = words()
    assert labels == {"billing", "claims", "memberships"} and {"CareOrder", "SEE_OWN_BILLING"} <= classes
    assert {"orden", "ordenes", "factura", "complementos"} <= nouns and "cuenta" not in nouns
    assert {"FA", "OC", "withholding.", "rep_due_day", "billing/invoice_paid", "orden-digital"} <= names


def test_the_floor_names_no_vertical() -> None:
    """In code, and in rows: what its migrations ship stands in them or in a `shipped.py`."""
    faults = []
    for path in sorted((ROOT / FLOOR).rglob("*.py")):
        if named(path) not in KNOWS_ALL:
            faults += breaches(named(path), tree(path))
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


# Pages of the roof; samples of components speak of what people know; what the tax authority's papers are called there.
OF_THE_ROOF = ("desk", "home", "demo")
SAMPLES = ("templates/components/samples/", "templates/components/catalogue.html")
READ_THERE = ("templates/fiscal/", "templates/components/cfdi-receipt.html", "templates/proofs/own.html")
_COMMENTS = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.S)
_SORTED = re.compile(r'name="orden"')  # the parameter that sorts a list


def floor_templates() -> Iterator[Path]:
    """Every template that neither a vertical nor the roof owns: their folder is called like them, or the guide is."""
    labels, names, _nouns, _classes = words()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        parts = path.relative_to(ROOT / "templates").parts
        is_guide = parts[:2] == ("help", "guides") and path.stem in names
        if path.suffix in {".html", ".txt"} and not labels & {*parts} and parts[0] not in OF_THE_ROOF and not is_guide:
            yield path


def said_by(where: str, text: str) -> Iterator[str]:
    """What a template of the floor says of a vertical: its names, its nouns, and what one does with them (facturar)."""
    labels, _names, nouns, _classes = words()
    stems = tuple(noun[:-1] for noun in nouns if noun.endswith("a"))
    allowed = OF_THE_SAT if where.startswith(READ_THERE) else set()
    told = _SORTED.sub("", _COMMENTS.sub(" ", text))
    for word in sorted(set(re.findall(r"[a-z0-9ñ]+", folded(told)))):
        if word in labels or word in nouns - allowed or (word.startswith(stems) and word not in allowed):
            yield f"{where}: {word}"


def test_no_template_of_the_floor_speaks_of_a_vertical() -> None:
    """Words of its people stand in what it declares (`Helper`, `SignUp`, `PayableKind`), or in templates of its own."""
    found = [*floor_templates()]
    assert len(found) > 100 and ROOT / "templates/people/team.html" in found
    assert ROOT / "templates/help/guides/factura.html" not in found
    kept = [path for path in found if not named(path).startswith(SAMPLES)]
    faults = [one for path in kept for one in said_by(named(path), path.read_text())]
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


@pytest.mark.parametrize(
    "planted",
    ["Mira tus órdenes.", "Factura por ti.", "Ya puede facturar.", "Sube el complemento.", "{% url 'billing:x' %}"],
)
def test_a_planted_word_in_a_template_is_found(planted: str) -> None:
    assert list(said_by("templates/people/team.html", planted))
    assert not list(said_by("templates/people/team.html", f'{{# {planted} #}}<input name="orden">'))


def _declared() -> dict[str, set[str]]:
    """Kind of row → the names that apps declare of it, of every registry of the floor."""
    found: dict[str, set[str]] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(f"{FLOOR}."):
            for value in vars(module).values():
                if isinstance(value, Declared):
                    found[value.what] = {*map(str, value)}
    return found


def _held(field: models.Field) -> set[str]:
    return {str(value) for value, _label in field.choices or ()}


def _values(condition: Any) -> Iterator[str]:
    """The texts that a constraint compares with."""
    for part in getattr(condition, "children", ()):
        if isinstance(part, models.Q):
            yield from _values(part)
        else:
            value = part[1]
            yield from map(str, value if isinstance(value, list | tuple | set | frozenset) else [value])


# Names that mean another thing there: what a receipt is, what a file is made of, whose days a calendar has.
ELSEWHERE = {
    "fiscal.TaxReceipt.use": {"invoice"},
    "papers.StoredFile.kind": {"xml"},
    "papers.DraftFile.kind": {"xml"},
    "calendars.Calendar.kind": {"bank"},
    "calendar_kind_known": {"bank"},
}


def test_no_choices_and_no_constraint_of_a_floors_table_hold_what_apps_declare() -> None:
    """A new app would have to alter them; services ask the registries instead, each of them tested in its room."""
    kinds = _declared()
    assert {"the notice", "the guide", "the kind of message", "the family of rules", "the folio prefix"} <= set(kinds)
    assert {"the sign-up", "the consent", "the scope", "the payable", "the purpose of accounts"} <= set(kinds)
    names, faults = set().union(*kinds.values()), []
    assert {*_values(models.Q(state="x") & (models.Q(kind__in=["complaint", "y"]) | models.Q(n=1)))} & names == {
        "complaint"
    }
    assert _held(models.CharField(choices=[("physician", "Médico"), ("x", "y")])) & names == {"physician"}
    for model in apps.get_models():
        if not model.__module__.startswith(f"{FLOOR}."):
            continue
        for field in model._meta.local_fields:
            label = f"{model._meta.label}.{field.name}"
            faults += [f"{label}: {one}" for one in _held(field) & names - ELSEWHERE.get(label, set())]
        for rule in model._meta.constraints:
            if isinstance(rule, models.CheckConstraint):
                faults += [
                    f"{rule.name}: {one}"
                    for one in {*_values(rule.condition)} & names - ELSEWHERE.get(rule.name, set())
                ]
    assert faults == []


@pytest.mark.parametrize(
    "planted",
    [
        'KINDS = {"billing/orders_arrived": "x"}',
        "may(user, Permission.SEE_OWN_BILLING)",
        "from x import CareOrder",
        'PREFIXES = {"FA": "x"}',
        'rule_on("withholding.PF", on=on)',
        'whole("rep_due_day", on=on)',
        'raise RuleBroken("Revisaste facturas de este lote.")',
        'label = "Órdenes de atención"',
        'reverse("billing:home")',
    ],
)
def test_a_planted_breach_is_found(planted: str) -> None:
    assert list(breaches("portal/notices/rules.py", ast.parse(planted)))
    assert not list(breaches("portal/notices/rules.py", ast.parse('"""The billing of orders."""\nx = "Pagos"')))
