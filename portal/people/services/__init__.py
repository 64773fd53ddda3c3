"""Every write about people: the only way in for views, commands and other rooms."""

from portal.people.services.consents import (
    accept_consent,
    load_shipped_texts,
    publish_consent_text,
    withdraw_consent,
)
from portal.people.services.factors import (
    add_passkey,
    enable_totp,
    new_recovery_codes,
    remove_factor,
    use_code,
    use_passkey,
)
from portal.people.services.grants import (
    bootstrap_administrators,
    decide_grant,
    disable_person,
    enable_person,
    end_grant,
    enter_person,
    grant_role,
    propose_grant,
    renew_access,
)
from portal.people.services.handover import check_owner, hand_over
from portal.people.services.organisations import add_organisation, change_organisation
from portal.people.services.passwords import ask_secret, change_password, choose_password
from portal.people.services.profile import (
    add_secondary_email,
    confirm_secondary_email,
    end_sessions,
    forget_device,
    remember_device,
    remove_secondary_email,
    set_own_details,
)
from portal.people.services.proof import keep_rfc_codes, prove_rfc, use_rfc_code
from portal.people.services.remembering import forget_name, remember_name
from portal.people.services.sign_in import Proof, check_credentials, record_refusal, record_sign_in, record_sign_out
from portal.people.services.sign_up import check_rfc, confirm_email, register_physician
from portal.people.services.team import end_assistant, invite_assistant
from portal.people.services.tokens import end_token, give_credential, issue_token, touch_token

__all__ = [
    "Proof",
    "accept_consent",
    "add_organisation",
    "add_passkey",
    "add_secondary_email",
    "ask_secret",
    "bootstrap_administrators",
    "change_organisation",
    "change_password",
    "check_credentials",
    "check_owner",
    "check_rfc",
    "choose_password",
    "confirm_email",
    "confirm_secondary_email",
    "decide_grant",
    "disable_person",
    "enable_person",
    "enable_totp",
    "end_assistant",
    "end_grant",
    "end_sessions",
    "end_token",
    "enter_person",
    "forget_device",
    "forget_name",
    "give_credential",
    "grant_role",
    "hand_over",
    "invite_assistant",
    "issue_token",
    "keep_rfc_codes",
    "load_shipped_texts",
    "new_recovery_codes",
    "propose_grant",
    "prove_rfc",
    "publish_consent_text",
    "record_refusal",
    "record_sign_in",
    "record_sign_out",
    "register_physician",
    "remember_device",
    "remember_name",
    "remove_factor",
    "remove_secondary_email",
    "renew_access",
    "set_own_details",
    "touch_token",
    "use_code",
    "use_passkey",
    "use_rfc_code",
    "withdraw_consent",
]
