"""People, the organisations they act for, how they prove who they are, and what opens the door for them."""

from portal.people.models.consents import Consent, ConsentText
from portal.people.models.keys import ApiToken, KnownDevice, OneTimeSecret, Registration, RememberedName
from portal.people.models.people import (
    Grant,
    GrantProposal,
    GrantQuerySet,
    Party,
    RfcCode,
    RfcProof,
    SecondaryEmail,
    SignInIdentifier,
    User,
    UserManager,
)
