"""Invented content for the catalogue: every component in every state. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse

from portal.design import dates, samples_deciding, samples_long
from portal.design.asking import Question
from portal.design.charts import Chart, Series, Shape, chart
from portal.design.forms import (
    ClabeInput,
    CodeInput,
    Combobox,
    DateInput,
    DayInput,
    FileInput,
    FilesInput,
    Form,
    MoneyInput,
    PersonPicker,
    RfcInput,
)
from portal.design.samples_long import LONG_NAME, STATES
from portal.design.tables import Box
from portal.errors import Finding, Level
from portal.money import format_money

LAYOUTS = {
    "list": "components/samples/list.html",
    "detail": "components/samples/detail.html",
    "review": "components/samples/review.html",
    "form": "components/samples/form.html",
    "steps": "components/samples/steps.html",
    "long": "components/samples/long.html",
}
AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


# Two hundred to choose from, some of sixty letters; a family with one name as long.
HOSPITALS = [
    f"Hospital {name} {number}, {city}"
    for number in range(1, 26)
    for name, city in (
        ("Ángeles", "Ciudad de México"),
        ("General de Especialidades Médicas y Quirúrgicas Doctor José Eleuterio", "Monterrey"),
        ("San José", "Querétaro"),
        ("Muguerza", "Mérida"),
        ("Español", "Puebla"),
        ("Zambrano", "San Pedro Garza García"),
        ("Médica Sur", "Tlalpan"),
        ("Ñíguez", "Los Mochis"),
    )
]
PEOPLE = [
    ("1", f"{LONG_NAME}\nTitular, eres tú"),
    ("2", "Óscar Rentería Paz\nPareja, 7 mar 1984"),
    ("3", "Leo Rentería Luna\nHija o hijo, menor de edad"),
]


class SampleForm(Form):
    """One field of each kind."""

    rfc = forms.CharField(label="RFC", widget=RfcInput, help_text="13 caracteres si eres persona física.")
    clabe = forms.CharField(
        label="CLABE",
        widget=ClabeInput,
        help_text="18 dígitos. Viene en tu estado de cuenta.",
        error_messages={"required": "Escribe tu CLABE: son 18 dígitos."},
    )
    amount = forms.CharField(label="Importe", widget=MoneyInput, required=False)
    issued_on = forms.DateField(label="Fecha de la factura", widget=DateInput)
    born_on = forms.DateField(label="Nacimiento", widget=DayInput, help_text="Por ejemplo: 7 3 1984.", required=False)
    code = forms.CharField(label="Código de 6 dígitos", widget=CodeInput, required=False)
    regime = forms.ChoiceField(
        label="Régimen fiscal",
        choices=[("", "Elige uno"), ("612", "Actividades profesionales"), ("626", "Simplificado de confianza")],
    )
    way = forms.ChoiceField(
        label="¿Cómo quieres que te escribamos?",
        choices=[("mail", "Por correo"), ("portal", "Solo aquí, en avisos")],
        widget=forms.RadioSelect(attrs={"class": "choice-list"}),
    )
    hospital = forms.ChoiceField(
        label="Hospital",
        widget=Combobox,
        choices=[("", "Elige uno"), *((str(number), name) for number, name in enumerate(HOSPITALS))],
        help_text="Escribe parte de su nombre o de su ciudad.",
    )
    person = forms.ChoiceField(label="¿A quién atendieron?", widget=PersonPicker, choices=PEOPLE)
    note = forms.CharField(label="Comentario", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    consent = forms.BooleanField(label="Leí el aviso de privacidad y estoy de acuerdo.")
    statement = forms.FileField(
        label="Estado de cuenta", widget=FileInput(accept=".pdf"), help_text="PDF de los últimos 3 meses."
    )


class UploadForm(Form):
    """Several files at once."""

    papers = forms.FileField(label="Factura (XML y PDF)", widget=FilesInput(accept=".xml,.pdf"), required=False)


class FilterForm(Form):
    """Filters of a list."""

    q = forms.CharField(label="Buscar", required=False)
    state = forms.ChoiceField(
        label="Estado", required=False, choices=[("", "Todos"), ("review", "En revisión"), ("paid", "Pagadas")]
    )


@dataclass
class Cell:
    """As portal.listing draws it."""

    text: str
    kind: str = "text"
    label: str = ""
    href: str = ""
    tone: str = ""
    exact: str = ""


COLUMNS = [
    ("Folio", "link"),
    ("Paciente", "text"),
    ("Emitida", "date"),
    ("Situación", "state"),
    ("Importe", "money"),
    ("", "link"),
]
_ROWS = [
    ("FA-2026-000117", "Elena Ramos Ibáñez", "18 nov 2026", "La está revisando la mesa", "info", "$12,480.00", "Ver"),
    (
        "FA-2026-000116",
        "Ñandú Ortega Peña",
        "17 nov 2026",
        "Te falta el complemento",
        "warn",
        "$3,915.50",
        "Subir complemento",
    ),
    ("FA-2026-000112", "Julián Domínguez", "12 nov 2026", "Te la devolvimos", "error", "$1,740.00", "Corregir"),
    ("FA-2026-000109", "María Fernanda Solís", "9 nov 2026", "Pagada", "ok", "$8,120.00", "Ver"),
    ("FA-2026-000104", "Óscar Treviño", "3 nov 2026", "Borrador", "neutral", "$950.00", "Continuar"),
]


def _table() -> dict[str, Any]:
    rows = []
    for folio, patient, when, state, tone, amount, act in _ROWS:
        cells = [Cell(folio, href="#ejemplo"), Cell(patient), Cell(when, exact="2026-11-18"), Cell(state, tone=tone)]
        cells += [Cell(amount), Cell(act, href="#ejemplo")]
        for cell, (label, kind) in zip(cells, COLUMNS, strict=True):
            cell.label, cell.kind = label, kind
        rows.append(cells)
    totals = [Cell("Total"), Cell(""), Cell(""), Cell(""), Cell("$27,205.50", "money", "Importe"), Cell("")]
    columns = [
        {
            "label": label,
            "kind": kind,
            "sort_href": "#orden" if kind == "date" else "",
            "sorted": "desc" if kind == "date" else "",
        }
        for label, kind in COLUMNS
    ]
    return {
        "heads": columns,
        "rows": rows,
        "boxes": [],
        "totals": totals,
        "next": "#siguientes",
        "previous": "#anteriores",
        "count_label": "5 facturas",
        "caption": "Facturas: 5 facturas",
        "range_label": "1–5 de 12",
        "files": [("CSV", "#csv"), ("Excel", "#xlsx"), ("PDF", "#pdf")],
        "call": "/api/v1/facturas/?estado=review&orden=-issued_on",
        "views": [("Todo", "#todo", False), ("En revisión", "#vista", True), ("Vencidas de la semana", "#otra", False)],
        "views_href": "#vistas",
        "keep_label": "Guardar o cambiar vistas",
        "whose": [("Todos", "#todos", True), ("Laura Campos Núñez", "#laura", False), (LONG_NAME, "#otro", False)],
    }


def _long() -> dict[str, Any]:
    """The same list at its longest: 200 rows, some names of sixty letters, twelve states, to be chosen."""
    page, rows, boxes = _table(), [], []
    for number in range(200):
        state, tone = STATES[number % len(STATES)]
        amount = Decimal(number * 91_337 % 1_000_000) / 100
        folio, name = f"FA-2026-{number + 801:06d}", LONG_NAME if number % 5 == 0 else _ROWS[number % 5][1]
        cells = [Cell(folio, href="#ejemplo"), Cell(name), Cell("18 nov 2026", exact="2026-11-18")]
        cells += [Cell(state, tone=tone), Cell(format_money(amount, "MXN")), Cell("Ver", href="#ejemplo")]
        for cell, (label, kind) in zip(cells, COLUMNS, strict=True):
            cell.label, cell.kind = label, kind
        rows.append(cells)
        boxes.append(Box("facturas", folio, str(amount)))
    told = {"range_label": "1–200 de 1,276", "count_label": "1,276 facturas", "caption": "Facturas: 1,276 facturas"}
    return page | {"rows": rows, "boxes": boxes, "totals": None, "nouns": ("factura", "facturas"), **told}


def _picked() -> dict[str, Any]:
    """The same list, its rows to be chosen."""
    page = _table()
    amounts = [row[4].text.strip("$").replace(",", "") for row in page["rows"]]
    boxes = [Box("facturas", row[0].text, amount) for row, amount in zip(page["rows"], amounts, strict=True)]
    return page | {
        "boxes": [boxes[0]._replace(ticked=True), *boxes[1:]],
        "totals": None,
        "next": "",
        "previous": "",
        "nouns": ("factura", "facturas"),
    }


def _findings() -> list[Finding]:
    return [
        Finding(
            "total",
            Level.ERROR,
            "La factura es por $2,320.00 y la orden autoriza $2,230.00.",
            "Revisa el importe o escríbenos si cambió el servicio.",
        ),
        Finding(
            "cert",
            Level.REVIEW,
            "No conocemos el certificado del proveedor que timbró.",
            "Lo revisa una persona; no tienes que hacer nada.",
        ),
        Finding(
            "zip",
            Level.WARNING,
            "El código postal de la aseguradora es el anterior.",
            "Por ahora la aceptamos; corrígelo en la siguiente.",
        ),
        Finding("sat", Level.NOT_CHECKED, "No pudimos preguntar al SAT si sigue vigente.", "Lo volveremos a intentar."),
        Finding("seal", Level.OK, "El sello corresponde al contenido."),
    ]


def _explanation() -> dict[str, Any]:
    return {
        "title": "Retención de ISR, honorarios de persona física",
        "formula": "base × tasa, redondeado al centavo",
        "inputs": [["Base (subtotal sin IVA)", "$14,500.00"], ["Tasa", "10 %"]],
        "result": "$1,450.00",
        "rules": [{"code": "withholding.PF", "version": 3, "source": "S0.21"}],
    }


def _charts() -> list[Chart]:
    months = ["junio", "julio", "agosto", "septiembre", "octubre", "noviembre"]
    paid = Series("Pagado", [12_480, 9_915, None, 15_200, 18_040, 16_750])
    due = Series("Por pagar", [2_100, 0, 1_740, 3_200, 950, 4_310])
    told = {"places": months, "place": "Mes", "text": lambda value: format_money(Decimal(value), "MXN")}
    parts = [
        Series(name, [value]) for name, value in (("Pagado", 72_385), ("Por pagar", 12_300), ("En revisión", 4_980))
    ]
    return [
        chart(Shape.LINE, title="Pagos de cada mes", series=[paid, due], **told),
        chart(Shape.BARS, title="Pagado y por pagar", series=[paid, due], **told),
        chart(Shape.STACKED, title="Lo facturado de cada mes", series=[paid, due], **told),
        chart(
            Shape.COMPOSITION,
            title="De qué se compone",
            series=parts,
            **{**told, "places": ["Desde junio"], "place": ""},
        ),
    ]


def _receipt() -> dict[str, Any]:
    return {
        "issuer": {"name": "Laura Campos Núñez", "rfc": "CANL800101AB1"},
        "receiver": {"name": "Aseguradora Modelo", "rfc": "AMO010101AB1"},
        "date": AT,
        "method": "PPD",
        "form": "99 Por definir",
        "currency": "MXN",
        "lines": [
            {"quantity": "1", "description": "Honorarios por consulta, orden 48213", "amount": Decimal("14500.00")}
        ],
        "subtotal": Decimal("14500.00"),
        "withheld": [{"label": "ISR retenido 10 %", "amount": Decimal("1450.00")}],
        "total": Decimal("13050.00"),
        "uuid": "6f3b2c1d-8a54-4c1e-9d57-0b1f2a3c4d5e",
    }


def _events() -> list[dict[str, Any]]:
    return [
        {"title": "Recibimos tu factura", "at": AT, "by": "Laura Campos"},
        {"title": "La está revisando la mesa", "at": AT, "text": "Normalmente tardamos 2 días hábiles.", "now": True},
        {"title": "Pago", "text": "A más tardar el jueves 3 de diciembre.", "next": True},
        {"title": "Complemento de pago", "next": True},
    ]


def forms_in(failed: bool) -> dict[str, Any]:
    """The sample forms; `failed` shows them with their errors."""
    form = SampleForm({"rfc": "CANL80", "clabe": ""} if failed else None)
    if failed:
        form.add_error("rfc", "A este RFC le faltan 7 caracteres: lleva 13 y escribiste 6.")
    return {"form": form, "upload_form": UploadForm(), "filter_form": FilterForm({"q": "ramos", "state": "review"})}


def _figures(here: str) -> dict[str, Any]:
    return {
        "facts": [
            ("Depósito", "$13,050.00"),
            ("Cuenta bancaria", "BBVA ····4417"),
            ("Aseguradora", "Aseguradora Modelo", here),
            ("Emitida", "18 nov 2026"),
        ],
        "lines": [
            ("Honorarios", "$14,500.00", "Orden 48213"),
            ("ISR retenido", "-$1,450.00", "10 % de 14,500.00"),
        ],
        "total": "$13,050.00",
        "answers": [
            ("RFC", "CANL800101AB1", here),
            ("Régimen", "Actividades profesionales", here),
            ("Total", "$13,050.00", ""),
        ],
    }


def _lists(here: str) -> dict[str, Any]:
    came = {"text": dates.instant(AT), "exact": AT.isoformat(timespec="seconds")}
    return {
        "copies": [
            ("RFC de quien recibe", "AMO010101AB1"),
            ("Uso del CFDI", "G03"),
            ("Concepto", "Honorarios por consulta, orden 48213"),
        ],
        "notices": [
            {
                "title": "FA-2026-000112: te devolvimos la factura",
                "body": "Falta el código postal.",
                "at": came,
                "href": here,
                "act": "Corregir factura",
                "unread": True,
            },
            {"title": "Te pagamos", "body": "", "at": came, "href": here, "act": "Ver", "unread": False},
        ],
        "next_steps": [
            "La mesa la revisa en 2 días hábiles.",
            "Te pagamos a más tardar el jueves 3 de diciembre.",
            "Subes tu complemento de pago.",
        ],
        "menu_items": [("Descargar factura", here), ("Ver orden", here)],
    }


def _question(here: str) -> Question:
    return Question(
        id="rechazar_muestra",
        title="¿Rechazar FA-2026-000117 por $2,317.50?",
        text="De Lucía Núñez Peña a Seguros de Prueba. Sus órdenes quedan libres para facturarlas otra vez.",
        label="Rechazar factura",
        back=here,
    )


def _hold(*, holder: str = "", mine: bool = False) -> dict[str, Any]:
    """What `portal.work.selectors.Standing` tells of a thing that waits."""
    return {
        "queue": "muestra",
        "pk": "01890000-0000-7000-8000-000000000000",
        "waits": True,
        "holder": holder,
        "mine": mine,
        "taken": bool(holder) and not mine,
        "since": AT,
        "previous": "",
        "next": reverse("design:catalogue"),
        "narrowed": "estado=submitted",
        "here": "Benito Luna también tiene abierta esta página." if holder else "",
    }


def everything(failed: bool = False) -> dict[str, Any]:
    """The context of the catalogue and of the sample pages."""
    here = reverse("design:catalogue")
    return {
        **forms_in(failed),
        **_figures(here),
        **_lists(here),
        "failed": failed,
        "crumbs": [("Facturas", here), ("FA-2026-000117", "")],
        "steps": [("Órdenes", here), ("Factura", here), ("Revisar", ""), ("Enviar", "")],
        "step": 3,
        "page": _table(),
        "empty_page": {"rows": []},
        "pick_page": _picked(),
        "long_page": _long,  # called by the one page that shows it
        "findings": _findings(),
        "explanation": _explanation(),
        "receipt": _receipt(),
        "charts": _charts(),
        "events": _events(),
        "tasks": [
            ("Prueba de tu RFC", "Listo", "ok", "#ejemplo"),
            ("Cuenta bancaria", "Lo estamos revisando", "info", "#ejemplo"),
            ("Primera factura", "Cuando llegue tu primera orden", "neutral", ""),
        ],
        "file_xml": {"kind": "xml", "display_name": "factura-117.xml", "size": 4_120},
        "file_pdf": {"kind": "pdf", "display_name": "estado-de-cuenta-noviembre-2026.pdf", "size": 1_812_000},
        "question": _question(here),
        "work": _hold(),
        "told": samples_deciding.standing(_explanation(), here, due_on=date(2026, 12, 3)),
        **samples_deciding.deciding(_question(here), here),
        "holds": [_hold(), _hold(holder="Ana Ruiz", mine=True), _hold(holder="Ana Ruiz")],
        "undo_items": [{"said": "Aceptaste FA-2026-000117", "action": here, "until": "09:30:42", "seconds": 27}],
        "due_on": date(2026, 12, 3),
        "at": AT,
        **samples_long.everything(here),
    }
