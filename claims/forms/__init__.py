"""Shapes of claims' forms, by concept; whether something is allowed belongs to rules."""

from claims.forms.assents import AssentForm
from claims.forms.catalogues import FormatForm, NetworkForm, NewFormatForm, ReasonForm, RequirementForm, TextForm
from claims.forms.deciding import ConditionForm, DecisionForm, LookForm, OpenForm, TableForm, reason_choices
from claims.forms.filing import EVENT, PAID, PENDING, ConsentsForm, InvoiceOfForm, PaperForm, RfcForm, SendForm, WhoForm
from claims.forms.further import AppealForm, WithdrawalAnswerForm, WithdrawalForm
from claims.forms.registering import BirthForm, RegisterForm
from claims.forms.requests import NOT_ASKED, AskForm, DeclineForm, DeskMessageForm, MessageForm, NoteForm
from claims.forms.scheduled import (
    BILL_IDS,
    MOST_BILLED,
    AdviceForm,
    BillForm,
    EventDecisionForm,
    EventForm,
    HospitalForm,
)
