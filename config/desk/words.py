"""The record in words: what each act and each thing is called on the audit page. Codes stay what is stored."""

from __future__ import annotations

from billing.rules import EVENT_LABELS as BILLING_ACTS
from portal.access import ROLE_LABELS

ACTS: dict[str, str] = BILLING_ACTS | {
    "calendars.closing_added": "Cierre de oficina agregado",
    "calendars.closing_removed": "Cierre de oficina quitado",
    "calendars.holiday_added": "Día inhábil agregado",
    "calendars.holiday_removed": "Día inhábil quitado",
    "calendars.holidays_imported": "Días inhábiles importados",
    "calendars.hours_set": "Horario cambiado",
    "demo.clock_moved": "Reloj de la demostración adelantado",
    "desk.parked_retried": "Tarea apartada, intentada de nuevo",
    "fiscal.catalogue_key_added": "Clave del SAT agregada",
    "fiscal.catalogue_key_withdrawn": "Clave del SAT retirada",
    "fiscal.certificate_withdrawn": "Certificado retirado",
    "fiscal.certificates_trusted": "Certificados agregados",
    "fiscal.receipt_claimed": "Folio fiscal en uso",
    "fiscal.receipt_released": "Folio fiscal liberado",
    "help.message_answered": "Mensaje contestado",
    "help.message_left": "Mensaje recibido",
    "papers.document_issued": "Documento emitido",
    "papers.document_rendered": "Documento listo en PDF",
    "papers.document_voided": "Documento anulado",
    "papers.file_examined": "Archivo examinado",
    "papers.file_made": "Archivo hecho por el portal",
    "papers.file_repeated": "Archivo que ya estaba",
    "papers.file_stored": "Archivo guardado",
    "people.access_renewed": "Acceso renovado desde el servidor",
    "people.administrator_made": "Administración creada",
    "people.assistant_invited": "Asistente invitado",
    "people.codes_made": "Códigos de rescate nuevos",
    "people.consent_given": "Consentimiento dado",
    "people.consent_text_published": "Aviso de privacidad publicado",
    "people.consent_withdrawn": "Consentimiento retirado",
    "people.details_changed": "Datos personales cambiados",
    "people.device_forgotten": "Dispositivo olvidado",
    "people.device_remembered": "Dispositivo recordado",
    "people.disabled": "Cuenta cerrada",
    "people.enabled": "Cuenta abierta",
    "people.entered": "Persona registrada por la mesa",
    "people.factor_removed": "Segundo paso quitado",
    "people.grant_ended": "Permiso terminado",
    "people.grant_proposed": "Permiso pedido",
    "people.grant_refused": "Permiso rechazado",
    "people.granted": "Permiso dado",
    "people.name_forgotten": "Usuario olvidado en el navegador",
    "people.name_remembered": "Usuario recordado en el navegador",
    "people.organisation_added": "Organización agregada",
    "people.organisation_changed": "Datos de una organización cambiados",
    "people.passkey_added": "Llave de acceso agregada",
    "people.password_changed": "Contraseña cambiada",
    "people.password_chosen": "Contraseña elegida",
    "people.registered": "Cuenta creada",
    "people.rfc_code_wrong": "Código de la aseguradora equivocado",
    "people.rfc_codes_kept": "Códigos de la aseguradora guardados",
    "people.rfc_moved": "RFC entregado a su dueño",
    "people.rfc_proved": "RFC acreditado",
    "people.second_step_failed": "Segundo paso fallido",
    "people.secondary_email_added": "Segundo correo agregado",
    "people.secondary_email_confirmed": "Segundo correo confirmado",
    "people.secondary_email_removed": "Segundo correo quitado",
    "people.secret_refused": "Clave de un solo uso negada: sin cuenta abierta",
    "people.secret_sent": "Clave de un solo uso enviada",
    "people.sessions_ended": "Sesiones cerradas",
    "people.sign_in_failed": "Entrada fallida",
    "people.sign_up_asked": "Registro pedido",
    "people.sign_up_refused": "Registro negado: correo o RFC con cuenta",
    "people.signed_in": "Entrada",
    "people.signed_out": "Salida",
    "people.token_ended": "Credencial terminada",
    "people.token_issued": "Credencial creada",
    "people.totp_enabled": "Códigos del teléfono activados",
    "proofs.move_asked": "Entrega de un RFC pedida",
    "proofs.move_confirmed": "Entrega de un RFC confirmada",
    "proofs.move_refused": "Entrega de un RFC negada",
    "proofs.paper_accepted": "Documento del RFC aceptado",
    "proofs.paper_ended": "Documento del RFC sin efecto",
    "proofs.paper_handed_in": "Documento del RFC recibido",
    "proofs.paper_returned": "Documento del RFC devuelto",
    "rulebook.rule_activated": "Regla activada",
    "rulebook.rule_closed": "Regla terminada",
    "rulebook.rule_published": "Regla publicada",
    "treasury.account_approved": "Cuenta bancaria aprobada",
    "treasury.account_decided": "Cuenta bancaria decidida, con tiempo para deshacer",
    "treasury.account_decision_refused": "La decisión de la cuenta no surtió efecto",
    "treasury.account_decision_undone": "Decisión de la cuenta deshecha",
    "treasury.account_captured": "Cuenta bancaria registrada",
    "treasury.account_change_stopped": "Cambio de cuenta detenido",
    "treasury.account_ended": "Cuenta bancaria terminada",
    "treasury.account_rejected": "Cuenta bancaria rechazada",
    "treasury.account_reopened": "Cuenta bancaria otra vez a revisión: el banco devolvió un pago",
    "treasury.account_submitted": "Cuenta bancaria enviada a revisión",
    "treasury.bank_file_downloaded": "Archivo para el banco descargado",
    "treasury.bank_file_exported": "Archivo para el banco generado",
    "treasury.bank_file_exported_again": "Archivo para el banco descargado otra vez",
    "treasury.bank_result_imported": "Respuesta del banco aplicada",
    "treasury.bank_result_read": "Respuesta del banco leída",
    "treasury.batch_approved": "Lote autorizado",
    "treasury.batch_cancelled": "Lote cancelado",
    "treasury.batch_prepared": "Lote preparado",
    "treasury.batch_shrunk": "Lote con una transferencia menos",
    "treasury.entry_posted": "Asiento contable",
    "treasury.entry_reversed": "Asiento revertido",
    "treasury.payable_opened": "Cuenta por pagar abierta",
    "treasury.statement_kept": "Estado de cuenta guardado en espera de su CLABE",
}
# What stands beside the acts: who read, who took a list away, who was refused a page.
READINGS: dict[str, str] = {"read": "Lectura", "exported": "Lista descargada", "refused": "Página negada"}

