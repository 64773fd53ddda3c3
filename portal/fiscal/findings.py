"""Every sentence the fiscal rules can say: code → group, level, cause and cure. Total: `say` knows no other code.

The table of findings in the docs and in the help pages is generated from here. Pure.
"""

from __future__ import annotations

from datetime import date, datetime

from portal.design import dates
from portal.errors import Finding, Level
from portal.fiscal.sentences import (
    AGAIN,
    DOWNLOAD,
    GROUP_LABELS,
    ISSUE_ANEW,
    OF_EXPENSES,
    Group,
    Template,
)

_E, _R, _W = Level.ERROR, Level.REVIEW, Level.WARNING
_F, _S, _I, _RE, _T, _C, _X, _O, _P, _B = Group

FINDINGS: dict[str, Template] = {
    # --- the file -------------------------------------------------------------------------------------------------
    "not_cfdi": Template(
        _F,
        _E,
        "El archivo es un XML, pero no un CFDI: su raíz dice «{root}».",
        "Sube el XML de tu factura electrónica, tal como lo entrega el SAT.",
    ),
    "wrong_namespace": Template(
        _F,
        _E,
        "El XML dice «Comprobante», pero no es del SAT: su espacio de nombres dice «{found}».",
        "Descarga del SAT el XML timbrado y sube ese; si tu sistema lo hizo así, pídeles que lo corrijan.",
    ),
    "old_version": Template(
        _F,
        _E,
        "Es un CFDI versión {version}; desde 2023 solo vale la 4.0.",
        "Emite la factura en versión 4.0 y sube ese XML.",
    ),
    "retention_certificate": Template(
        _F, _E, "Es una constancia de retenciones ({version}), no una factura.", "Sube el XML del CFDI 4.0 de ingreso."
    ),
    "wrong_kind_invoice": Template(
        _F,
        _E,
        "El comprobante es de tipo {found} ({found_name}) y aquí va una factura de ingreso, tipo I.",
        "Sube la factura. Los complementos de pago se entregan después de que te pagan, en su propia página.",
    ),
    "wrong_kind_complement": Template(
        _F,
        _E,
        "El comprobante es de tipo {found} ({found_name}) y aquí va un complemento de pago, tipo P.",
        "Sube el XML del complemento que emitiste al recibir el pago.",
    ),
    "portal_draft": Template(
        _F,
        _E,
        "Es el borrador que te dio el portal: todavía no es una factura, le faltan sello, certificado y folio fiscal.",
        "Ábrelo en tu sistema de facturación, tímbralo y sube el XML timbrado que te dé.",
    ),
    "schema": Template(
        _F,
        _E,
        "El XML no cumple el formato del SAT en {where}: {detail}.",
        "Vuelve a generarlo con tu sistema de facturación; si sale igual, avisa a quien te da ese sistema.",
    ),
    "catalogue_key": Template(
        _F,
        _R,
        "La clave «{found}» de {where} no está en nuestra copia de los catálogos del SAT, que es del {packed}.",
        "No tienes que hacer nada: una persona revisa si el SAT la agregó después.",
    ),
    "amount_unreadable": Template(
        _F,
        _E,
        "{where} dice «{found}» y no es un monto que se pueda leer.",
        "Los montos llevan solo dígitos, un punto y hasta dos decimales, por ejemplo 1500.00.",
    ),
    "amount_out_of_range": Template(
        _F, _E, "{where} dice {found} y lo máximo es 999,999,999.99.", "Revisa el monto y emítelo de nuevo."
    ),
    "too_many_decimals": Template(
        _F,
        _E,
        "{where} dice {found}, con más de dos decimales.",
        "En pesos, los totales llevan dos decimales. " + AGAIN,
    ),
    # --- seal, certificate, stamp ---------------------------------------------------------------------------------
    "seal_missing": Template(
        _S,
        _E,
        "El XML no tiene sello digital: parece un borrador.",
        "Timbra la factura en tu sistema de facturación y sube el XML timbrado.",
    ),
    "certificate_unreadable": Template(_S, _E, "El certificado que viene dentro del XML no se puede leer.", DOWNLOAD),
    "seal_invalid": Template(
        _S, _E, "El sello no corresponde al contenido: algo cambió después de sellarlo.", DOWNLOAD
    ),
    "certificate_serial": Template(
        _S, _E, "NoCertificado dice {found} y el certificado incluido es el {expected}.", DOWNLOAD
    ),
    "certificate_other_rfc": Template(
        _S,
        _E,
        "El certificado con el que se selló es de {found} y quien emite es {expected}.",
        "Emítela con tu propio certificado de sello digital.",
    ),
    "certificate_dates": Template(
        _S,
        _E,
        "El certificado vale del {valid_from} al {valid_to} y la fecha del CFDI es {found}.",
        "Renueva tu certificado de sello digital en el SAT y emítela de nuevo.",
    ),
    "certificate_forged": Template(
        _S,
        _E,
        "El certificado dice venir de una autoridad del SAT que no lo firmó.",
        "Usa el certificado de sello digital que te dio el SAT y emítela de nuevo.",
    ),
    "certificate_unknown": Template(
        _S,
        _R,
        "El sello es correcto, pero no conocemos a la autoridad que emitió el certificado {found}.",
        "No tienes que hacer nada: una persona lo revisa.",
    ),
    "stamp_missing": Template(
        _S,
        _E,
        "El XML tiene sello, pero no el timbre del SAT (folio fiscal).",
        "Espera a que tu sistema termine de timbrar y sube el XML con folio fiscal.",
    ),
    "several_stamps": Template(_S, _E, "El XML trae {found} timbres y debe traer uno.", DOWNLOAD),
    "stamp_copied": Template(_S, _E, "El timbre es de otro comprobante: su SelloCFD no es el sello de este.", DOWNLOAD),
    "stamp_invalid": Template(_S, _E, "El sello del SAT en el timbre no corresponde a su contenido.", DOWNLOAD),
    "stamp_unknown_pac": Template(
        _S,
        _R,
        "No tenemos el certificado {found} del proveedor que timbró, así que el timbre no se pudo comprobar.",
        "No tienes que hacer nada: una persona lo revisa.",
    ),
    "stamp_late": Template(
        _S,
        _E,
        "Se timbró el {found}, más de {hours} horas después de su fecha ({issued}).",
        "Emítela con la fecha de hoy y tímbrala el mismo día.",
    ),
    "stamp_early": Template(_S, _E, "El timbre ({found}) es anterior a la fecha del CFDI ({issued}).", DOWNLOAD),
    # --- issuer and receiver --------------------------------------------------------------------------------------
    "issuer_rfc": Template(
        _I, _E, "El emisor es {found} y tu RFC en el portal es {expected}.", "Sube una factura emitida con tu RFC."
    ),
    "issuer_regime": Template(
        _I,
        _E,
        "El régimen del emisor dice {found} y en el portal tienes {expected}.",
        "Emítela con el régimen {expected}, o corrige tu régimen en el portal si cambió.",
    ),
    "receiver_rfc": Template(_RE, _E, "El RFC del receptor dice {found}, debe decir {expected}.", AGAIN),
    "receiver_name": Template(_RE, _E, "El nombre del receptor dice «{found}», debe decir «{expected}».", AGAIN),
    "receiver_name_differs": Template(
        _RE,
        _R,
        "El nombre del receptor dice «{found}» y debe decir «{expected}»: parece el mismo.",
        "No tienes que hacer nada: una persona lo revisa. En la próxima escríbelo completo.",
    ),
    "receiver_zip": Template(_RE, _E, "El código postal del receptor dice {found}, debe decir {expected}.", AGAIN),
    "receiver_regime": Template(_RE, _E, "El régimen del receptor dice {found}, debe decir {expected}.", AGAIN),
    "receiver_use": Template(_RE, _E, "El uso del CFDI dice {found}, debe decir {expected}.", AGAIN),
    # --- terms and dates ------------------------------------------------------------------------------------------
    "payment_method": Template(
        _T,
        _E,
        "El método de pago dice {found}, debe decir PPD (pago en parcialidades o diferido).",
        "Cancélala y emítela con PPD: solo así podrás emitir el complemento cuando te paguemos.",
    ),
    "payment_form": Template(_T, _E, "La forma de pago dice {found}, debe decir 99 (por definir).", AGAIN),
    "currency": Template(_T, _E, "La moneda dice {found}, debe decir MXN.", AGAIN),
    "export": Template(_T, _E, "Exportación dice {found}, debe decir 01 (no aplica).", AGAIN),
    "issued_in_future": Template(
        _T,
        _E,
        "La fecha del CFDI es {found} y hoy es {on}.",
        "Emítela con la fecha real; si es correcta, súbela ese día.",
    ),
    "issued_too_old": Template(
        _T,
        _E,
        "La fecha del CFDI es {found} y aceptamos facturas desde el {since}.",
        "Emite una factura con fecha reciente.",
    ),
    # --- concepts -------------------------------------------------------------------------------------------------
    "account_missing": Template(
        _C, _E, "Ningún concepto menciona «Cuenta {account}».", "Escribe en la descripción: {text}."
    ),
    "patient_missing": Template(
        _C,
        _E,
        "El concepto de «Cuenta {account}» no menciona al paciente {patient}.",
        "Escribe en la descripción: {text}.",
    ),
    "patient_differs": Template(
        _C,
        _R,
        "El concepto de «Cuenta {account}» dice «{found}» y el paciente registrado es {patient}.",
        "No tienes que hacer nada: una persona confirma que es el mismo. En la próxima escribe: {text}.",
    ),
    "order_not_described": Template(
        _C,
        _E,
        "Ningún concepto menciona «Cuenta {account}» ni al paciente {patient}.",
        "Escribe en la descripción: {text}.",
    ),
    "order_amount": Template(
        _C,
        _E,
        "Por {orders} facturas {found} y lo que se paga es {expected}.",
        "Emítela con {expected} antes de retenciones, el monto del detalle de pago.",
    ),
    "concept_without_order": Template(
        _C,
        _E,
        "El concepto «{description}» cobra {found} y no corresponde a nada de lo que elegiste.",
        "Quita ese concepto, o elige también en el portal lo que cobra.",
    ),
    "concept_product": Template(
        _C,
        _W,
        "La clave de producto {found} no es de servicios médicos.",
        "Usa una de la familia 8510 o 8512, por ejemplo 85121502. No impide el pago.",
    ),
    "concept_unit": Template(
        _C,
        _W,
        "La clave de unidad dice {found}; para servicios se usa E48.",
        "Tenlo en cuenta en la próxima. No impide el pago.",
    ),
    "concept_product_sum": Template(
        _C,
        _E,
        "El importe de un concepto dice {found} y cantidad por valor unitario da de {lowest} a {highest}.",
        AGAIN,
    ),
    # --- taxes ----------------------------------------------------------------------------------------------------
    "tax_object": Template(_X, _E, "ObjetoImp dice {found}, debe decir 02 (sí es objeto de impuesto).", AGAIN),
    "iva_missing": Template(
        _X,
        _E,
        "Falta el IVA exento en el concepto: no trae el traslado 002 Exento.",
        "Emítela con IVA exento (no basta con dejarlo en blanco).",
    ),
    "iva_rate_zero": Template(
        _X,
        _E,
        "El IVA va a tasa 0 y debe ir exento.",
        "Los servicios médicos de una persona física son exentos: elige Exento, no 0 %.",
    ),
    "iva_charged": Template(
        _X, _E, "La factura cobra IVA de {found} y los servicios médicos son exentos.", "Emítela con IVA exento."
    ),
    "iva_base": Template(_X, _E, "La base del IVA exento dice {found}, debe decir {expected}.", AGAIN),
    "iva_summary": Template(_X, _E, "El resumen de impuestos no trae el IVA exento sobre {expected}.", AGAIN),
    "iva_withheld": Template(
        _X, _E, "La factura retiene IVA ({found}) y el servicio es exento.", "Emítela sin retención de IVA."
    ),
    "local_tax_in_federal": Template(
        _X,
        _E,
        "El impuesto local de {rate} va entre los impuestos federales.",
        "Ponlo en el complemento «Impuestos locales» de tu sistema de facturación, no como ISR.",
    ),
    "local_rate_as_fraction": Template(
        _X, _E, "La tasa local dice {found}; se escribe en porcentaje: {expected}.", AGAIN
    ),
    "withholding_missing": Template(
        _X,
        _E,
        "Falta la retención de {component}: se esperaba {rate} de {base} = {expected}.",
        "Emítela con esa retención.",
    ),
    "withholding_extra": Template(
        _X,
        _E,
        "Sobra la retención de {component} de {rate} por {found}: tu régimen no la lleva.",
        "Emítela sin esa retención, o corrige tu régimen o estado en el portal.",
    ),
    "withholding_rate": Template(
        _X, _E, "La retención de {component} dice {found_rate} ({found}), debe decir {rate} ({expected}).", AGAIN
    ),
    "withholding_amount": Template(
        _X, _E, "La retención de {component} dice {found}; {rate} de {base} es {expected}.", AGAIN
    ),
    "scheme_review": Template(
        _X,
        _R,
        "Las retenciones son las de la regla {scheme}, que se acepta con aviso.",
        "No tienes que hacer nada: una persona lo revisa.",
    ),
    "local_name": Template(
        _X,
        _W,
        "La retención local se llama «{found}» y no dice que sea el impuesto cedular.",
        "En la próxima llámala «Impuesto cedular». No impide el pago.",
    ),
    "local_sum": Template(
        _X, _E, "El total de retenciones locales dice {found} y sus renglones suman {expected}.", AGAIN
    ),
    "withheld_sum": Template(
        _X, _E, "El resumen dice {found} de impuestos retenidos y los conceptos suman {expected}.", AGAIN
    ),
    # --- total ----------------------------------------------------------------------------------------------------
    "subtotal": Template(_O, _E, "El subtotal dice {found} y los conceptos suman {expected}.", AGAIN),
    "discount": Template(_O, _E, "El descuento dice {found} y los conceptos descuentan {expected}.", AGAIN),
    "total": Template(_O, _E, "El total dice {found}; subtotal menos retenciones da {expected}.", AGAIN),
    # --- complement -----------------------------------------------------------------------------------------------
    "rep_header": Template(
        _T, _E, "En un complemento de pago {field} debe decir {expected} y dice {found}.", ISSUE_ANEW
    ),
    "rep_terms": Template(
        _T,
        _E,
        "Un complemento de pago no lleva {field} y este dice {found}.",
        "Cancela este complemento y emítelo de nuevo sin ese dato.",
    ),
    "rep_use": Template(_RE, _E, "El uso del CFDI dice {found}; en un complemento debe decir CP01.", ISSUE_ANEW),
    "rep_concept": Template(
        _T, _E, "El concepto de un complemento es siempre 84111506, ACT, «Pago», ObjetoImp 01.", ISSUE_ANEW
    ),
    "payments_missing": Template(
        _P, _E, "El XML no trae el complemento Pagos 2.0.", "Emite un complemento de recepción de pagos versión 2.0."
    ),
    "several_payment_nodes": Template(_P, _E, "El XML trae {found} complementos Pagos y debe traer uno.", DOWNLOAD),
    "payment_currency": Template(_P, _E, "La moneda del pago dice {found}, debe decir MXN.", ISSUE_ANEW),
    "payment_way": Template(
        _P,
        _W,
        "La forma de pago dice {found}; te pagamos por transferencia, 03.",
        "Tenlo en cuenta en el próximo. No impide entregarlo.",
    ),
    "paid_on": Template(_P, _E, "La fecha de pago dice {found} y el banco te pagó el {expected}.", ISSUE_ANEW),
    "paid_on_beside": Template(
        _P,
        _R,
        "La fecha de pago dice {found} y el depósito es del {expected}: hay un día bancario entre las dos.",
        "No tienes que hacer nada: una persona lo revisa. La próxima vez usa la fecha del depósito.",
    ),
    "paid_in_future": Template(
        _P, _E, "La fecha de pago es {found} y hoy es {on}.", "Emítelo con la fecha en que recibiste el pago."
    ),
    "paid_before_invoice": Template(
        _P,
        _E,
        "La fecha de pago ({found}) es anterior a la factura ({expected}).",
        "Emítelo con la fecha en que recibiste el pago.",
    ),
    "payment_amount": Template(
        _P,
        _E,
        "El monto del pago dice {found} y por este depósito falta {expected}.",
        "Emite uno por lo que falta con todas sus facturas, o uno por factura con lo que paga de ella.",
    ),
    "payment_total": Template(_P, _E, "MontoTotalPagos dice {found} y los pagos suman {expected}.", ISSUE_ANEW),
    "paid_over_amount": Template(
        _P, _E, "Los documentos suman {found}, más que el monto del pago, {expected}.", ISSUE_ANEW
    ),
    "amount_not_assigned": Template(
        _P,
        _R,
        "Del pago de {expected} solo se asignan {found} a facturas.",
        "Revisa que estén todas las facturas de este depósito. Una persona también lo revisa.",
    ),
    "document_unknown": Template(
        _B,
        _E,
        "El documento {found} no es una factura tuya aceptada y pendiente de complemento.",
        "Relaciona el folio fiscal de la factura que te pagamos.",
    ),
    "document_currency": Template(
        _B, _E, "La moneda o equivalencia del documento dice {found}, debe decir {expected}.", ISSUE_ANEW
    ),
    "partiality": Template(_B, _E, "La parcialidad dice {found} y sigue la {expected}.", ISSUE_ANEW),
    "balance_before": Template(_B, _E, "El saldo anterior dice {found}, debe decir {expected}.", ISSUE_ANEW),
    "paid_over_balance": Template(_B, _E, "El importe pagado dice {found} y el saldo era {expected}.", ISSUE_ANEW),
    "paid_nothing": Template(_B, _E, "El importe pagado de un documento es cero.", ISSUE_ANEW),
    "balance_after": Template(
        _B, _E, "El saldo insoluto dice {found}; saldo anterior menos pagado da {expected}.", ISSUE_ANEW
    ),
    "document_tax": Template(
        _X,
        _R,
        "La base o el ISR proporcional del documento dice {found} y se esperaba {expected}.",
        "No tienes que hacer nada: una persona lo revisa.",
    ),
    **OF_EXPENSES,
    # --- not a fault ----------------------------------------------------------------------------------------------
    "not_checked": Template(_F, Level.NOT_CHECKED, "No se comprobó {what}: no se dio ese dato.", ""),
}

