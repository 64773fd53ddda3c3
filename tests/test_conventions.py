"""The house rules that a machine can read. Each test names the whole list of what breaks it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL
from django.urls import URLPattern, URLResolver, get_resolver

from config.desk import generated
from tests.sources import PACKAGES, ROOT, calls, dotted, functions, named, nodes, of_kind, product, templates, tree


def none(faults: list[str]) -> None:
    """Fail with the whole list, one a line."""
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


# --- sizes and names ---------------------------------------------------------------------------------------------


def _runner() -> list[Path]:
    return sorted((ROOT / "bin").rglob("*.py"))


def test_no_file_is_longer_than_600_lines() -> None:
    files = [*product(), *_runner(), *sorted((ROOT / "tests").rglob("*.py"))]
    none([f"{named(path)}: {n}" for path in files if (n := len(path.read_text().splitlines())) > 600])


def test_no_function_is_longer_than_40_lines() -> None:
    long = []
    for path in [*product(), *_runner()]:
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > 40:
                long.append(f"{named(path)}: {function.name} {length}")
    none(long)


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "managers", "services2"}
    none([named(path) for path in product() if path.stem in empty])


def test_nothing_is_excused_from_the_formatter_and_no_front_door_lists_its_names_twice() -> None:
    excused = re.compile(r"#\s*fmt:\s*(skip|off)|^__all__\b", re.M)
    files = [*product(), *_runner(), *sorted((ROOT / "tests").rglob("*.py"))]
    none([f"{named(path)}: {found}" for path in files for found in excused.findall(path.read_text()) or ()])
    assert all(map(excused.search, ["__all__ = []", *(f"x = 1  # fmt: {word}" for word in ("skip", "off"))]))


def test_every_package_is_under_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert sorted(contracts["root_packages"]) == sorted(PACKAGES)
    none([contract for contract in contracts["contracts"] if "ignore_imports" in contract])


def test_a_migration_that_writes_rows_settles_their_checks_before_it_alters_tables() -> None:
    """On an empty database it would pass without: "cannot ALTER TABLE because it has pending trigger events"."""
    unsettled = []
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if migration.__module__.partition(".")[0] not in PACKAGES:
            continue
        written = False
        for one in migration.operations:
            if isinstance(one, RunPython):
                written = True
            elif isinstance(one, RunSQL):
                written = written and "SET CONSTRAINTS ALL IMMEDIATE" not in str(one.sql)
            elif written:
                unsettled.append(f"{app} {name}: {one.describe()}")
    none(unsettled)


# A room's first files: its tables, what they refuse, the rows it ships with; before any table, whose rights they are.
FIRST_FILES = {"initial", "guards", "shipped", "database_roles"}


def test_a_migration_is_named_by_the_table_that_it_changes() -> None:
    """`0004_invoice_paid_on`: a model of the room in small letters, then the field (docs/adr/0014)."""
    nameless = []
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if migration.__module__.partition(".")[0] in PACKAGES:
            words, models_of = name[5:], {model.__name__.lower() for model in apps.get_app_config(app).get_models()}
            if words not in FIRST_FILES and words.partition("_")[0] not in models_of:
                nameless.append(f"{app} {name}")
    none(nameless)


# --- one way for each thing --------------------------------------------------------------------------------------


def _called(names: set[str], allowed: set[str]) -> list[str]:
    """Calls whose last words are among `names`, outside of the allowed files."""
    return [
        f"{named(path)}:{line} {called}"
        for path in product()
        if named(path) not in allowed
        for line, called in calls(path)
        if any(called == name or called.endswith(f".{name}") for name in names)
    ]


def test_tasks_are_woken_only_by_the_queue() -> None:
    none(_called({"delay", "apply_async", "send_task"}, {"portal/queue.py"}))


def test_now_is_read_from_the_clock_only() -> None:
    clocks = {
        "timezone.now",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "timezone.localdate",
        "time.time",
        "Now",
    }
    none(_called(clocks, {"portal/clock.py"}))


def test_xml_is_parsed_with_the_one_hardened_parser() -> None:
    made = _called({"XMLParser", "iterparse", "XMLPullParser", "ElementTree.parse", "minidom.parseString"}, set())
    assert {fault.partition(":")[0] for fault in made} == {"portal/papers/xml.py", "portal/fiscal/standards.py"}
    bare = [
        f"{named(path)}:{node.lineno}"
        for path in product()
        for node in nodes(path)
        if isinstance(node, ast.Call) and dotted(node.func) in {"etree.fromstring", "etree.parse", "etree.XML"}
        if len(node.args) + len(node.keywords) < 2  # without a parser lxml takes its own default
    ]
    none(bare)


# What is measured and no money: the sides of a page, the sharpness of a picture, the age of a session.
MEASURES = {"portal/papers/examiner/pdf.py", "portal/papers/examiner/pictures.py", "portal/people/sessions.py"}


def test_no_float_touches_money() -> None:
    none(_called({"float"}, MEASURES))


def _imports(path: Path) -> Iterator[str]:
    """Everything that a file imports, dotted (`django.views.View`)."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def test_there_are_no_signals_and_no_class_based_views() -> None:
    unwanted = (
        "django.db.models.signals",
        "django.dispatch",
        "django.views.generic",
        "django.views.View",
        "rest_framework.views",
        "rest_framework.viewsets",
        "rest_framework.generics",
    )
    allowed = {"rest_framework.views.exception_handler"}
    none(
        [
            f"{named(path)}: {one}"
            for path in product()
            for one in _imports(path)
            if one.startswith(unwanted) and one not in allowed
        ]
    )


