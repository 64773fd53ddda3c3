"""What every machine of the house says of its states, and what it answers to a step (AC-09)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from config.desk.generated import machines
from portal.errors import Conflict, RuleBroken
from portal.rulebook.rules import SHIPPED
from portal.states import BALL_LABELS, TONES, Ball, Machine, Stand

MACHINES = [pytest.param(machine, id=f"{app}-{machine.name}") for app, machine in machines()]


def reached(machine: Machine[Any]) -> set[str]:
    """States that some way of steps leads to from where a row begins."""
    found, fresh = set[str](), set[str](machine.beginnings)
    while fresh:
        found |= fresh
        fresh = {one for state in fresh for one in machine.at(state).to} - found
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_each_state_is_reached_and_said_to_owner_and_desk_and_somebody_moves_until_it_ends(machine) -> None:
    assert reached(machine) == set(machine.states) == set(machine.table)
    assert machine.values == [str(state) for state in machine.states] == [value for value, _ in machine.choices]
    shipped = set(SHIPPED)
    for state, stand in machine.table.items():
        assert all(isinstance(one, machine.states) and one != state for one in stand.to), state
        assert machine.label(state.value) == machine.labels[state] == stand.label != ""
        assert machine.desk_label(state.value) == machine.desk_labels[state] != ""
        assert machine.tone(state.value) == machine.tones[state] in TONES
        assert stand.to or stand.ball is Ball.NOBODY, f"{state} is over: nobody has to move"
        assert stand.next or stand.ball is not Ball.YOU, f"{state}: who has to move is told what to do"
        assert not stand.next or stand.ball in {Ball.YOU, Ball.US}, f"{state}: nobody of this portal has to move"
        assert not stand.due or stand.due in shipped, state
    assert len(set(machine.labels.values())) == len(set(machine.desk_labels.values())) == len(machine.table)


@pytest.mark.parametrize("machine", MACHINES)
def test_ac_09_only_the_drawn_steps_are_allowed_and_a_refusal_says_what_to_do(machine) -> None:
    for old in machine.states:
        for new in machine.states:
            if new in machine.at(old).to:
                assert machine.allows(old, new) and machine.check(old.value, new) is None
                continue
            with pytest.raises(RuleBroken) as refused:
                machine.check(old.value, new)
            told = refused.value
            if machine.moved:
                assert (told.status, told.code, told.message) == (409, machine.code, machine.moved)
            else:
                assert (told.status, told.code) == (422, "wrong_state")
                assert f"«{machine.label(old)}»" in told.message and f"«{machine.label(new)}»" in told.message


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"


class Lamp(StrEnum):
    ON = "on"


DOOR = Machine(
    Door, {Door.OPEN: Stand(label="Abierta", tone="ok", to=(Door.SHUT,)), Door.SHUT: Stand(label="Cerrada", tone="ok")}
)


def test_an_act_may_refuse_in_its_own_sentence() -> None:
    with pytest.raises(Conflict, match="Ya cerramos") as refused:
        DOOR.check("shut", Door.OPEN, "Ya cerramos.")
    assert refused.value.code == "state_moved_on"


@pytest.mark.parametrize(("old", "new", "bug"), [("open", Lamp.ON, TypeError), ("on", Door.SHUT, ValueError)])
def test_a_step_between_two_machines_is_a_bug(old, new, bug) -> None:
    with pytest.raises(bug):
        DOOR.check(old, new)


@pytest.mark.parametrize("states", [[Door.OPEN], [Door.SHUT, Door.OPEN]])
def test_a_machine_tells_each_state_in_order_or_is_none(states) -> None:
    with pytest.raises(ValueError, match="each of the states of Door"):
        Machine(Door, {state: Stand(label="Abierta", tone="ok") for state in states})


def test_the_diagram_begins_at_the_first_state_and_ends_where_no_step_leads_on() -> None:
    assert DOOR.diagram() == [
        "    open: Abierta",
        "    shut: Cerrada",
        "    [*] --> open",
        "    open --> shut",
        "    shut --> [*]",
    ]
    assert set(BALL_LABELS) == set(Ball)
