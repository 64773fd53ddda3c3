# ruff: noqa: E501 - a legal text keeps its own lines
"""The privacy notice that an installation starts with; the operator publishes its own version over it."""

PORTAL_PRIVACY = """Quien opera este portal trata tus datos para atender tus trámites: RFC, correo, nombre, código postal, cuenta bancaria, los documentos que subes y lo que hagas aquí.

Para qué, y es necesario: identificarte, revisar tus documentos, pagarte, cumplir obligaciones fiscales y guardar constancia de cada acto. No usamos tus datos para publicidad ni los vendemos.

Con quién: con la organización que paga tus trámites, con el banco que hace la transferencia y con la autoridad que lo pida por escrito.

Tus derechos: puedes pedir acceso, rectificación, cancelación u oposición desde «Contacto» o en tu perfil. Te contestamos en 20 días hábiles en México y en 30 días corridos en Chile. Puedes retirar este consentimiento; lo que la ley obliga a conservar queda bloqueado.

Cómo lo cuidamos: los archivos y las cuentas bancarias se guardan cifrados, cada lectura queda registrada y solo entra quien tiene permiso."""
