"""House rules of what a room's files may touch: the clock, Django. Each test names the whole list of what breaks it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sources import PACKAGES, ROOT, calls, dotted, functions, named, nodes, none, of_kind, planted, product, tree

CLOCK = {"clock.now", "clock.today"}
# Where an act or a reading comes from outside: a browser, a program, beat, a shell, Django's own frame.
EDGES = {"views", "api", "tasks", "commands", "middleware"}
# Asked by a list, a file, the search or the gate of files with the person alone, each time anew.
ASKED_WITH_A_PERSON = {"listings", "finding", "visibility"}
# Other places that nobody hands a day, and why.
ASKED_WITHOUT_A_DAY = {
    "claims/forms/deciding.py": "Django asks a field's choices with nothing in hand",
    "claims/models/claims.py": "`visible_to`, of lists",
    "memberships/models/memberships.py": "`visible_to`, of lists",
    "memberships/models/people.py": "`visible_to`, of lists",
    "portal/people/models/people.py": "`request.user` is asked its roles by whatever a request runs through",
    "config/demo/claim_files.py": "sample files, of the day on which somebody asks for one",
    "config/demo/services.py": "the demo's clock, once it was moved, dates its own record",
    "config/demo/world.py": "the demo's world is told from now",
    "config/health.py": "a page for machines",
    "config/home.py": "a view by another name: the first page",
    "config/navigation.py": "Django's context processor of every page",
    "portal/design/saving.py": "what an autosaved field answers: the answer's own moment",
    "portal/design/templatetags/cauce.py": "Django's template tag of the frame",
    "portal/listing/answering.py": "the one answer of every list's view",
    "portal/listing/selection.py": "a list's page begins with its newest rows, asked with the person alone",
    "portal/notices/mailbox.py": "Django's backend of mails, of the demo",
    "portal/people/sessions.py": "a browser's session",
}


def test_what_reads_or_writes_is_told_when_it_is() -> None:
    """`clock.now()` and `clock.today()` are read once, at the edge, and handed down as `at` or `on`."""
    edges = {*of_kind(*EDGES, *ASKED_WITH_A_PERSON)}
    inner = [path for path in product() if path not in edges and "demo/scenes/" not in str(path)]
    read = [(path, line, called) for path in inner for line, called in calls(path) if called in CLOCK]
    none([f"{named(path)}:{line} {called}" for path, line, called in read if named(path) not in ASKED_WITHOUT_A_DAY])


def test_who_is_handed_no_day_exists_and_asks_for_it() -> None:
    asking = {named(path) for path in product() if CLOCK & {called for _line, called in calls(path)}}
    none(sorted(ASKED_WITHOUT_A_DAY.keys() - asking))


# What a vertical's module may be called: each name means one thing, in every app (docs/shape.md).
SHAPE = set(
    "api apps audit_words checks finding forms guides imports listings menu migrations models notices panels payables"
    " questions queues rules selectors services shipped sign_up tasks urls views visibility".split()
)
# A word of its own where an app has what no other has: the card gateway's way in, the texts that a family agrees to.
OF_ONE_APP = {"memberships": {"gateway"}, "claims": {"texts"}}


def test_the_verticals_have_one_shape() -> None:
    verticals = {name for name in PACKAGES if (ROOT / name / "payables.py").exists()}
    assert verticals >= {"billing", "claims", "memberships"}
    found = {app: {one.stem for one in (ROOT / app).iterdir() if not one.name.startswith("__")} for app in verticals}
    none([f"{app}/{name}" for app in found for name in found[app] - SHAPE - OF_ONE_APP.get(app, set())])


def _module(path: Path) -> str:
    """A file as it is imported; a package by its folder."""
    return named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_what_is_pure_by_name_or_by_its_first_words_is_under_the_contract_of_rules() -> None:
    """`rules`, and every module whose docstring says that it is pure."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = [re.escape(name).replace(r"\*", r"\w+") for one in contracts for name in one.get("source_modules", ())]
    pure = [path for path in product() if path.stem == "rules" or path.parent.name == "rules" or _says_pure(path)]
    none([named(path) for path in pure if not re.fullmatch(rf"(?:{'|'.join(held)})(?:\.\w+)*", _module(path))])