THINGS: dict[str, str] = {
    "billing.careorder": "Orden",
    "billing.complement": "Complemento",
    "billing.invoice": "Factura",
    "billing.orderdelivery": "Entrega de órdenes",
    "billing.physicianprofile": "Régimen del médico",
    "calendars.calendar": "Calendario",
    "demo.democlock": "Reloj",
    "fiscal.taxreceipt": "Folio fiscal",
    "fiscal.trustedcertificate": "Certificado",
    "help.contactmessage": "Mensaje",
    "papers.issueddocument": "Documento",
    "papers.storedfile": "Archivo",
    "people.apitoken": "Credencial",
    "people.consent": "Consentimiento",
    "people.consenttext": "Aviso de privacidad",
    "people.grant": "Permiso",
    "people.grantproposal": "Permiso pedido",
    "people.party": "Organización o persona",
    "people.registration": "Registro",
    "people.user": "Persona",
    "proofs.rfcmove": "Entrega de un RFC",
    "proofs.rfcpaper": "Documento del RFC",
    "rulebook.rule": "Regla",
    "treasury.bankaccount": "Cuenta bancaria",
    "treasury.bankresult": "Respuesta del banco",
    "treasury.ledgertransaction": "Asiento",
    "treasury.payable": "Cuenta por pagar",
    "treasury.paymentbatch": "Lote",
}

ROLES: dict[str, str] = {str(role): label for role, label in ROLE_LABELS.items()}

DRAINS: dict[str, str] = {
    "account_decisions": "Decisiones sobre cuentas",
    "complement_decisions": "Decisiones sobre complementos",
    "invoice_decisions": "Decisiones sobre facturas",
    "documents": "Documentos por preparar",
    "examinations": "Archivos por examinar",
    "notices": "Avisos y correos",
}


def act(code: str) -> str:
    """What an act is called; its code while nobody named it."""
    return ACTS.get(code, code)


def roles(acting_as: str) -> str:
    """The stored role slugs in words."""
    return ", ".join(ROLES.get(one, one) for one in acting_as.split())


def drain(name: str) -> str:
    """What a queue's work is called."""
    return DRAINS.get(name, name)
