"""What gives a folio or goes to a reviewer is looked at once more by its owner, with «Cambiar», before (ux 4)."""

from __future__ import annotations

from pathlib import Path

from portal.folios.rules import PREFIXES
from portal.work import registry
from tests.sources import ROOT, calls, functions, named, of_kind

# The service that sends → from which views alone it is called, and the page that these show before.
SENDINGS: dict[str, dict[str, str]] = {
    "submit_invoice": {"billing/views/invoices.py:submit": "billing/draft.html"},
    "send_bundle": {"billing/views/bundles.py:bundle_review": "billing/bundle_review.html"},
    "hand_in_complement": {"billing/views/payments.py:check_complement": "billing/check_complement.html"},
    "submit_claim": {"claims/views/filing.py:check": "claims/check.html"},
    "complete_request": {"claims/views/requests.py:complete": "claims/pending_check.html"},
    "finish_joining": {"memberships/views/joining.py:join_check": "memberships/join_check.html"},
    "want_refund": {"memberships/views/wishing.py:check_refund": "memberships/check_refund.html"},
    "hand_in_paper": {"portal/proofs/views/physician.py:check_paper": "proofs/check_paper.html"},
    "submit_account": {"portal/treasury/views/accounts.py:submit_account": "treasury/my_account.html"},
}
DESK = "the desk's own work, begun by nobody else"
SLIP = "a message or a slip: nothing to look at twice"
TIME = "what a day makes late"
BANK = "what a bank or a gateway sends"
# Every queue of the house → the sendings that fill it, or why none of an owner's does.
QUEUES: dict[str, tuple[str, ...] | str] = {
    "billing.invoices": ("submit_invoice", "send_bundle"),
    "billing.complements": ("hand_in_complement",),
    "billing.overdue": TIME,
    "claims.claims": ("submit_claim", "complete_request"),
    "claims.second_looks": DESK,
    "claims.withdrawals": DESK,
    "claims.advice": ("submit_claim",),
    "claims.requests": DESK,
    "claims.overdue": TIME,
    "memberships.doubts": BANK,
    "memberships.refunds_wanted": ("want_refund",),
    "memberships.refunds_to_approve": DESK,
    "proofs.papers": ("hand_in_paper",),
    "proofs.moves": DESK,
    "help.contacts": SLIP,
    "treasury.accounts": ("submit_account",),
    "treasury.payables": DESK,
    "treasury.due": TIME,
    "treasury.to_send": DESK,
    "treasury.to_approve": DESK,
    "treasury.deposits": BANK,
    "people.grants": DESK,
}
# Every kind of folio, the same.
FOLIOS: dict[str, tuple[str, ...] | str] = {
    "FA": ("submit_invoice", "send_bundle"),
    "OC": DESK,
    "RB": ("submit_claim",),
    "PR": ("submit_claim",),
    "ME": ("finish_joining",),
    "FP": SLIP,
    "DV": ("want_refund",),
    "QS": SLIP,
    "LP": DESK,
    "DO": DESK,
}


def test_every_queue_and_every_kind_of_folio_says_which_sending_fills_it() -> None:
    assert {one.name for one in registry.queues() if one.app != "planted"} == set(QUEUES)
    assert set(PREFIXES) - {"VI"} == set(FOLIOS)
    filled = {name for said in (*QUEUES.values(), *FOLIOS.values()) if isinstance(said, tuple) for name in said}
    assert filled == set(SENDINGS)


def test_what_is_sent_goes_from_the_page_that_shows_it_once_more() -> None:
    found: dict[str, set[str]] = {name: set() for name in SENDINGS}
    for path in of_kind("views"):
        for view in functions(path):
            for line, called in calls(path):
                name = called.rpartition(".")[2]
                if name in SENDINGS and "services." in called and view.lineno <= line <= (view.end_lineno or 0):
                    found[name].add(f"{named(path)}:{view.name}")
    assert found == {name: set(views) for name, views in SENDINGS.items()}
    for views in SENDINGS.values():
        for view, page in views.items():
            assert_shows(view, page)


def assert_shows(view: str, page: str) -> None:
    """The page has the answers, and its form comes back to the view that sends: its own, or one it names."""
    path, _, name = view.partition(":")
    template = (ROOT / "templates" / page).read_text()
    assert "components/check-answers.html" in template, page
    app = next(part for part in Path(path).parts if part not in {"portal"})
    is_own = f'"{page}"' in (ROOT / path).read_text() and 'method="post"' in template
    assert f'{{% url "{app}:{name}"' in template or is_own, f"{page} does not lead to {view}"