def _says_pure(path: Path) -> bool:
    first = (ast.get_docstring(tree(path)) or "").partition("\n\n")[0]
    return bool(re.search(r"\bPure\b|: pure\b", first))


def test_nobody_imports_what_another_module_keeps_to_itself() -> None:
    """A name that begins with an underscore is its module's own."""
    none(
        [
            f"{named(path)}:{node.lineno} {node.module}.{one.name}"
            for path in product()
            for node in nodes(path)
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES
            for one in node.names
            if one.name.startswith("_")
        ]
    )


def test_an_order_by_time_ends_in_something_unique() -> None:
    """Two rows of one day come in either order, and differently each time: `order_by("-created_at", "-pk")`."""
    loose = []
    for path in product():
        for node in nodes(path):
            if isinstance(node, ast.Call) and dotted(node.func).endswith(".order_by") and node.args:
                last = node.args[-1]
                if isinstance(last, ast.Constant) and re.search(r"_(at|on)$", str(last.value)):
                    loose.append(f"{named(path)}:{node.lineno} {last.value}")
    none(loose)


def test_views_weigh_no_state() -> None:
    """What a state allows is the model's property or the selector's word; a view passes it on."""

    def weighed(node: ast.expr) -> bool:
        words = dotted(node).split(".") if isinstance(node, ast.Name | ast.Attribute) else []
        return len(words) > 1 and (words[-1].endswith("state") or words[-2].endswith("State") or words[-1] == "OPEN")

    found = [(path, one) for path in of_kind("views") for one in nodes(path) if isinstance(one, ast.Compare)]
    none([f"{named(path)}:{one.lineno}" for path, one in found if any(map(weighed, [one.left, *one.comparators]))])


# Of one person of a folio, whose own page has the papers that the notice is about.
LEADS_ELSEWHERE = {"memberships/services/telling.py: tell_papers"}
_TELLS = {"notify", "write_to", "Telling"}


def _told_of_folios() -> Iterator[tuple[str, str]]:
    """Who tells something about a folio, and where that notice leads, as it is written."""
    for path in product():
        for function in functions(path):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _TELLS:
                    said = {one.arg: one.value for one in node.keywords}
                    context = said.get("context")
                    keys = context.keys if isinstance(context, ast.Dict) else []
                    if any(isinstance(key, ast.Constant) and key.value == "folio" for key in keys):
                        yield f"{named(path)}: {function.name}", ast.unparse(said["url"])


def test_a_notice_about_a_folio_leads_to_its_one_address() -> None:
    """`/f/<folio>/` brings each person to the page they may see; what a notice is about stands in its `context`."""
    faults = {where for where, url in _told_of_folios() if "folio_address(" not in url}
    none(sorted(faults - LEADS_ELSEWHERE))


@pytest.mark.parametrize(
    ("convention", "name", "content"),
    [
        (test_what_reads_or_writes_is_told_when_it_is, "selectors.py", "late = due_on < clock.today()"),
        (test_what_reads_or_writes_is_told_when_it_is, "services/pay.py", "notify(at=clock.now())"),
        (
            test_what_is_pure_by_name_or_by_its_first_words_is_under_the_contract_of_rules,
            "treasury/statement.py",
            '"""How a bank writes. Pure."""',
        ),
        (test_what_is_pure_by_name_or_by_its_first_words_is_under_the_contract_of_rules, "api/floor/rules.py", ""),
        (test_nobody_imports_what_another_module_keeps_to_itself, "views.py", "from billing.views.desk import _order"),
        (test_views_weigh_no_state, "views.py", "x = row.state == 'paid'"),
        (test_views_weigh_no_state, "views.py", "x = state is rules.BatchState.PAID"),
        (
            test_a_notice_about_a_folio_leads_to_its_one_address,
            "services.py",
            "def tell(x):\n    notify(context={'folio': x.folio}, url=reverse('app:x'))",
        ),
        (test_an_order_by_time_ends_in_something_unique, "selectors.py", "rows.order_by('party', '-created_at')"),
    ],
)
def test_a_planted_breach_is_found(convention: Callable[[], None], name: str, content: str, tmp_path: Path) -> None:
    with planted(tmp_path / "good", "views.py", "at = clock.now()\n"):
        convention()
    with planted(tmp_path / "bad", name, content), pytest.raises(AssertionError):
        convention()
