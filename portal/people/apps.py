from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Tells the floor who is fresh, what waits for a second administrator, and notices where mail goes."""

    name = "portal.people"
    label = "people"

    def ready(self) -> None:
        from django.core import checks

        from portal import access
        from portal.notices.registry import register_mails
        from portal.notices.services import register_addresses, register_holders
        from portal.people import queues, registry, rules, selectors, sessions
        from portal.work.registry import register_queue

        access.register_freshness(sessions.is_fresh, sessions.confirm_url)
        access.register_refusals(sessions.note_refusal)
        registry.register_consent("portal-privacy", "Aviso de privacidad del portal")
        registry.register_scope(rules.ACTING_SCOPE, "Actuar sobre pagos (15 minutos)", own=True)
        read, write = "Leer avisos, mensajes, documentos, reglas y calendarios", "Escribir mensajes y cuidar reglas"
        registry.register_scope("portal:read", f"{read}, y buscar", own=True)
        registry.register_scope("portal:write", f"{write} y calendarios, si te toca", own=True)
        checks.register(registry.check_sign_ups)
        register_addresses(selectors.addresses_of)
        register_holders(selectors.people_with)
        register_queue(queues.GRANTS)
        register_mails("sign_up_confirm", "sign_up_known", "sign_up_rfc_taken", "recover", "sign_in_alert")
        register_mails("password_changed", "security_changed", "secondary_confirm")
        register_mails("invited", "invited_in_vain", "grant_proposed", "rfc_proved")
