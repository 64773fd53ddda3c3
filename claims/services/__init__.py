"""Every write of claims: drafts, files, sending, deciding, and what treasury tells of their money."""

from claims.services.assents import ask_assent, drop_assent, end_assent, give_assent
from claims.services.automatic import judge_sent_claim
from claims.services.catalogues import load_shipped_catalogues, publish_reason, publish_requirement
from claims.services.comparing import compare_accumulators
from claims.services.consents import accept_texts, load_shipped_texts, publish_text
from claims.services.deciding import (
    BENEFITS,
    KIND,
    LETTER,
    REFUSAL,
    begin_review,
    confirm_decision,
    decide_claim,
    open_claim,
    send_decision_back,
)
from claims.services.draft_days import pass_draft
from claims.services.drafts import change_claim, discard_claim, give_rfc, start_claim
from claims.services.formats import load_shipped_formats, make_format, publish_format, set_network
from claims.services.further import change_reasons, start_appeal, start_complement
from claims.services.messages import write_from_desk, write_message
from claims.services.papers import (
    Refused,
    add_file,
    add_files,
    correct_invoice,
    hear_examined,
    put_file_back,
    remove_file,
)
from claims.services.payments import note_paid, note_returned, note_scheduled, note_waits
from claims.services.registering import Asked, ask_registration, confirm_by_token, confirm_registration
from claims.services.requests import (
    ASKED,
    allow_request,
    answer_item,
    ask_documents,
    complete_request,
    decline_request,
    drop_requests,
    note_answer,
    put_answer_back,
    remove_answer,
    resume_review,
)
from claims.services.running import remind_claim, resume_clock, start_clock, stop_clock
from claims.services.scheduled import (
    answer_adviser,
    decide_event,
    describe_draft,
    keep_event,
    keep_hospital,
    plan_event,
    record_bill,
    schedule_draft,
    schedule_event,
)
from claims.services.sending import RECEIPT, submit_claim, withdraw_claim
from claims.services.settling import Preview, preview_decision, told_of
from claims.services.withdrawing import answer_withdrawal, ask_withdrawal
