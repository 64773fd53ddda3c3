"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "treasury.account_approved": "Cuenta bancaria aprobada",
    "treasury.account_decided": "Cuenta bancaria decidida, con tiempo para deshacer",
    "treasury.account_decision_refused": "La decisión de la cuenta bancaria no surtió efecto",
    "treasury.account_decision_undone": "Decisión de la cuenta bancaria deshecha",
    "treasury.account_captured": "Cuenta bancaria registrada",
    "treasury.account_change_stopped": "Cambio de cuenta bancaria detenido",
    "treasury.account_ended": "Cuenta bancaria terminada",
    "treasury.account_rejected": "Cuenta bancaria rechazada",
    "treasury.account_reopened": "Cuenta bancaria otra vez a revisión: el banco devolvió un pago",
    "treasury.account_submitted": "Cuenta bancaria enviada a revisión",
    "treasury.bank_file_downloaded": "Archivo para el banco descargado",
    "treasury.bank_file_exported": "Archivo para el banco generado",
    "treasury.bank_file_exported_again": "Archivo para el banco descargado otra vez",
    "treasury.bank_file_sent": "Archivo para el banco subido, según quien lo preparó",
    "treasury.bank_result_imported": "Respuesta del banco aplicada",
    "treasury.bank_result_read": "Respuesta del banco leída",
    "treasury.batch_approved": "Lote autorizado",
    "treasury.batch_cancelled": "Lote cancelado",
    "treasury.batch_prepared": "Lote preparado",
    "treasury.batch_shrunk": "Lote con una transferencia menos",
    "treasury.channel_settled": "Liquidación de una red de cobro",
    "treasury.deposit_discarded": "Depósito apartado",
    "treasury.deposit_matched": "Depósito asignado",
    "treasury.deposit_undone": "Depósito otra vez por asignar",
    "treasury.entry_posted": "Asiento contable",
    "treasury.entry_reversed": "Asiento revertido",
    "treasury.movements_read": "Archivo de movimientos leído",
    "treasury.payable_cancelled": "Cuenta por pagar cancelada",
    "treasury.payable_opened": "Cuenta por pagar abierta",
    "treasury.transfer_withdrawn": "Transferencia quitada del lote por quien autoriza",
    "treasury.statement_kept": "Estado de cuenta guardado en espera de su CLABE",
}
THINGS: dict[str, str] = {
    "treasury.allocation": "Asignación de un depósito",
    "treasury.bankaccount": "Cuenta bancaria",
    "treasury.bankfile": "Archivo para el banco",
    "treasury.bankresult": "Respuesta del banco",
    "treasury.ledgertransaction": "Asiento",
    "treasury.movement": "Movimiento",
    "treasury.movementfile": "Archivo de movimientos",
    "treasury.payable": "Cuenta por pagar",
    "treasury.paymentbatch": "Lote",
    "treasury.transfer": "Transferencia",
}
DRAINS: dict[str, str] = {
    "account_decisions": "Decisiones sobre cuentas bancarias",
    "deposits": "Depósitos por asignar",
}
