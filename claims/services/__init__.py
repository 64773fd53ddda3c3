"""Every write of claims: drafts, files, sending, deciding, and what treasury tells of their money."""

from claims.services.consents import accept_texts, load_shipped_texts
from claims.services.deciding import (
    BENEFITS,
    KIND,
    begin_review,
    confirm_decision,
    decide_claim,
    open_claim,
    send_decision_back,
)
from claims.services.drafts import NO_LONGER, change_claim, discard_claim, require_filing, start_claim
from claims.services.papers import Refused, add_file, add_files, correct_invoice, put_file_back, remove_file
from claims.services.payments import note_paid, note_returned, note_scheduled, note_waits
from claims.services.sending import RECEIPT, submit_claim, withdraw_claim
from claims.services.settling import Preview, preview_decision, told_of
