"""People, the organisations they act for, how they prove who they are, and what opens the door for them."""

from portal.people.models.keys import ApiToken, KnownDevice, OneTimeSecret, Registration, RememberedName
from portal.people.models.people import (
    Consent,
    ConsentText,
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
