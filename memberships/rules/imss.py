"""What a person has to do at the IMSS, by three answers about their constancia (S1.13-S1.17). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.calendars.rules import WEEKDAYS, Schedule, local


class Clinic(StrEnum):
    """Which clinic (UMF) the constancia of rights shows."""

    RIGHT = "right"
    NONE = "none"
    FORMER = "former"  # that of an address where the person lived before


CLINIC_LABELS = {
    Clinic.RIGHT: "La más cercana a donde vivo",
    Clinic.NONE: "No aparece ninguna",
    Clinic.FORMER: "La de un domicilio anterior",
}


class Paper(StrEnum):
    """The six documents of the window (S1.9): the same for the titular and for each dependant."""

    IDENTITY = "identity"
    BIRTH = "birth"
    ADDRESS = "address"
    PHOTOS = "photos"
    CURP = "curp"
    CONSTANCIA = "constancia"


PAPER_LABELS = {
    Paper.IDENTITY: "Identificación oficial",
    Paper.BIRTH: "Acta de nacimiento",
    Paper.ADDRESS: "Comprobante de domicilio",
    Paper.PHOTOS: "2 fotografías tamaño infantil",
    Paper.CURP: "CURP",
    # The IMSS's name, with that of older leaflets (C16).
    Paper.CONSTANCIA: "Constancia de presentación (o «de prestación») de movimientos afiliatorios, impresa",
}


class SourceKind(StrEnum):
    """What leads to the IMSS, or to us."""

    LINK = "link"
    PHONE = "phone"
    MAIL = "mail"


SOURCE_LABELS = {SourceKind.LINK: "Página", SourceKind.PHONE: "Teléfono", SourceKind.MAIL: "Correo"}


class Path(StrEnum):
    """Where the three answers lead."""

    ASK_US = "ask_us"
    NOTHING_TO_DO = "nothing_to_do"
    WINDOW = "window"
    REGISTER = "register"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Guide:
    """What a path asks: its short name, what to do, and the codes of the links that do it."""

    label: str
    text: str
    links: tuple[str, ...] = ()


GUIDES = {
    Path.ASK_US: Guide(
        "Escríbenos", "Tus derechos no aparecen vigentes. Escríbenos y lo revisamos contigo.", ("rights",)
    ),
    Path.NOTHING_TO_DO: Guide("Ya está todo", "Tienes tu clínica y tu Carnet: no falta nada por hacer."),
    Path.WINDOW: Guide(
        "Ir a la ventanilla",
        "Tu clínica es la correcta. Falta el Carnet: imprime tu vigencia y llévala, con los papeles, a la ventanilla.",
        ("procedure",),
    ),
    Path.REGISTER: Guide(
        "Darte de alta en tu clínica",
        "Date de alta en la página del IMSS y con eso ya te atienden. Imprime tu alta y llévala, con los papeles, a tu "
        "primera visita.",
        ("register", "procedure"),
    ),
    Path.CHANGE: Guide(
        "Cambiar de clínica",
        "Aparece la clínica de un domicilio anterior. Pide el cambio, imprímelo y llévalo, con los papeles, a tu "
        "primera visita.",
        ("change", "procedure"),
    ),
}
COUNTER = "imss-counter"  # the calendar of the window
_AHEAD = 30  # days within which the window opens again


def path_of(*, rights: bool | None, clinic: str, has_card: bool | None) -> Path | None:
    """Where the answers given so far lead; None while one that counts is missing."""
    if rights is None or (rights and (not clinic or (clinic == Clinic.RIGHT and has_card is None))):
        return None
    return imss_path(rights=rights, clinic=Clinic(clinic or Clinic.NONE), has_card=bool(has_card))


def step_told(path: Path | None, *, ticked: Sequence[str]) -> str:
    """One person's step in a few words, for the family's page."""
    if path is None:
        return f"{len(ticked)} de {len(Paper)} papeles" if ticked else "Sin empezar"
    missing = len(Paper) - len(ticked) if path in TO_WINDOW else 0
    return GUIDES[path].label + (f", faltan {missing} papeles" if missing else "")


def counter_told(schedule: Schedule, at: datetime) -> str:
    """Whether the window is open at an instant, and when it closes or opens next (S1.8: it closes at midday).

    Nothing where it does not open within a month.
    """
    wall = local(schedule, at)
    now = wall.hour * 60 + wall.minute
    for opens, closes in sorted(schedule.intervals_on(wall.date())):
        if now < opens:
            return f"Cerrada ahora: abre hoy a las {_hour(opens)}."
        if now < closes:
            return f"Abierta ahora: cierra a las {_hour(closes)}."
    for ahead in range(1, _AHEAD):
        day = wall.date() + timedelta(days=ahead)
        if hours := schedule.intervals_on(day):
            when = "mañana" if ahead == 1 else f"el {WEEKDAYS[day.weekday()]}{f' {day.day}' if ahead >= 7 else ''}"
            return f"Cerrada ahora: abre {when} a las {_hour(min(hours)[0])}."
    return ""


def hours_told(schedule: Schedule) -> str:
    """The hours of a Monday, as the window has them on working days."""
    stretches = [f"de {_hour(opens)} a {_hour(closes)}" for opens, closes in sorted(schedule.weekly.get(0, ()))]
    return f"Lunes a viernes en días hábiles, {' y '.join(stretches)}." if stretches else ""


def _hour(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


# Those that end at the window, with the six documents (S1.17).
TO_WINDOW = frozenset({Path.WINDOW, Path.REGISTER, Path.CHANGE})


def imss_path(*, rights: bool, clinic: Clinic, has_card: bool) -> Path:
    """Answers what to do next: `rights` are in force, which clinic the constancia shows, whether there is a Carnet.

    Without rights in force nothing else counts: whatever else is said, the person asks us.
    """
    if not rights:
        return Path.ASK_US
    if clinic is Clinic.NONE:
        return Path.REGISTER
    if clinic is Clinic.FORMER:
        return Path.CHANGE
    return Path.NOTHING_TO_DO if has_card else Path.WINDOW
