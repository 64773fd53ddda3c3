"""Generated documents are made from the code and say when they are stale."""

import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config.desk import generated
from portal.rulebook.rules import SHIPPED


def _everything() -> str:
    return "\n".join(generated.documents().values())


def test_every_machine_is_drawn():
    text = _everything()
    assert sorted(re.findall(r"^### (\w+: \w+)$", text, re.MULTILINE)) == [
        "billing: ComplementState",
        "billing: OrderState",
        "billing: PaymentState",
        "billing: ReviewState",
        "claims: ClaimState",
        "claims: PaymentState",
        "help: State",
        "imports: RunState",
        "memberships: CardState",
        "memberships: CertificateState",
        "memberships: ChargeState",
        "memberships: MembershipState",
        "memberships: RefundState",
        "memberships: SlipState",
        "once: KeyState",
        "papers: FileVerdict",
        "papers: Wanted",
        "people: ProposalState",
        "proofs: MoveState",
        "proofs: PaperState",
        "treasury: AccountState",
        "treasury: BatchState",
        "treasury: MovementState",
        "treasury: PayableState",
        "treasury: TransferState",
    ]
    diagrams = text.count("stateDiagram-v2")
    undoable = text.count("    [*] --> open\n    open --> undone: its author, in time")
    assert (undoable, diagrams) == (2, 27), (
        "billing's and treasury's decisions take effect later: one diagram more each"
    )
    assert text.count("[*] -->") == 30, (
        "a movement begins as a deposit or as money that went out, a file with its verdict or without"
    )
    assert "decided by `InvoiceDecision`" in text or "decided by `ComplementDecision`, `InvoiceDecision`" in text
    assert "open --> answered" in text
    assert "| `open` | Por responder | Por responder | warn | us |  | `contact.answer_days` |" in text


def test_every_shipped_rule_stands_with_its_source():
    text = _everything()
    assert all(f"| {row.code} |" in text and row.source in text for row in SHIPPED.values())


def test_the_check_fails_on_a_stale_document_and_writing_mends_it(settings, tmp_path):
    settings.ROOT = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="docs/apps/billing.md"):
        call_command("make_docs", "--check")
    call_command("make_docs")
    call_command("make_docs", "--check")
    gone = (tmp_path / "docs" / "apps" / "gone").with_suffix(".md")
    gone.write_text("# gone")
    with pytest.raises(CommandError, match=r"Atrasados: docs/apps/gone"):
        call_command("make_docs", "--check")
    call_command("make_docs")
    assert not gone.exists()