# After one of these no other rule was asked.
STOPPING = frozenset(
    {"not_cfdi", "old_version", "retention_certificate", "wrong_kind_invoice", "wrong_kind_complement"}
    | {"wrong_kind_expense", "schema", "portal_draft"}
)


def say(code: str, **values: object) -> Finding:
    """The finding of this code with its blanks filled in. KeyError for a code or blank that does not exist: a bug.

    Dates and instants (local time of central Mexico where they have no zone) become words as on every page (D11).
    """
    template, told = FINDINGS[code], {name: _words(value) for name, value in values.items()}
    return Finding(code, template.level, template.message.format_map(told), template.cure.format_map(told))


def _words(value: object) -> object:
    if isinstance(value, datetime):
        return dates.instant(value)
    return dates.short(value) if isinstance(value, date) else value


def checklist(findings: list[Finding] | tuple[Finding, ...], groups: tuple[Group, ...]) -> list[dict[str, object]]:
    """Pass or fail by rule group (N3): label, whether anything is wrong, and its findings; in reading order."""
    return [
        {
            "label": GROUP_LABELS[group],
            "ok": not any(f.level in {Level.ERROR, Level.REVIEW} for f in mine),
            "findings": mine,
        }
        for group in groups
        for mine in [[f for f in findings if f.code in FINDINGS and FINDINGS[f.code].group is group]]
    ]
