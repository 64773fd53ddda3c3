"""House rules of tables, their migrations and their machines. Each test names the whole list of what breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from config.desk import generated
from tests.sources import PACKAGES, ROOT, dotted, functions, named, none, of_kind, product, tree


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


def test_until_the_first_release_a_room_has_its_first_files_alone_and_what_it_refuses_stands_in_one() -> None:
    """docs/adr/0014: tables in `initial` (two where foreign keys go round), refusals in `guards`, rows in `shipped`."""
    faults, kept = [], {"initial": {"initial", "database_roles"}, "guards": {"guards"}, "shipped": {"shipped"}}
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if migration.__module__.partition(".")[0] not in PACKAGES:
            continue
        words = name[5:]
        if words not in FIRST_FILES:
            faults.append(f"{app} {name} is folded into 0001_initial, guards or shipped")
        for one in migration.operations:
            place = "guards" if isinstance(one, RunSQL) else "shipped" if isinstance(one, RunPython) else "initial"
            if words != "database_roles" and words not in kept[place]:
                faults.append(f"{app} {name}: {one.describe()} belongs to {place}")
    none(faults)


# --- states -----------------------------------------------------------------------------------------------------------

# A state of the Mexican federation, which is no state of the row.
PLACES = {"claims.Hospital.state", "billing.PhysicianProfile.state", "billing.SchemeAssignment.state"}


def _state_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in _models():
        for field in model._meta.local_fields:
            if f"{model._meta.label}.{field.name}" in PLACES:
                continue
            if field.name.endswith("state") or (field.name == "verdict" and field.choices):
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
        rooms = {label, *(base.__module__.split(".")[-2] for base in model.__mro__ if issubclass(base, models.Model))}
        mine = [(app, one) for app, one in drawn if app in rooms and one.choices == field.choices]
        if len(mine) != 1:
            faults.append(f"{of_room}: {len(mine)} machines have its choices")
            continue
        drawn.remove(mine[0])
        machine = mine[0][1]
        if _known(model, field.name) != [machine.values]:
            faults.append(f"{of_room}: no constraint …_state_known with the values of {machine.name}")
        if field.has_default() and field.default != machine.initial:
            faults.append(f"{of_room} begins at {field.default}, not at {machine.initial}")
    none(faults + [f"{app}: {machine.name} is the machine of no field" for app, machine in drawn])


# What is chosen once and tells what a thing is, or how it was decided; none of these words is a thing's standing.
TELLS_WHAT_IT_IS = set(
    "act algorithm catalogue clinic currency decision document enforcement kind kinship means outcome purpose reason"
    " regime required rfc_proof scope second_look sex source source_kind stage subtype use what".split()
)


def test_what_is_chosen_and_is_no_machine_s_is_no_state() -> None:
    """Notices, tokens, credentials and certificates have no state: when they ended, who read them, are instants."""
    of_machines = [one.choices for _app, one in generated.machines()]
    loose = [(name, field) for name, field in _fields() if field.choices and field.choices not in of_machines]
    assert len(loose) > 40
    none([name for name, field in loose if field.name not in TELLS_WHAT_IT_IS and name not in PLACES])


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


_SQL_MOVE = re.compile(r"\bUPDATE\b[^;]*\bSET\b[^;]*\b\w*state\s*=", re.I)


def _mentioned(node: ast.AST) -> set[object]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}


def test_no_state_is_written_without_asking_its_machine_first() -> None:
    """What the examiner found is a file's state in its own room alone: an invoice only repeats it."""
    names, everywhere = _machine_names(), {field.name for _model, field in _state_fields()}
    assert len(names) >= 11 and everywhere == {"state", "payment_state", "certificate_state", "verdict"}
    faults, moves = [], 0
    for path in set(product()) - {ROOT / "billing" / "services" / "profiles.py"}:  # which writes PLACES
        fields = everywhere if "papers" in path.parts else everywhere - {"verdict"}
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
