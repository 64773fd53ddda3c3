"""The sample people: who they are and which work waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import ROLE_LABELS, Role


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample person. `rfc` only for physicians; `of` names the physician an assistant works for.

    `also` are roles at the desk beside the first one.
    """

    slug: str
    name: str
    role: Role
    what: str
    rfc: str = ""
    regime: str = ""
    state: str = ""
    of: str = ""
    also: tuple[Role, ...] = ()

    @property
    def roles_told(self) -> str:
        """Their roles in words."""
        return " y ".join(ROLE_LABELS[role] for role in (self.role, *self.also))

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
        "hector",
        "Héctor Salgado Lira",
        Role.PHYSICIAN,
        "Un consultorio con mucho trabajo: 190 órdenes por facturar y 40 facturas.",
        "SALH700815DD3",
        "612",
    ),
    Sample(
        "beatriz",
        "Beatriz Fuentes Rangel",
        Role.PHYSICIAN,
        "Cambió de cuenta bancaria: falta la segunda persona que lo revisa.",
        "FURB810923EE4",
        "612",
    ),
    Sample(
        "marisol",
        "Marisol Vega Prado",
        Role.PHYSICIAN_ASSISTANT,
        "Factura por Lucía Ortega; no cambia su cuenta bancaria.",
        of="lucia",
    ),
    Sample(
        "dora",
        "Dora Nava Ibarra",
        Role.PHYSICIAN_ASSISTANT,
        "Dos trabajos en una sesión: factura por Héctor Salgado y atiende quejas en la mesa.",
        of="hector",
        also=(Role.COMPLAINTS_DESK,),
    ),
    Sample(
        "fernanda",
        "Fernanda Luna Robles",
        Role.MEMBER,
        "Titular de una familia al corriente: su pareja, su hijo y su mamá.",
    ),
    Sample(
        "elena",
        "Elena Robles Tapia",
        Role.MEMBER,
        "La mamá de Fernanda: tiene su propio perfil y no comparte nada.",
    ),
    Sample(
        "julian",
        "Julián Cota Medina",
        Role.MEMBER,
        "Dejó de pagar: su membresía está suspendida.",
    ),
    Sample(
        "tobias",
        "Tobías Meza Arce",
        Role.MEMBER,
        "Titular de una póliza: un trámite pagado, uno decidido, uno en espera y un borrador.",
    ),
    Sample(
        "rebeca",
        "Rebeca Solís Arce",
        Role.REVIEWER,
        "Revisa facturas, cuentas bancarias y complementos.",
    ),
    Sample(
        "bruno",
        "Bruno Lara Nieto",
        Role.REVIEWER,
        "La segunda persona que pide un cambio de cuenta bancaria: le espera el de Beatriz.",
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
        "La segunda firma de los pagos grandes: le espera el de Héctor.",
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
        "delia",
        "Delia Cano Ruiz",
        Role.CLAIMS_ANALYST,
        "Dictamina trámites renglón por renglón; lee un padecimiento registrado y dice para qué.",
    ),
    Sample(
        "ulises",
        "Ulises Ferrer Paz",
        Role.CLAIMS_ANALYST,
        "La segunda vista de lo que Delia dictamina.",
    ),
    Sample(
        "noemi",
        "Noemí Lara Solís",
        Role.SERVICE_ADVISER,
        "Contesta a las familias qué hospital tiene convenio, y cuida la lista.",
    ),
    Sample(
        "elisa",
        "Elisa Montes Ibáñez",
        Role.AFFILIATION_DESK,
        "Afilia familias y cuida planes y precios.",
    ),
    Sample(
        "ramiro",
        "Ramiro Salas Peña",
        Role.COLLECTIONS_DESK,
        "Importa lo que llegó al banco y a las tiendas, y asigna cada depósito.",
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
