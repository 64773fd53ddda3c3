"""Every write of billing, one function per use case; the front door for other rooms."""

from billing.services.bundles import add_to_bundle, close_bundle, put_stray_back, remove_stray, send_bundle
from billing.services.cancelling import cancel_invoice
from billing.services.complement_files import put_complement_back, withdraw_complement
from billing.services.complements import (
    apply_complement_decision,
    cancel_complement,
    decide_complement,
    hand_in_complement,
    remind_complement,
    take_in_complement,
    undo_complement_decision,
)
from billing.services.draft_files import put_file_back, remove_file
from billing.services.intake import (
    DRAFT,
    KIND,
    apply_orders,
    judge_orders,
    keep_orders_file,
    read_orders_file,
    receive_orders,
    withdraw_order,
)
from billing.services.invoices import (
    FileRefused,
    attach_files,
    discard_draft,
    follow_scheme,
    issue_invoice_sheet,
    start_invoice,
    submit_invoice,
)
from billing.services.moving import end_what_was_begun
from billing.services.payments import note_payment, note_rejection, note_return, note_scheduled
from billing.services.profiles import set_regime
from billing.services.review import (
    accept_invoice,
    accept_unopened,
    apply_invoice_decision,
    reject_invoice,
    return_invoice,
    undo_invoice_decision,
)
