"""What a second click does: every form is taken once by its key, or its act says itself that twice is as once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config import matrix
from tests.sources import none

# Why a second POST of the same is as one -> the views of which that is so.
TWICE_IS_AS_ONCE = {
    "writes nothing": {"papers:check", "papers:checks", "people:passkey_options", "rulebook:new"},
    "a page's own report or sign of life": {"design:csp_report", "work:looking"},
    "says how something should be; it is so already": {
        "billing:regime",
        "calendars:import_year",
        "calendars:set_hours",
        "demo:enter",
        "demo:start_over",
        "design:appearance",
        "desk:retry_parked",
        "notices:open",
        "notices:preferences",
        "notices:read_all",
        "people:change_organisation",
        "people:consents",
        "people:details",
        "people:end_other_sessions",
        "people:sign_out",
    },
    "what was ended, withdrawn or removed is refused or not found the second time": {
        "calendars:end_feed",
        "calendars:remove_closing",
        "calendars:remove_holiday",
        "desk:end_grant",
        "fiscal:withdraw_certificate",
        "fiscal:withdraw_key",
        "people:end_assistant",
        "people:end_credential",
        "people:end_own_token",
        "people:forget_device",
        "people:remove_factor",
        "people:remove_secondary_email",
        "people:withdraw_consent",
        "rulebook:close",
    },
    "a constraint or its state refuses a second one": {
        "calendars:add_holiday",
        "desk:decide_grant",
        "desk:propose_grant",
        "fiscal:add_certificate",
        "fiscal:add_key",
        "help:message",
        "people:add_organisation",
        "people:team",
        "people:totp",
    },
    "answers with a secret that no kept answer may repeat; a second takes the first one's place or is refused": {
        "calendars:open_feed",
        "people:give_credential",
        "people:give_own_token",
        "people:passkey_add",
        "people:recovery_codes",
    },
    "a proof of who one is: each try is counted and judged by itself": {
        "claims:confirm_policy",
        "people:choose_password",
        "people:change_password",
        "people:confirm_it_is_you",
        "people:confirm_passkey",
        "people:second_step",
        "people:second_step_passkey",
        "people:sign_in",
        "people:sign_in_passkey",
        "proofs:use_code",
    },
    "a mail with a link or a secret that takes the place of the one before, so many an hour": {
        "claims:register",
        "people:recover",
        "people:secondary_email",
        "people:sign_up",
    },
    "the gateway's word: each event is taken once by the id that it signed": {"memberships:gateway_events"},
    "a link that is used up": {"people:confirm", "people:confirm_secondary"},
    "each is a reading of its own, and recorded as one": {"listing:open", "treasury:download_bank_file"},
}


def _methods(view: Any) -> list[str] | None:
    """What `require_http_methods` lets through above a view, which it keeps in its closure; None: everything."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            found: list[str] = view.__closure__[code.co_freevars.index("request_method_list")].cell_contents
            return found
        view = getattr(view, "__wrapped__", None)
    return None


def _posts() -> Iterator[tuple[str, Any]]:
    """(name, view) of everything that takes a form. Calls of the API carry their key by the frame of `portal/api`."""
    for name, _path, view in matrix.routes():
        methods = _methods(view)
        if not name.startswith("admin:") and not getattr(view, "calls", None) and (not methods or "POST" in methods):
            yield name, view


def test_every_form_is_taken_once_or_says_why_twice_is_as_once_MO_04() -> None:
    excused = [name for names in TWICE_IS_AS_ONCE.values() for name in names]
    keyed = {name for name, view in _posts() if hasattr(view, "once")}
    bare = {name for name, view in _posts()} - keyed
    assert len(keyed) > 40 and len(excused) == len(set(excused))
    none([f"{name}: neither @once_only nor a reason" for name in sorted(bare - {*excused})])
    none([f"{name}: excused without need" for name in sorted({*excused} - bare)])
