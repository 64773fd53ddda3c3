"""Spanish paths, English names. allauth's views are not mounted: ours use its rows (`services.factors`)."""

from django.urls import path

from portal.people.views import access, account, factors, team, tokens

app_name = "people"
urlpatterns = [
    path("entrar/", access.sign_in, name="sign_in"),
    path("entrar/segundo-paso/", access.second_step, name="second_step"),
    path("entrar/segundo-paso/llave/", access.second_step_passkey, name="second_step_passkey"),
    path("entrar/llave/", access.sign_in_passkey, name="sign_in_passkey"),
    path("entrar/llave/opciones/", access.passkey_options, name="passkey_options"),
    path("entrar/elegir-contrasena/", access.choose_password, name="choose_password"),
    path("salir/", access.sign_out, name="sign_out"),
    path("registro/", access.sign_up, name="sign_up"),
    path("confirmar/<str:token>/", access.confirm, name="confirm"),
    path("recuperar/", access.recover, name="recover"),
    path("privacidad/", access.privacy, name="privacy"),
    path("privacidad/<slug:kind>/<int:version>/", access.consent_text, name="consent_text"),
    path("consentimientos/", account.consents, name="consents"),
    path("consentimientos/<int:consent_id>/retirar/", account.withdraw_consent, name="withdraw_consent"),
    path("cuenta/", account.account, name="account"),
    path("cuenta/datos/", account.details, name="details"),
    path("cuenta/contrasena/", account.change_password, name="change_password"),
    path("cuenta/segundo-correo/", account.secondary_email, name="secondary_email"),
    path("cuenta/segundo-correo/quitar/", account.remove_secondary_email, name="remove_secondary_email"),
    path("confirmar-correo/<str:token>/", access.confirm_secondary, name="confirm_secondary"),
    path("cuenta/dispositivos/", account.devices, name="devices"),
    path("cuenta/dispositivos/cerrar-otras/", account.end_other_sessions, name="end_other_sessions"),
    path("cuenta/dispositivos/<int:device_id>/olvidar/", account.forget_device, name="forget_device"),
    path("cuenta/seguridad/", factors.security, name="security"),
    path("cuenta/seguridad/confirmar/", factors.confirm_it_is_you, name="confirm_it_is_you"),
    path("cuenta/seguridad/confirmar/llave/", factors.confirm_passkey, name="confirm_passkey"),
    path("cuenta/seguridad/codigos/", factors.totp, name="totp"),
    path("cuenta/seguridad/llaves/agregar/", factors.passkey_add, name="passkey_add"),
    path("cuenta/seguridad/rescate/", factors.recovery_codes, name="recovery_codes"),
    path("cuenta/seguridad/<int:factor_id>/quitar/", factors.remove_factor, name="remove_factor"),
    path("cuenta/credenciales/", tokens.own_tokens, name="own_tokens"),
    path("cuenta/credenciales/nueva/", tokens.give_own_token, name="give_own_token"),
    path("cuenta/credenciales/<uuid:token_id>/terminar/", tokens.end_own_token, name="end_own_token"),
    path("mesa/credenciales/", tokens.credentials, name="credentials"),
    path("mesa/credenciales/nueva/", tokens.give_credential, name="give_credential"),
    path("mesa/credenciales/<uuid:token_id>/terminar/", tokens.end_credential, name="end_credential"),
    path("mesa/organizaciones/nueva/", tokens.add_organisation, name="add_organisation"),
    path("mesa/organizaciones/<uuid:party_id>/", tokens.change_organisation, name="change_organisation"),
    path("cuenta/equipo/", team.team, name="team"),
    path("cuenta/equipo/<int:grant_id>/terminar/", team.end_assistant, name="end_assistant"),
]
