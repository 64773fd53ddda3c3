"""What people do on the pages a program can do: each page that takes a form has its call, or a reason."""

from __future__ import annotations

from config import matrix
from tests.sources import none
from tests.test_conventions_of_posts import _posts

# A page → its call, where that is not `api_` and the page's name.
CALLED_OTHERWISE = {
    "billing:check_complement": "billing:api_complement",
    "billing:start": "billing:api_invoices",
    "claims:check": "claims:api_submit",
    "claims:new_reason": "claims:api_reasons",
    "claims:new_requirement": "claims:api_requirements",
    "claims:reason": "claims:api_reasons",
    "claims:requirement": "claims:api_requirements",
    "fiscal:add_certificate": "fiscal:api_certificates",
    "fiscal:add_key": "fiscal:api_catalogues",
    "help:message": "help:api_answer",
    "imports:apply": "billing:api_orders_run_apply",
    "imports:cancel": "billing:api_orders_run_cancel",
    "imports:headings": "billing:api_orders_run_headings",
    "imports:totals": "billing:api_orders_run_totals",
    "memberships:add_member": "memberships:api_add_person",
    "memberships:add_plan": "memberships:api_plans",
    "memberships:add_policy": "memberships:api_policies",
    "memberships:add_scheme": "memberships:api_schemes",
    "memberships:check_refund": "memberships:api_want_refund",
    "memberships:end_member": "memberships:api_end_person",
    "memberships:invite_adult": "memberships:api_invite_person",
    "memberships:join_check": "memberships:api_join_finish",
    "memberships:new": "memberships:api_affiliations",
    "notices:open": "api:read_notice",
    "notices:preferences": "api:mail",
    "desk:set_account": "desk_api:close_account",
    "proofs:ask_move": "proofs:api_moves",
    "proofs:check_paper": "proofs:api_hand_in",
    "proofs:paper": "proofs:api_decide_paper",
    "rulebook:activate": "api:activate_rule",
    "rulebook:close": "api:close_rule",
    "rulebook:new": "api:publish_rule",
    "rulebook:publish": "api:publish_rule",
    "treasury:account_review": "treasury:api_review_account",
    "treasury:apply_movements": "treasury:api_movements_run_apply",
    "treasury:bank_result": "treasury:api_import_result",
    "treasury:capture_account": "treasury:api_my_account",
    "treasury:new_batch": "treasury:api_batches",
    "treasury:read_movements": "treasury:api_movement_files",
    "work:give_back_several": "api:give_back",
    "work:take_several": "api:take",
}
# Why no program does it → the pages.
WITHOUT = {
    "who one is, shown by the person at their own screen": {
        "claims:confirm_policy",
        "claims:register",
        "people:change_password",
        "people:choose_password",
        "people:confirm",
        "people:confirm_it_is_you",
        "people:confirm_passkey",
        "people:confirm_secondary",
        "people:forget_device",
        "people:passkey_add",
        "people:passkey_options",
        "people:recover",
        "people:recovery_codes",
        "people:remove_factor",
        "people:remove_secondary_email",
        "people:second_step",
        "people:second_step_passkey",
        "people:secondary_email",
        "people:sign_in",
        "people:sign_in_passkey",
        "people:sign_out",
        "people:sign_up",
        "people:totp",
        "people:end_other_sessions",
        "memberships:join",
        "memberships:link",
    },
    "what a person allows others, or agrees to, is said by the person, never by a credential of theirs": {
        "claims:ask_assent",
        "claims:assent",
        "claims:end_assent",
        "people:add_organisation",
        "people:consents",
        "people:details",
        "people:end_assistant",
        "people:end_credential",
        "people:end_own_token",
        "people:give_credential",
        "people:give_own_token",
        "people:take_way",
        "people:team",
        "people:withdraw_consent",
        "claims:consent",
        "claims:consent_answer",
        "calendars:end_feed",
        "calendars:open_feed",
    },
    "a value behind a mask is opened by a person, one by one": {"listing:open"},
    "of the screen alone: how it looks, what it shows first, whose page is open": {
        "design:appearance",
        "design:csp_report",
        "people:change_organisation",
        "work:looking",
        "workspace",
    },
    "a file of a form half filled in: a call sends its file with the act": {
        "billing:put_kept_complement_back",
        "billing:remove_kept_complement",
        "proofs:keep_file",
        "proofs:put_file_back",
        "proofs:remove_file",
    },
    "the bar of seconds in which a person undoes what they just did": {"desk:undo"},
    "mended beside the health page by who runs this installation": {"desk:retry_parked"},
    "public, without an account": {
        "memberships:gateway_events",
        "memberships:pay",
        "memberships:pay_months",
        "papers:check",
        "papers:checks",
    },
    "the demo's": {"demo:clock", "demo:enter", "demo:retry_clock", "demo:start_over"},
}


def _as_called(page: str, calls: set[str]) -> str | None:
    """The call of a page, by the table or by its name: its app's own, the floor's, or the desk's."""
    app, _colon, name = page.rpartition(":")
    names = [CALLED_OTHERWISE.get(page, ""), f"{app}:api_{name}", f"api:{name}", f"desk_api:{name}"]
    return next((one for one in names if one in calls), None)


def test_every_form_of_a_page_has_its_call_or_a_reason() -> None:
    told = {name: getattr(view, "calls", None) or {} for name, _path, view in matrix.routes()}
    calls = {name for name, methods in told.items() if {*methods} - {"GET"}}
    pages = {name for name, _view in _posts()}
    excused = [name for names in WITHOUT.values() for name in names]
    bare = {page for page in pages if _as_called(page, calls) is None}
    assert len(pages) > 100 and len(excused) == len(set(excused))
    none([f"{page}: no call, no reason" for page in sorted(bare - {*excused})])
    none([f"{page}: excused without need" for page in sorted({*excused} - bare)])
    none([f"{page}: {call} is no call" for page, call in CALLED_OTHERWISE.items() if call not in calls])