def test_models_save_as_django_does() -> None:
    overridden = [
        f"{named(path)}: {node.name}.{one.name}"
        for path in of_kind("models")
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        for one in node.body
        if isinstance(one, ast.FunctionDef) and one.name in {"save", "delete"}
    ]
    none(overridden)


WRITES = {
    "save",
    "create",
    "delete",
    "update",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "execute",
}


def test_views_never_write() -> None:
    faults = [
        f"{named(path)}:{line} {called}"
        for path in of_kind("views")
        for line, called in calls(path)
        if called.rpartition(".")[2] in WRITES and "." in called and "session" not in called
    ]
    none(faults)


def _public_functions(*kinds: str) -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in of_kind(*kinds):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield path, node


def _writes(function: ast.FunctionDef) -> bool:
    """Whether a function of services is a use case: it runs in a transaction, or is told who or when."""
    arguments = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    return bool({"by", "at"} & arguments) or any("atomic" in ast.unparse(one) for one in function.decorator_list)


def test_use_cases_take_keywords_only() -> None:
    none(
        [
            f"{named(path)}: {function.name}({', '.join(one.arg for one in function.args.args)})"
            for path, function in _public_functions("services")
            if _writes(function) and (function.args.args or function.args.posonlyargs)
        ]
    )


def test_front_doors_say_what_they_do() -> None:
    silent = [
        f"{named(path)}: {function.name}"
        for path, function in _public_functions("rules", "services", "selectors")
        if not ast.get_docstring(function)
    ]
    none(silent)


# --- addresses ---------------------------------------------------------------------------------------------------


def _patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, prefix + str(one.pattern), one.namespace or space)
        else:
            yield prefix + str(one.pattern), space, one


# Django's own admin guards itself and is off unless ADMIN_ENABLED.
FOREIGN = {"admin"}


def test_every_view_declares_who_may_enter() -> None:
    undeclared = [
        address
        for address, space, pattern in _patterns(get_resolver())
        if space not in FOREIGN and getattr(pattern.callback, "entry", None) is None
    ]
    none(undeclared)


DOORS = {"public", "signed_in", "requires"}


