"""Workspaces (ux D15): where each page stands, what a menu shows whatever the roles, and where each person begins."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.urls import reverse

from config import matrix, navigation
from portal import clock
from portal.access import OF_THE_DESK, ROLES, WORKSPACE_LABELS, WORKSPACES, Permission, Role, Workspace, permissions_of
from portal.design.tables import IN_SIGHT, menu_html
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.people import selectors, services
from portal.people.models import Consent, Grant, User
from tests.factories import people
from tests.pages import once

GROUP = 7  # entries of a named group below «Más»

# Pages of everybody who signed in, whatever their work: they show the workspace that was chosen last. A prefix of the
# names of pages, or a page; what is public is not listed.
COMMON = (
    "start",
    "workspace",
    "desk:undo",
    "design:",
    "help:",
    "listing:",
    "notices:",
    "papers:",
    "people:",
    "calendars:",
    "resume:",
    "rulebook:source",
    "work:",
    "api:",
    "demo:",
    "memberships:cancel_slip",  # on the public page of a slip
)


def test_every_role_works_in_one_workspace_and_every_workspace_is_somebodys() -> None:
    whose = [role for place in Workspace for role in WORKSPACES[place]]
    assert sorted(whose) == sorted(set(whose)) and set(whose) == set(Role) - {Role.INSURER_API}
    assert set(WORKSPACE_LABELS) == set(WORKSPACES) == set(Workspace)


def test_whoever_owns_an_account_or_a_team_finds_it_in_their_menu_whatever_the_role() -> None:
    """Issue 9, section 2: `/cuenta/bancaria/` and `/cuenta/equipo/` belong to no role."""
    own = {Permission.MANAGE_OWN_ACCOUNT: "/cuenta/bancaria/", Permission.MANAGE_OWN_TEAM: "/cuenta/equipo/"}
    for permission, address in own.items():
        holders = [(place, role) for place in Workspace for role in WORKSPACES[place] if permission in ROLES[role]]
        assert holders
        for place, role in holders:
            menu = navigation.menu_of(place, permissions_of(frozenset({role})))
            assert address in [reverse(entry.name) for entry in menu], (role, address)


def test_every_page_stands_in_a_workspace_or_is_common_or_public() -> None:
    lost = [
        name
        for name, path, view in matrix.routes()
        if not path.startswith(("api/", "admin/"))
        and (entry := matrix.entry_of(view)) is not None
        and entry.kind != "public"
        and not navigation.standing(f"/{path.partition('<')[0]}")
        and not name.startswith(COMMON)
    ]
    assert lost == []


def test_every_entry_stands_in_a_workspace_and_a_group_and_every_workspace_of_pages_has_its_home() -> None:
    entries = navigation.entries()
    assert [one.label for one in entries if not one.workspaces or not one.group] == []
    used = {place for one in entries for place in one.workspaces}
    assert set(navigation.homes()) <= used and set(OF_THE_DESK) <= set(navigation.homes())
    for place, name in navigation.homes().items():
        assert place in navigation.standing(reverse(name))


def _menus() -> list[tuple[str, list[navigation.Entry]]]:
    """Every menu that some person could see: of each role, of each two, of all of them."""
    unions = [*itertools.combinations(Role, 1), *itertools.combinations(Role, 2), tuple(Role)]
    return [
        (f"{place}: {', '.join(roles)}", navigation.menu_of(place, permissions_of(frozenset(roles))))
        for roles in unions
        for place in Workspace
    ]


def test_whatever_the_roles_five_entries_are_in_sight_and_the_rest_in_groups_of_seven_without_two_of_one_name() -> None:
    wrong = []
    for whose, shown in _menus():
        groups: dict[str, int] = {}
        for entry in shown[IN_SIGHT:]:
            groups[entry.group] = groups.get(entry.group, 0) + 1
        if len({one.label for one in shown}) != len(shown) or max(groups.values(), default=0) > GROUP:
            wrong.append(f"{whose}: {[one.label for one in shown]}")
    assert wrong == []


def test_a_menu_is_drawn_with_its_groups_by_name() -> None:
    rows = [{"label": f"<{n}>", "href": f"/{n}/", "group": "Uno" if n < 7 else "Dos"} for n in range(8)]
    drawn = menu_html(rows)
    assert drawn["sight"].count("<li>") == IN_SIGHT and "&lt;0&gt;" in drawn["sight"]
    assert drawn["rest"].index("Uno</p>") < drawn["rest"].index("/6/") < drawn["rest"].index("Dos</p>")
    assert menu_html([]) == {"sight": "", "rest": ""}


def test_who_has_one_workspace_begins_there_and_who_has_several_with_everything(db: None) -> None:
    begins = {
        people.physician(): "/medico/",
        people.reviewer(): "/mesa/",
        people.preparer(): "/mesa/",
        people.auditor(): "/mesa/",
        people.user_with_role(Role.MEMBER): "/inicio/",
        people.a_person(): "/inicio/",
    }
    for user, address in begins.items():
        answer = people.signed_in(user).get("/")
        assert (answer.status_code, answer.headers["Location"]) == (302, address), user.roles
    both = _both()
    assert both.get("/").headers["Location"] == "/inicio/"
    assert both.get("/inicio/").status_code == 200


def _both() -> Any:
    """A reviewer who is a physician too."""
    user = people.reviewer()
    Grant.objects.create(user=user, party=people.a_party(), role=Role.PHYSICIAN, since=people.LONG_AGO)
    for text in selectors.missing_consents(user):
        Consent.objects.create(user=user, text=text, purposes=["necessary"], proof="session", at=clock.now())
    user.__dict__.pop("live_grants", None)
    return people.signed_in(user)


def test_the_page_says_its_workspace_and_a_common_page_the_one_chosen_last(db: None) -> None:
    client = _both()

    def shown(path: str) -> tuple[str, list[str]]:
        context = client.get(path).context
        return context["workspace"], [entry["label"] for entry in context["menu"]][:2]

    assert shown("/medico/") == ("Médico", ["Inicio", "Órdenes"]) and shown("/mesa/")[0] == "Mesa"
    assert shown("/avisos/")[0] == "Médico", "nobody chose yet: the first of the table"
    chosen = client.post(reverse("workspace"), {"workspace": "desk", **once()})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, "/mesa/")
    assert shown("/avisos/")[0] == "Mesa" and shown("/medico/")[0] == "Médico"
    page = client.get("/avisos/").content.decode()
    assert page.count('name="workspace" value="physician"') == 2, "once for the wide page, once in the phone's menu"
    assert 'name="workspace"' not in people.signed_in(people.reviewer()).get("/avisos/").content.decode()


def test_a_workspace_is_chosen_once_and_only_among_ones_own(db: None) -> None:
    user = people.reviewer()
    client = people.signed_in(user)
    key = once()
    for _ in range(2):
        assert client.post(reverse("workspace"), {"workspace": "desk", **key}).status_code == 302
    services.choose_workspace(workspace=Workspace.DESK, by=User.objects.get(pk=user.pk), at=clock.now())
    assert AuditEvent.objects.filter(action="people.workspace_chosen").count() == 1
    for other in ("treasury", "kitchen", ""):
        refused = client.post(reverse("workspace"), {"workspace": other, **once()})
        assert refused.status_code == 422 and "Elige uno de los que ves arriba" in refused.content.decode()
    with pytest.raises(RuleBroken, match="no es tuyo"):
        services.choose_workspace(workspace=Workspace.PHYSICIAN, by=user, at=clock.now())
    user.refresh_from_db()
    assert user.last_workspace == "desk" and ROLES[Role.REVIEWER]


def test_a_page_that_stands_in_several_shows_the_one_chosen_last() -> None:
    own = [Workspace.DESK, Workspace.TREASURY]
    assert navigation.standing("/mesa/") == OF_THE_DESK
    assert navigation.standing("/mesa/facturas/FA-2026-000001/") == (Workspace.DESK,)
    assert navigation.standing("/avisos/") == ()
    assert navigation.workspace_at("/mesa/", own, last="treasury") == Workspace.TREASURY
    assert navigation.workspace_at("/mesa/facturas/", own, last="treasury") == Workspace.DESK
    assert navigation.workspace_at("/mesa/", own, last="gone") == Workspace.DESK
    assert navigation.workspace_at("/medico/", own, last="treasury") == Workspace.TREASURY, (
        "not theirs: as a common one"
    )
    assert navigation.workspace_at("/avisos/", [], last="") is None
