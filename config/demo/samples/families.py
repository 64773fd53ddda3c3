"""Tables of people that an affiliation desk receives: families to join a plan, certificates of a policy."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

_WHO = ("parentesco", "nombre", "apellido_paterno", "apellido_materno", "nacimiento", "sexo")
_FAMILIES = ("familia", *_WHO, "correo", "codigo_postal", "plan", "pagado_el", "medio_de_pago")
_CERTIFICATES = ("poliza", "certificado", *_WHO, "desde", "hasta", "coberturas", "padecimientos")
# family, kinship, names, age, sex; the third family is wrong: its titular is a child
_JOINING = (
    ("1", "Titular", "Rosario", "Méndez", "Ibarra", 41, "Mujer"),
    ("1", "Hija", "Abril", "Solís", "Méndez", 9, "Mujer"),
    ("2", "Titular", "Octavio", "Barrera", "Luján", 36, "Hombre"),
    ("2", "Pareja", "Marcela", "Quiroz", "Vidal", 34, "Mujer"),
    ("3", "Titular", "Emiliano", "Cano", "Rangel", 8, "Hombre"),
    ("3", "Madre", "Teresa", "Rangel", "Mora", 33, "Mujer"),
)
# certificate, kinship, names, age, sex, coverages; the second one is wrong: the policy has no such coverage
_INSURED = (
    ("C-900", "Titular", "Gerardo", "Pineda", "Salas", 45, "Hombre", "GMM;GMM_MENORES"),
    ("C-900", "Hija", "Lucero", "Pineda", "Ávila", 12, "Mujer", "GMM"),
    ("C-901", "Titular", "Noelia", "Trejo", "Campa", 29, "Mujer", "DENTAL"),
)


def families(on: date, *, plan: str) -> bytes:
    """Three families that paid a few days ago; one of them cannot join and stays out whole."""
    rows = []
    for family, kinship, *names, age, sex in _JOINING:
        told = ("", "", "", "", "")
        if kinship == "Titular":
            mail = f"{names[0]}.{names[1]}@correo.example".lower().replace("é", "e")
            told = (mail, "03100", plan, (on - timedelta(days=3)).isoformat(), "Efectivo")
        rows.append((family, kinship, *names, _born(on, age), sex, *told))
    return _table(_FAMILIES, rows)


def certificates(on: date, *, policy: str, since: date) -> bytes:
    """Two certificates of a policy; the policy lacks the coverage of one."""
    rows = [
        (policy, number, kinship, *names, _born(on, age), sex, since.isoformat(), "", coverages, "")
        for number, kinship, *names, age, sex, coverages in _INSURED
    ]
    return _table(_CERTIFICATES, rows)


def _born(on: date, age: int) -> str:
    return date(on.year - age, 1, 17).isoformat()


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    """As a spreadsheet saves it: with a mark of UTF-8."""
    told = io.StringIO()
    csv.writer(told).writerows([heading, *rows])
    return told.getvalue().encode("utf-8-sig")
