"""What must hold of the money at any moment (MO-03), asked from the rows themselves: nightly, and by the tests.

Each question selects what is wrong, so that an empty answer is a whole book. One statement a question, no N+1.
"""

from __future__ import annotations

from django.db import connection

QUESTIONS: dict[str, str] = {
    "entry_balances": """
        SELECT l.transaction_id::text FROM treasury_ledgerline l
        GROUP BY l.transaction_id, l.currency HAVING sum(l.amount) <> 0""",
    "entry_has_two_lines": """
        SELECT t.id::text FROM treasury_ledgertransaction t
        WHERE (SELECT count(*) FROM treasury_ledgerline l WHERE l.transaction_id = t.id) < 2""",
    "paid_transfer_has_one_payment": """
        SELECT t.id::text FROM treasury_transfer t LEFT JOIN treasury_ledgertransaction e
            ON e.kind = 'payment' AND e.subject_type = 'treasury.transfer' AND e.subject_id = t.id::text
        GROUP BY t.id, t.state
        HAVING count(e.id) <> CASE WHEN t.state IN ('paid', 'returned') THEN 1 ELSE 0 END""",
    "returned_transfer_is_reversed_once": """
        SELECT t.id::text FROM treasury_transfer t
        LEFT JOIN treasury_ledgertransaction e
            ON e.kind = 'payment' AND e.subject_type = 'treasury.transfer' AND e.subject_id = t.id::text
        LEFT JOIN treasury_ledgertransaction r ON r.reverses_id = e.id
        GROUP BY t.id, t.state HAVING count(r.id) <> CASE WHEN t.state = 'returned' THEN 1 ELSE 0 END""",
    "payment_pays_its_transfer": """
        SELECT t.id::text FROM treasury_transfer t
        JOIN treasury_ledgertransaction e
            ON e.kind = 'payment' AND e.subject_type = 'treasury.transfer' AND e.subject_id = t.id::text
        JOIN treasury_ledgerline l ON l.transaction_id = e.id
        JOIN treasury_ledgeraccount a ON a.id = l.account_id AND a.code = 'bank'
        GROUP BY t.id, t.amount HAVING sum(l.amount) <> -t.amount""",
    "paid_payable_is_in_one_paid_transfer": """
        SELECT p.id::text FROM treasury_payable p
        LEFT JOIN treasury_transferitem i ON i.payable_id = p.id AND i.live
        LEFT JOIN treasury_transfer t ON t.id = i.transfer_id AND t.state = 'paid'
        GROUP BY p.id, p.state HAVING count(t.id) <> CASE WHEN p.state = 'paid' THEN 1 ELSE 0 END""",
    "cancelled_payable_is_reversed": """
        SELECT p.id::text FROM treasury_payable p
        LEFT JOIN treasury_ledgertransaction e ON e.subject_type = p.subject_type AND e.subject_id = p.subject_id
        LEFT JOIN treasury_ledgertransaction r ON r.reverses_id = e.id
        WHERE p.state = 'cancelled' GROUP BY p.id HAVING count(r.id) = 0""",
    "transfer_is_the_sum_of_its_payables": """
        SELECT t.id::text FROM treasury_transfer t
        JOIN treasury_transferitem i ON i.transfer_id = t.id
        JOIN treasury_payable p ON p.id = i.payable_id
        GROUP BY t.id, t.amount HAVING sum(i.amount) <> t.amount OR bool_or(i.amount <> p.amount)""",
    "batch_is_the_sum_of_its_transfers": """
        SELECT b.id::text FROM treasury_paymentbatch b
        LEFT JOIN treasury_transfer t ON t.batch_id = b.id AND t.state <> 'withdrawn'
        WHERE b.state <> 'cancelled'
        GROUP BY b.id, b.total, b.count HAVING coalesce(sum(t.amount), 0) <> b.total OR count(t.id) <> b.count""",
    "deposit_is_received_once": """
        SELECT m.id::text FROM treasury_movement m
        LEFT JOIN treasury_ledgertransaction e ON e.kind = 'deposit_received'
            AND e.subject_type = 'treasury.movement' AND e.subject_id = m.id::text
        GROUP BY m.id, m.amount HAVING count(e.id) <> CASE WHEN m.amount > 0 THEN 1 ELSE 0 END""",
    "decided_deposit_has_one_live_allocation": """
        SELECT m.id::text FROM treasury_movement m
        LEFT JOIN treasury_allocation a ON a.movement_id = m.id AND a.undone_at IS NULL
        GROUP BY m.id, m.state
        HAVING count(a.id) <> CASE WHEN m.state IN ('matched', 'discarded') THEN 1 ELSE 0 END""",
    "allocation_is_posted_and_reversed_once": """
        SELECT a.id::text FROM treasury_allocation a
        LEFT JOIN treasury_ledgertransaction e ON e.subject_type = 'treasury.allocation' AND e.subject_id = a.id::text
        LEFT JOIN treasury_ledgertransaction r ON r.reverses_id = e.id
        GROUP BY a.id, a.undone_at
        HAVING count(e.id) <> 1 OR count(r.id) <> CASE WHEN a.undone_at IS NULL THEN 0 ELSE 1 END""",
    "unmatched_is_what_waits": """
        SELECT currency FROM (
            SELECT l.currency, -l.amount AS amount FROM treasury_ledgerline l
                JOIN treasury_ledgeraccount c ON c.id = l.account_id AND c.code = 'unmatched_deposits'
            UNION ALL SELECT m.currency, -m.amount FROM treasury_movement m WHERE m.state = 'waiting') both_of
        GROUP BY currency HAVING sum(amount) <> 0""",
    "matched_deposit_is_the_sum_of_its_shares": """
        SELECT a.id::text FROM treasury_allocation a JOIN treasury_movement m ON m.id = a.movement_id
        LEFT JOIN treasury_allocationshare s ON s.allocation_id = a.id
        WHERE a.act = 'matched' GROUP BY a.id, m.amount HAVING coalesce(sum(s.amount), 0) <> m.amount""",
}
SHOWN = 20


def faults() -> list[str]:
    """`question: id` of everything that is wrong, up to twenty a question; empty when the books are whole."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for name, question in QUESTIONS.items():
            cursor.execute(f"{question} LIMIT {SHOWN}")
            found += [f"{name}: {row[0]}" for row in cursor.fetchall()]
    return found