def test_who_may_enter_stands_first_above_a_view() -> None:
    """Nothing runs, and nothing is read, before the door was asked."""
    late = []
    for path in product():
        for function in functions(path):
            above = [dotted(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list]
            if DOORS & {*above[1:]}:
                late.append(f"{named(path)}: {function.name} {above}")
    none(late)


def test_addresses_are_asked_by_their_names() -> None:
    """`reverse()`, never an address as text: it moves with its URL, and its parameter is quoted."""
    written = []
    for path in of_kind("services"):
        texts = [node for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        written += [f"{named(path)}:{one.lineno} {one.value}" for one in texts if re.match(r"/[a-z_]+/", one.value)]
    for path in product():
        for node in nodes(path):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                if re.match(r"/[a-z_]", begins := str(node.values[0].value)):
                    written.append(f"{named(path)}:{node.lineno} {begins}")
    none(written)


def test_every_public_view_says_why() -> None:
    silent = [
        address
        for address, _, pattern in _patterns(get_resolver())
        if (entry := getattr(pattern.callback, "entry", None)) and entry.kind == "public" and not entry.reason.strip()
    ]
    none(silent)


def test_every_address_has_an_english_name() -> None:
    none(
        [
            f"{address} ({pattern.name})"
            for address, _, pattern in _patterns(get_resolver())
            if not re.fullmatch(r"[a-z][a-z0-9_]*", pattern.name or "")
        ]
    )


# --- tables ------------------------------------------------------------------------------------------------------


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]


def _fields() -> Iterator[tuple[str, models.Field]]:
    for model in _models():
        for field in model._meta.local_fields:
            yield f"{model._meta.label}.{field.name}", field


def test_files_are_never_deleted_from_under_a_row() -> None:
    loose = [
        name
        for name, field in _fields()
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.label == "papers.StoredFile"
        and field.remote_field.on_delete is not models.PROTECT
    ]
    none(loose)


def test_money_is_numeric_16_2_and_rates_have_six_decimals() -> None:
    faults = []
    for name, field in _fields():
        if isinstance(field, models.FloatField):
            faults.append(f"{name} is a float")
        elif isinstance(field, models.DecimalField):
            size = (field.max_digits, field.decimal_places)
            wanted = (8, 6) if field.name.endswith("rate") else (16, 2)
            if size != wanted:
                faults.append(f"{name} is NUMERIC{size}, not {wanted}")
    none(faults)


def test_amounts_in_pesos_of_chile_are_whole_by_constraint() -> None:
    loose = []
    for model in _models():
        fields = {field.name: field for field in model._meta.local_fields}
        money = [
            name for name, one in fields.items() if isinstance(one, models.DecimalField) and not name.endswith("rate")
        ]
        if "currency" in fields and money and not any("whole" in rule.name for rule in model._meta.constraints):
            loose.append(f"{model._meta.label}: {', '.join(money)}")
    none(loose)


def test_no_column_reads_the_clock_by_itself_and_no_list_has_a_hidden_order() -> None:
    faults = [
        name for name, field in _fields() if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    faults += [f"{model._meta.label} orders itself" for model in _models() if model._meta.ordering]
    none(faults)


# --- states ------------------------------------------------------------------------------------------------------

# A state of the Mexican federation, which is no state of the row.
PLACES = {"billing.PhysicianProfile.state", "billing.SchemeAssignment.state"}


def _state_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in _models():
        for field in model._meta.local_fields:
            if field.name.endswith("state") and f"{model._meta.label}.{field.name}" not in PLACES:
                yield model, field


def _known(model: type[models.Model], name: str) -> list[list[str]]:
    """The values that constraints named `…_known` leave to a field."""
    rules = [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
    named_so = [one.condition for one in rules if re.search(r"_states?_known$", one.name)]
    parts = [part for condition in named_so if isinstance(condition, models.Q) for part in condition.children]
    return [part[1] for part in parts if isinstance(part, tuple) and part[0] == f"{name}__in"]


def test_each_state_field_belongs_to_one_machine_of_its_room_and_its_table_knows_no_other_value() -> None:
    faults, drawn = [], [(app, machine) for app, machine in generated.machines()]
    for model, field in _state_fields():
        label, of_room = model._meta.app_label, f"{model._meta.label}.{field.name}"
        mine = [one for app, one in drawn if app == label and one.choices == field.choices]
        if len(mine) != 1:
            faults.append(f"{of_room}: {len(mine)} machines have its choices")
            continue
        drawn.remove((label, mine[0]))
        if _known(model, field.name) != [mine[0].values]:
            faults.append(f"{of_room}: no constraint …_state_known with the values of {mine[0].name}")
        if field.has_default() and field.default != mine[0].initial:
            faults.append(f"{of_room} begins at {field.default}, not at {mine[0].initial}")
    none(faults + [f"{app}: {machine.name} is the machine of no field" for app, machine in drawn])


def _machine_names() -> set[str]:
    """What the rules call their machines: BATCH, ORDER…"""
    return {
        target.id
        for path in of_kind("rules")
        for node in tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and dotted(node.value.func) == "Machine"
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _checks(function: ast.AST, names: set[str]) -> list[tuple[int, str]]:
    """(line, first argument) of each call of a machine's `check` in a function."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call) and dotted(node.func).endswith(".check")]
    return [(one.lineno, ast.unparse(one.args[0])) for one in found if dotted(one.func).split(".")[-2] in names]


def _moves(function: ast.AST, fields: set[str]) -> Iterator[tuple[int, str]]:
    """(line, what) of each write to a state field: `row.state`, or "" where rows are written without being loaded."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in fields:
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call):
            called = dotted(node.func).rpartition(".")[2]
            told = {one.arg for one in node.keywords}
            if called in {"update", "aupdate"} and told & fields:
                yield node.lineno, ""
            elif called in {"setattr", "bulk_update", "update_or_create"} and _mentioned(node) & fields:
                yield node.lineno, ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_MOVE.search(node.value):
            yield node.lineno, ""


_SQL_MOVE = re.compile(r"\bUPDATE\b[^;]*\bSET\b[^;]*\bstate\s*=", re.I)


def _mentioned(node: ast.AST) -> set[object]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}


def test_no_state_is_written_without_asking_its_machine_first() -> None:
    names, fields = _machine_names(), {field.name for _model, field in _state_fields()}
    assert len(names) >= 11 and fields == {"state", "payment_state"}
    faults, moves = [], 0
    for path in set(product()) - {ROOT / "billing" / "services" / "profiles.py"}:  # which writes PLACES
        inner = {id(one) for two in functions(path) for one in ast.walk(two) if one is not two}
        for function in functions(path):
            if id(function) in inner:
                continue  # judged with the function around it
            asked = _checks(function, names)
            for line, what in _moves(function, fields):
                moves += 1
                if not any(at <= line and what in {"", first} for at, first in asked):
                    faults.append(f"{named(path)}:{line} {function.name} moves {what or 'a state'} and asks no machine")
    assert moves > 20
    none(sorted(faults))


# --- templates ---------------------------------------------------------------------------------------------------

INLINE = {
    "inline style": re.compile(r"""<style\b|\sstyle\s*=\s*["'{]""", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)|javascript:", re.I),
    "inline handler": re.compile(r"""<[a-z][^>]*\son[a-z]+\s*=\s*["']""", re.I),
    "address elsewhere": re.compile(r"""(?:src|<link[^>]*href)\s*=\s*["'](?:https?:)?//""", re.I),
}


def _visible(text: str) -> str:
    """A template without its comments."""
    return re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", text, flags=re.S)


@pytest.mark.parametrize("what", INLINE)
def test_templates_keep_the_content_security_policy(what: str) -> None:
    # A mail is drawn by a mail program, which knows no style sheet of ours; the mailbox shows it in a sandbox.
    apart = {"pdf", "emails"} if what == "inline style" else {"pdf"}
    screens = [path for path in templates() if path.suffix == ".html" and apart.isdisjoint(path.parts)]
    none([named(path) for path in screens if INLINE[what].search(_visible(path.read_text()))])


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    """What the formatter may not break: a tag of Django's. A long text stands in a `{% with %}` of its own above it."""
    pages = [path for path in (*templates(), *(ROOT / "tests").rglob("templates/**/*")) if path.suffix == ".html"]
    lines = [(path, number, line) for path in pages for number, line in enumerate(path.read_text().splitlines(), 1)]
    none([f"{named(path)}:{number}: {len(line)}" for path, number, line in lines if len(line) > 160])


def test_no_template_outside_components_compares_a_state() -> None:
    compares = re.compile(
        r"{%\s*(?:el)?if\b[^%]*(?:\b\w*state\s*(?:[=!]=|\bin\b|\bnot in\b)|(?:[=!]=|\bin)\s*[\w.]*state\b)"
    )
    pages = [path for path in templates() if path.parent.name != "components"]
    none([f"{named(path)}: {one}" for path in pages for one in compares.findall(_visible(path.read_text()))])


def test_components_see_only_what_they_are_given() -> None:
    include = re.compile(r"""{%\s*include\s+["']components/[^%]*%}""")
    open_includes = [
        f"{named(path)}: {one}"
        for path in templates()
        for one in include.findall(_visible(path.read_text()))
        if not re.search(r"\bonly\s*%}$", one)
    ]
    none(open_includes)


def test_components_list_their_inputs_on_top() -> None:
    pages = [path for path in templates() if path.parent.name == "components"]
    components = [path for path in pages if "{% extends" not in path.read_text()]
    none([named(path) for path in components if not re.match(r"\s*{(#|% comment)", path.read_text())])


# Mails, documents, guides and the samples of the catalogue are found by their kind: the slug must stand in the code.
BY_KIND = {"emails", "pdf", "help"}


def test_no_template_is_unused() -> None:
    texts = [path.read_text() for path in (*product(), *templates())]
    everything = "\n".join(texts)
    unused = []
    for path in templates():
        name = str(path.relative_to(ROOT / "templates"))
        by_kind = name.split("/", maxsplit=1)[0] in BY_KIND
        stem = re.escape(path.stem)
        if name in everything or (by_kind and re.search(rf"""["'/.]{stem}["'.]""", everything)):
            continue
        if not _overrides_a_library(name):
            unused.append(name)
    none(unused)


def _overrides_a_library(name: str) -> bool:
    from django.template.utils import get_app_template_dirs

    return any((Path(folder) / name).is_file() for folder in get_app_template_dirs("templates"))


# --- words -------------------------------------------------------------------------------------------------------


def _forbidden_words() -> dict[str, str]:
    """Forbidden synonym → the right word, from the last column of the glossary's tables."""
    glossary = ROOT / "docs" / "glossary.md"
    words: dict[str, str] = {}
    for line in glossary.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 5:
            right = cells[1].strip("`")
            words |= {word: right for word in re.findall(r"`([a-z_]+)`", cells[-1])}
    return words


def test_code_uses_the_words_of_the_glossary() -> None:
    forbidden = _forbidden_words()
    assert len(forbidden) > 80
    met: dict[str, list[str]] = {}
    for path in product():
        for node in nodes(path):
            name = getattr(node, "name", None) or getattr(node, "arg", None) or getattr(node, "attr", None)
            if isinstance(name, str):
                met.setdefault(name, []).append(f"{named(path)}:{getattr(node, 'lineno', 0)}")
    faults = set()
    for name, places in met.items():
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        wrong = [right for word, right in forbidden.items() if f"_{word}_" in f"_{snake}_"]
        faults |= {f"{place} {name}: say {right}" for place in places for right in wrong}
    none(sorted(faults))
