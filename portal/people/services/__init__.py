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
from portal.people.services.one_time import kept_if
from portal.people.services.organisations import add_organisation, change_organisation
from portal.people.services.passwords import ask_secret, change_password, choose_password, enter_by_mail
from portal.people.services.profile import (
    add_secondary_email,
    choose_workspace,
    confirm_secondary_email,
    end_sessions,
    forget_device,
    remember_device,
    remove_secondary_email,
    set_own_details,
)
from portal.people.services.proof import keep_rfc_codes, prove_rfc, use_rfc_code
from portal.people.services.remembering import forget_name, remember_name
from portal.people.services.sign_in import (
    Proof,
    check_credentials,
    confirm_password,
    prove_password,
    record_refusal,
    record_sign_out,
    sign_in,
)
from portal.people.services.sign_up import begin_role, check_rfc, confirm_email, register_person, take_way
from portal.people.services.team import end_assistant, invite_assistant
from portal.people.services.throttles import limit_mail
from portal.people.services.tokens import end_token, give_credential, give_own_token, issue_token, touch_token
from portal.people.services.way_in import WayIn, send_way_in, way_in
