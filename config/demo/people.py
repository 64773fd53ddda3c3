"""The sample people: who they are and which work waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import Role


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample person. `rfc` only for physicians; `of` names the physician an assistant works for."""

    slug: str
    name: str
    role: Role
    what: str
    rfc: str = ""
    regime: str = ""
    state: str = ""
    of: str = ""

    @property
    def email(self) -> str:
        """An address that can belong to nobody (RFC 2606)."""
        return f"{self.slug}@ejemplo.mx"


# What the insurer handed to Nora: typed in «Mi RFC» it proves hers.
CODE_OF_NORA = "LS-7K4M-2Q9X"

PEOPLE: tuple[Sample, ...] = (
    Sample(
        "lucia",
        "Lucía Ortega Ríos",
        Role.PHYSICIAN,
        "Tiene órdenes por facturar, una factura devuelta, una en revisión y un complemento pendiente.",
        "OERL850612AA9",
        "612",
    ),
    Sample(
        "ivan",
        "Iván Peña Muñoz",
        Role.PHYSICIAN,
        "RESICO en Jalisco: regla en conflicto y una cuenta bancaria en revisión.",
        "PEMI790303BB2",
        "626",
        "JAL",
    ),
    Sample(
        "nora",
        "Nora Castañeda Luna",
        Role.PHYSICIAN,
        f"Acaba de registrarse: le falta acreditar su RFC. Código de su aseguradora: {CODE_OF_NORA}.",
        "CALN900121CC0",
    ),
    Sample(
        "marisol",
        "Marisol Vega Prado",
        Role.PHYSICIAN_ASSISTANT,
        "Factura por Lucía Ortega; no cambia su cuenta.",
        of="lucia",
    ),
    Sample(
        "rebeca",
        "Rebeca Solís Arce",
        Role.REVIEWER,
        "Revisa facturas, cuentas y complementos.",
    ),
    Sample(
        "bruno",
        "Bruno Lara Nieto",
        Role.REVIEWER,
        "La segunda persona que pide un cambio de cuenta.",
    ),
    Sample(
        "pablo",
        "Pablo Mena Ruiz",
        Role.PAYMENT_PREPARER,
        "Prepara pagos, baja el archivo para el banco y carga su respuesta.",
    ),
    Sample(
        "aurora",
        "Aurora Díaz Campos",
        Role.PAYMENT_APPROVER,
        "Autoriza los pagos que otra persona preparó.",
    ),
    Sample(
        "gabriel",
        "Gabriel Ponce Rey",
        Role.PAYMENT_APPROVER,
        "La segunda firma de los pagos grandes.",
    ),
    Sample(
        "sofia",
        "Sofía Rangel Coto",
        Role.SUPPORT,
        "Contesta mensajes y ayuda a las personas.",
    ),
    Sample(
        "carla",
        "Carla Ibarra Sosa",
        Role.COMPLAINTS_DESK,
        "Atiende quejas y sugerencias con su folio.",
    ),
    Sample(
        "augusto",
        "Augusto Neri Paz",
        Role.AUDITOR,
        "Lee la auditoría y comprueba que nadie la tocó.",
    ),
    Sample(
        "adriana",
        "Adriana Salas Oro",
        Role.ADMINISTRATOR,
        "Cuida reglas, calendarios, permisos y certificados.",
    ),
    Sample(
        "tomas",
        "Tomás Gil Vera",
        Role.ADMINISTRATOR,
        "La segunda persona de Administración.",
    ),
)
BY_SLUG = {person.slug: person for person in PEOPLE}
