# ruff: noqa: E501 - a legal text keeps its own lines
"""What a family agrees to before its first file, version 1 of each; operators publish later ones."""

from __future__ import annotations

INSURER_PRIVACY, SENSITIVE = "insurer-privacy", "sensitive-data"
# Given to each insurer apart, in its own version where it published one.
OF_INSURER = frozenset({INSURER_PRIVACY, SENSITIVE})
TEXT_LABELS = {
    INSURER_PRIVACY: "Aviso de privacidad de tu aseguradora",
    SENSITIVE: "Consentimiento para tratar datos de salud",
}
TEXTS = {
    INSURER_PRIVACY: """La aseguradora de tu póliza es responsable, junto con quien opera este portal, de los datos de tus trámites: quién está asegurado, sus facturas, informes médicos y documentos, y la cuenta bancaria donde se te paga.

Para qué, y es necesario: revisar y dictaminar lo que presentas, pagarte, guardar el expediente que la ley pide y contestar a la autoridad. No usa estos datos para publicidad ni los vende.

Con quién: con quien opera este portal, con médicos que dictaminan, con el hospital cuando hay que comprobar un dato, con el banco que hace el pago y con la autoridad que lo pida por escrito.

Tus derechos: acceso, rectificación, cancelación y oposición, desde «Contacto» o directamente con la aseguradora. Te contesta en 20 días hábiles.""",
    SENSITIVE: """Los documentos de un trámite dicen algo de la salud de una persona: son datos personales sensibles. La ley pide tu consentimiento expreso para tratarlos, aparte de los avisos de privacidad.

Para qué: para revisar el gasto, aplicar tu póliza y pagarte. Para nada más.

Quién los ve: quien dictamina el trámite y quien audita, con registro de cada lectura. En tu familia, la persona a quien atendieron y, si es menor de edad, quien es titular. De una persona adulta con perfil propio, además, quien presenta el trámite con su «sí», hasta que lo retire. De quien no tiene perfil, quien lo presenta con el formato que firmó.

Puedes retirarlo en «Mi perfil» cuando quieras: desde ese momento no envías trámites nuevos. Los que ya enviaste se dictaminan y se pagan, y se conservan el tiempo que pide la ley.""",
}
