"""What a timeline says of each recorded act of billing."""

EVENT_LABELS: dict[str, str] = {
    "billing.regime_set": "Régimen fiscal registrado",
    "billing.orders_received": "Llegaron órdenes",
    "billing.order_withdrawn": "La aseguradora la retiró",
    "billing.begun_ended": "Lo empezado con un RFC ajeno terminó",
    "billing.draft_started": "Borrador empezado",
    "billing.draft_followed": "Cambió la retención del borrador",
    "billing.draft_discarded": "Borrador descartado",
    "billing.files_attached": "Archivos revisados y guardados",
    "billing.bundle_filled": "Facturas subidas en paquete",
    "billing.bundle_sent": "Paquete de facturas enviado",
    "billing.bundle_closed": "Paquete de facturas cerrado",
    "billing.stray_removed": "Archivo quitado del paquete",
    "billing.stray_put_back": "Archivo devuelto al paquete",
    "billing.file_removed": "Archivo quitado del borrador",
    "billing.invoice_submitted": "Enviada a revisión",
    "billing.invoice_decided": "Decidida, con tiempo para deshacer",
    "billing.invoice_decision_undone": "Decisión deshecha",
    "billing.invoice_decision_refused": "La decisión no surtió efecto",
    "billing.invoice_accepted": "Aceptada",
    "billing.invoice_returned": "Devuelta para corregir",
    "billing.invoice_rejected": "Rechazada",
    "billing.invoice_cancelled": "Cancelada en el SAT",
    "billing.payment_scheduled": "Pago programado",
    "billing.payment_returned": "El pago volvió a la espera",
    "billing.payment_taken_back": "El banco devolvió el pago",
    "billing.invoice_paid": "Pagada",
    "billing.complement_handed_in": "Complemento recibido",
    "billing.complement_withdrawn": "Complemento quitado por quien lo subió",
    "billing.complement_decided": "Complemento decidido, con tiempo para deshacer",
    "billing.complement_decision_undone": "Decisión del complemento deshecha",
    "billing.complement_decision_refused": "La decisión del complemento no surtió efecto",
    "billing.complement_accepted": "Complemento aceptado",
    "billing.complement_rejected": "Complemento rechazado",
    "billing.complement_to_cancel": "Se pidió cancelar el complemento en el SAT",
    "billing.complement_cancelled": "Complemento cancelado en el SAT",
    "billing.complement_reminded": "Recordatorio del complemento",
}
# Acts after which somebody else has to move: the ball changes hands.
HANDOVERS = (
    "billing.draft_started",
    "billing.invoice_submitted",
    "billing.invoice_accepted",
    "billing.invoice_returned",
    "billing.invoice_rejected",
    "billing.invoice_cancelled",
    "billing.payment_scheduled",
    "billing.payment_returned",
    "billing.payment_taken_back",
    "billing.invoice_paid",
)
# What stays between reviewers: for the physician the thing is in review until a decision takes effect.
OF_THE_DESK = frozenset(
    f"billing.{thing}_{what}"
    for thing in ("invoice", "complement")
    for what in ("decided", "decision_undone", "decision_refused")
)
UNHAPPY_EVENTS = frozenset(
    {
        "billing.order_withdrawn",
        "billing.invoice_returned",
        "billing.invoice_rejected",
        "billing.invoice_cancelled",
        "billing.payment_returned",
        "billing.payment_taken_back",
        "billing.complement_rejected",
        "billing.complement_to_cancel",
        "billing.complement_cancelled",
    }
)
