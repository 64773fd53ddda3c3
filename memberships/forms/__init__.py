"""Shapes of memberships' forms, by concept; whether something is allowed belongs to rules."""

from memberships.forms.families import (
    DAY,
    OTHERS,
    TITULAR,
    CardForm,
    FamilyForm,
    InviteForm,
    PersonForm,
    ReasonForm,
    RelativeForm,
    relative_prefix,
)
from memberships.forms.files import CertificatesFileForm, FamiliesFileForm
from memberships.forms.imss import ImssConstanciaForm, ImssForm, ImssPapersForm, ImssSourceForm
from memberships.forms.joining import AdultForm, AgreeForm, JoinerForm, PlanChoiceForm
from memberships.forms.paying import CardCountForm, CountForm, DoubtForm, LookUpForm, PayForm, SchemeForm, SlipForm
from memberships.forms.policies import (
    ChangePlanForm,
    PlanForm,
    PolicyForm,
    PolicyYearForm,
    PriceForm,
    scopes_of,
    terms_of,
)
from memberships.forms.refunds import DeclineForm, RefundForm, WantForm
from memberships.forms.schemes import ChangeSchemeForm, ExampleForm, NewSchemeForm, SchemeTermsForm
