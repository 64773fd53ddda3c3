"""Every link that a sample person can press leads to a page in Spanish (`walk.py`: no browser).

On the way: reading writes nothing (AC-10b), what a list shows opens (AC-06), every answer has its headers (OP-07) and
asks nothing of other hosts (PR-07), and nobody sees a stranger's rows.
"""

from __future__ import annotations

import pytest

from tests.browser.walk import Walked

pytestmark = pytest.mark.slow

# Pages that no link shows, and what leads there. Addresses that only take a form are found by asking.
ELSEWHERE = {
    "alive": "for machines",
    "ready": "for machines",
    "start": "more than one workspace",
    "people:choose_password": "a one-time secret",
    "people:confirm": "a mail",
    "people:confirm_secondary": "a mail",
    "people:confirm_it_is_you": "an act that asks for freshness",
    "people:second_step": "a password of its own",
    "moved_my_account": "an address of before",
    "moved_capture_account": "an address of before",
    "moved_team": "an address of before",
    "demo:bank_file": "a file sent to the bank",
    "demo:mail": "a mail sent",
    "demo:mail_html": "a mail sent",
    "papers:check": "the QR of a paper",
    "papers:page": "a picture",
    "papers:picture": "a paper of ours as a picture, for cards",
    "help:sent": "a message sent",
    "billing:bundle_review": "files that found their orders",
    "billing:bundle_sent": "a bundle sent",
    "billing:submitted": "an invoice sent",
    "claims:appeal": "a decision within its term, one of many",
    "claims:done": "a claim sent",
    "claims:assent": "somebody who files for another adult",
    "claims:confirm_policy": "a mail",
    "claims:register": "the choice of a way in, which leads on",
    "claims:register_sent": "a registration sent",
    "people:owned_text": "an insurer with its own notice",
    "claims:papers": "a draft whose first step was answered",
    "claims:payment": "a draft whose first step was answered",
    "claims:check": "a draft whose first step was answered",
    "treasury:account_sent": "an account sent",
    "listing:folio": "a folio that somebody writes",
    "calendars:feed_file": "an address with a secret",
    "papers:exports": "a long list that was asked for",
    "imports:run": "a file that was read",
    "memberships:slip_pdf": "a paper that the drain makes",
    "memberships:pay_months": "a family that was looked up",
    "memberships:card_doubt": "a word of the gateway that is in doubt",
    "memberships:refund": "a refund that was asked or wanted",
    "memberships:want_refund": "a family's credit",
    "memberships:check_refund": "a family's credit",
    "memberships:ask_refund": "a family's credit",
    "memberships:link": "a mail",
    "treasury:withdraw_transfer": "a batch that waits for who reads it",
    "memberships:join_you": "a joining that was begun",
    "memberships:join_family": "a joining that was begun",
    "memberships:join_check": "a joining that was begun",
    "imports:errors": "a file with errors",
    "billing:regime": "a proved RFC whose regime is untold",
    "fiscal:withdraw_key": "a key that was added",
    "people:end_credential": "a system's credential",
    "people:end_own_token": "a credential of one's own",
    "billing:check_complement": "a complement that only a person can decide",
    "billing:complement_sent": "a complement sent",
    "proofs:check_paper": "a paper that was chosen",
    "proofs:paper_sent": "a paper sent",
    "proofs:move": "a handover that was asked",
    "proofs:paper": "a paper that was handed in",
}


def test_every_link_of_every_sample_person_leads_to_a_spanish_page(walked: Walked) -> None:
    faults, pages, by_hand = walked.faults, walked.pages, set(walked.by_hand)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(sorted(set(faults)))
    assert min(pages.values()) >= 8, pages
    assert sum(pages.values()) >= 200, pages
    assert len(walked.kinds) >= 105, sorted(walked.kinds)
    alone = by_hand - set(walked.reached) - set(ELSEWHERE)
    assert not alone, f"pages that no link leads to: {sorted(alone)}"
    assert not set(ELSEWHERE) - by_hand, "addresses that are gone, or only take a form"
