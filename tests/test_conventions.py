"""The house rules that a machine can read. Each test names the whole list of what breaks it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.sources import PACKAGES, ROOT, calls, dotted, functions, named, nodes, none, of_kind, planted, product, tree

# --- sizes and names --------------------------------------------------------------------------------------------------


def _runner() -> list[Path]:
    return sorted((ROOT / "bin").rglob("*.py"))


def test_no_file_is_longer_than_500_lines() -> None:
    files = [*product(), *_runner(), *sorted((ROOT / "tests").rglob("*.py"))]
    none([f"{named(path)}: {n}" for path in files if (n := len(path.read_text().splitlines())) > 500])


def test_no_function_is_longer_than_40_lines() -> None:
    long = []
    for path in [*product(), *_runner(), *sorted((ROOT / "tests").rglob("*.py"))]:
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


# --- one way for each thing -------------------------------------------------------------------------------------------


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


_RECORDS = {"record", "record_access", "record_many"}


def _as_actor(function: ast.FunctionDef) -> Iterator[str]:
    """What is wrong with how a use case says who acts."""
    keywords = dict(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))
    for one, default in keywords.items():
        if one.arg == "by" and (ast.unparse(one.annotation or ast.Tuple([])) not in {"User", "User | None"} or default):
            yield "by is no User, no User | None, or may be left out"
    others = {one.arg for one in (*function.args.args, *keywords)} - {"by"}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _RECORDS:
            told = {one.arg: one.value for one in node.keywords}.get("by")
            if isinstance(told, ast.Name) and told.id in others and not told.id.endswith("_by"):
                yield f"{told.id} acts, and is not called by"


def test_who_acts_is_called_by_and_is_said_by_every_caller() -> None:
    """`by: User` where a rule needs a person, `by: User | None` where the system may act (None). Two who confirm each
    other are `…_by` both.
    """
    acts = _public_functions("services")
    none([f"{named(path)}: {function.name}: {fault}" for path, function in acts for fault in _as_actor(function)])


# In a service a lone verb is a riddle: check what, tell whom?
_VERBS = set(
    "accept add answer apply ask begin bring build cancel change check claim clean close copy count cut decide delete"
    " deliver do drop end enter examine fill find finish free get give hear insert join judge keep leave load lock make"
    " mark match move note open pay place post prepare put read record refuse reject release remove render replace"
    " reset return rewrite run save seal search send set settle show sign split start stop store submit sum take tell"
    " test touch turn undo use wait walk warn write".split()
)


def test_private_functions_of_services_name_their_object() -> None:
    at_top = [(path, node) for path in of_kind("services") for node in tree(path).body]
    private = [(path, node.name) for path, node in at_top if isinstance(node, ast.FunctionDef)]
    none([f"{named(path)}: {name}" for path, name in private if name[0] == "_" and name[1:] in _VERBS])


# What an app declares -> the module where it is looked for.
HOMES = {
    "Listing": {"listings"},
    "Queue": {"queues"},
    "Findable": {"finding"},
    "Machine": {"rules", "states"},
    "ImportSpec": {"imports"},
    "Panel": {"panels"},
    "PayableKind": {"payables"},
}


def test_what_an_app_declares_stands_where_it_is_looked_for() -> None:
    none(
        [
            f"{named(path)}:{line} {called}"
            for path in product()
            for line, called in calls(path)
            if (home := HOMES.get(called)) and (not home & {path.stem, path.parent.name} or "selectors" in path.parts)
        ]
    )


KINDS = set("api views models services selectors listings rules forms queues panels tasks imports".split())


def test_many_modules_of_one_kind_are_a_package_of_its_name() -> None:
    """`api/family.py`, never `api_family.py` or `family_api.py` beside `api.py`."""
    split = [(path, set(path.stem.split("_")) & KINDS) for path in product() if "_" in path.stem.strip("_")]
    none([f"{named(path)}: {kind}/" for path, kinds in split for kind in kinds])


def test_labels_stand_beside_what_they_name() -> None:
    """A table from the members of an enumeration to Spanish words: in its module, its room's rules, or `labels.py`."""
    lost = []
    for path in product():
        own = {node.name for node in tree(path).body if isinstance(node, ast.ClassDef)}
        for node in tree(path).body:
            table = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if not isinstance(table, ast.Dict) or {"rules", "labels"} & {path.stem, path.parent.name}:
                continue
            keys = {dotted(key).split(".")[-2] for key in table.keys if isinstance(key, ast.Attribute)}
            words = [one.value for one in table.values if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if keys and not keys <= own and len(words) == len(table.values) and any(" " in one for one in words):
                lost.append(f"{named(path)}:{node.lineno} labels of {', '.join(sorted(keys - own))}")
    none(lost)


# The house's word in an address -> what nobody says instead, in a list, on a page or in a call.
PARAMETERS = {
    "estado": {"state", "status", "situacion", "estatus"},
    "desde": {"from", "since", "de", "fecha_desde", "inicio", "date_from"},
    "hasta": {"to", "until", "a", "fecha_hasta", "fin", "date_to"},
    "buscar": {"q", "search", "busqueda", "texto", "consulta", "filtro", "destino"},
    "orden": {"order", "sort", "ordenar", "order_by"},
    "formato": {"format", "tipo_archivo"},
}


def _parameters(node: ast.AST) -> list[str]:
    """Names of an address's parameters that this node asks for: a filter of a list, or a view that reads one."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
        made = dotted(node.value.func)
        return [node.targets[0].id] if made.startswith("django_filters.") or made.endswith("_day") else []
    if isinstance(node, ast.Call) and dotted(node.func).endswith("request.GET.get"):
        return [one.value for one in node.args[:1] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return []


def test_one_word_for_one_thing_in_the_parameters_of_an_address() -> None:
    said = {wrong: right for right, all_of in PARAMETERS.items() for wrong in all_of}
    asked = [(path, node, name) for path in product() for node in nodes(path) for name in _parameters(node)]
    none([f"{named(path)}:{node.lineno} {name}: say {said[name]}" for path, node, name in asked if name in said])


def test_front_doors_say_what_they_do() -> None:
    """The first sentence is found by whoever looks for the thing: it says more than the name already does."""
    silent = []
    for path, function in _public_functions("rules", "services", "selectors"):
        first = re.split(r"[.;:]\s", (ast.get_docstring(function) or "").replace("\n", " "))[0]
        if set(re.findall(r"[a-z]+", first.lower())) <= {*function.name.split("_"), "the", "a", "an", "of"}:
            silent.append(f"{named(path)}: {function.name}")
    none(silent)


# --- addresses --------------------------------------------------------------------------------------------------------


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


# --- words ------------------------------------------------------------------------------------------------------------


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


def test_the_dialect_is_at_most_fifteen_lines() -> None:
    told = (ROOT / "docs" / "shape.md").read_text().partition("## The dialect\n")[2].partition("\n\n")[0]
    assert 10 <= len(told.splitlines()) <= 15


# --- each of these bites -----------------------------------------------------------------------------------------

BREACHES: list[tuple[Callable[[], None], str, str]] = [
    (
        test_who_may_enter_stands_first_above_a_view,
        "views.py",
        "@once_only('x')\n@requires(P.X)\ndef page(request): ...",
    ),
    (test_who_acts_is_called_by_and_is_said_by_every_caller, "services.py", "def pay(*, by: Any, at): ..."),
    (test_who_acts_is_called_by_and_is_said_by_every_caller, "services.py", "def pay(*, by: User | None = None): ..."),
    (
        test_who_acts_is_called_by_and_is_said_by_every_caller,
        "services.py",
        "def pay(*, user: User, at):\n    record(action='x.paid', subject=x, by=user, at=at)",
    ),
    (test_use_cases_take_keywords_only, "services.py", "def pay(invoice, *, by: User): ..."),
    (test_addresses_are_asked_by_their_names, "views.py", "redirect(f'/mesa/pagos/{folio}/')"),
    (test_what_an_app_declares_stands_where_it_is_looked_for, "views.py", "X = Listing('x', 'X', ())"),
    (test_what_an_app_declares_stands_where_it_is_looked_for, "selectors/queues.py", "X = Queue('x', 'X', None)"),
    (test_many_modules_of_one_kind_are_a_package_of_its_name, "api_desk.py", ""),
    (test_many_modules_of_one_kind_are_a_package_of_its_name, "desk_forms.py", ""),
    (test_many_modules_of_one_kind_are_a_package_of_its_name, "forms_further.py", ""),
    (test_labels_stand_beside_what_they_name, "views.py", "X = {State.PAID: 'Ya se pagó'}"),
    (
        test_one_word_for_one_thing_in_the_parameters_of_an_address,
        "listings.py",
        "class Filters:\n    q = django_filters.CharFilter()",
    ),
    (test_one_word_for_one_thing_in_the_parameters_of_an_address, "views.py", "request.GET.get('status', '')"),
    (
        test_nothing_is_excused_from_the_formatter_and_no_front_door_lists_its_names_twice,
        "rules.py",
        "x = 1  # fmt: " + "skip",
    ),
    (test_nothing_is_excused_from_the_formatter_and_no_front_door_lists_its_names_twice, "__init__.py", "__all__ = []"),
    (test_private_functions_of_services_name_their_object, "services.py", "def _tell(user): ..."),
    (test_front_doors_say_what_they_do, "services.py", "def pay_invoice(*, by: User):\n    'Pay the invoice.'"),
    (test_code_uses_the_words_of_the_glossary, "models.py", "class InsuranceCompany: ..."),
    (test_no_file_has_a_name_that_says_nothing, "utils.py", ""),
    (test_no_file_is_longer_than_500_lines, "views.py", "\n" * 501),
    (test_no_function_is_longer_than_40_lines, "views.py", "def page(request):\n" + "    x = 1\n" * 41),
    (test_tasks_are_woken_only_by_the_queue, "views.py", "send.delay()"),
    (test_now_is_read_from_the_clock_only, "services.py", "timezone.now()"),
    (test_no_float_touches_money, "rules.py", "float('1.10')"),
    (test_there_are_no_signals_and_no_class_based_views, "views.py", "from django.views import View"),
    (test_models_save_as_django_does, "models.py", "class X:\n    def save(self): ..."),
    (test_views_never_write, "views.py", "row.save()"),
]


@pytest.mark.parametrize(("convention", "name", "content"), BREACHES)
def test_a_planted_breach_is_found(convention: Callable[[], None], name: str, content: str, tmp_path: Path) -> None:
    with planted(tmp_path / "good", "rules.py", "x = 1\n"):
        convention()
    with planted(tmp_path / "bad", name, content), pytest.raises(AssertionError):
        convention()
