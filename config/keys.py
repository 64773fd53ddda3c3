"""Do the keys of this process open what is stored? Asked at start and by health, before somebody's file fails.

Each sealed value begins with the id of the key that closed it, so nothing is opened to know: a file, an encrypted
column, a second factor. An index and the record's signature are made again and compared. Thorough (at a start, in
`manage.py health`) every key that ever closed something is looked for, not only those of the oldest and newest row.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import BinaryField, CharField, F, Func, IntegerField, QuerySet, Value

from portal import vault
from portal.history import keys as history_keys
from portal.history import rules as history_rules
from portal.history.models import AccessEvent, AuditEvent
from portal.papers.models import DraftFile, PageImage, StoredFile
from portal.papers.rules import FileVerdict
from portal.papers.services.rotation import encrypted_fields

CURE = "Devuelve la llave a su lugar (VAULT_KEYS: la más nueva primero, ninguna se quita) y arranca de nuevo."


def what_stays_closed(*, thorough: bool = False) -> list[str]:
    """Spanish names of what the keys do not open; empty when all is well."""
    told = {
        "los archivos": all(vault.knows(one, purpose="file") for one in _files(thorough)),
        "las columnas cifradas": all(vault.knows(one, purpose="field") for one in _columns(thorough)),
        "los segundos factores": all(vault.knows(one, purpose="second-factor") for one in _second_factors(thorough)),
        "los índices de búsqueda": all(_indexes_hold()),
        "la firma del registro (AUDIT_KEY)": _record_holds(),
    }
    return [name for name, opens in told.items() if not opens]


def _files(thorough: bool) -> Iterator[bytes]:
    stored = StoredFile.objects.exclude(verdict=FileVerdict.REJECTED)
    for rows in (stored, PageImage.objects.all(), DraftFile.objects.all()):
        yield from _key_ids(rows, F("wrapped_key"), thorough)


def _columns(thorough: bool) -> Iterator[bytes]:
    for field in encrypted_fields():
        name, rows = str(field.name), _rows(field)
        text = Func(F(name), Value(len(vault.MARK) + 1), function="substr", output_field=CharField())
        yield from _key_ids(rows, Func(text, Value("base64"), function="decode", output_field=BinaryField()), thorough)


def _second_factors(thorough: bool) -> Iterator[bytes]:
    rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
    for factor in rows.iterator() if thorough else _ends(rows):
        for sealed in (factor.data.get("secret"), factor.data.get("seed")):
            if sealed:
                yield base64.b64decode(sealed)


def _key_ids(rows: QuerySet[Any], sealed: Any, thorough: bool) -> list[bytes]:
    """The ids of the keys that closed these rows: of all of them (a walk over the table), or of both ends."""
    if not thorough:
        rows = rows.filter(pk__in=[row.pk for row in _ends(rows.only("pk"))])
    found = Func(sealed, 1, vault.KEY_ID_BYTES, function="substring", output_field=BinaryField())
    return [bytes(one) for one in rows.order_by().values_list(found, flat=True).distinct()]


def _indexes_hold() -> Iterator[bool]:
    """One that fits is enough: all of them are made with the same key, and a spoilt row is another matter."""
    for field in encrypted_fields():
        name = str(field.name)
        if f"{name}_index" in {one.name for one in field.model._meta.get_fields()}:
            ends = list(_ends(_rows(field).only("pk", f"{name}_index")))
            yield not ends or any(_index_fits(row, name) for row in ends)


def _index_fits(row: Any, name: str) -> bool:
    try:
        told, purpose = row.indexed() if hasattr(row, "indexed") else (getattr(row, name), name)
        return bool(vault.blind_index(told, purpose=purpose) == getattr(row, f"{name}_index"))
    except vault.SealBroken:
        return False


def _record_holds() -> bool:
    """One that fits is enough, as above: a row that somebody changed is for `audit-verify`."""
    ends = [event for model in (AuditEvent, AccessEvent) for event in _ends(model.objects.all())]
    key = history_keys.event_key()
    return not ends or any(history_rules.signature_holds(key, event.facts(), event.hmac) for event in ends)


def _rows(field: vault.EncryptedTextField) -> QuerySet[Any]:
    """Rows whose column holds something. The ORM refuses to compare what is encrypted: asked of the column itself."""
    held = Func(F(str(field.name)), function="length", output_field=IntegerField())
    return field.model._default_manager.annotate(held=held).filter(held__gt=0)  # type: ignore[attr-defined,no-any-return]


def _ends(rows: QuerySet[Any]) -> Iterator[Any]:
    ordered = rows.order_by("pk")
    for row in (ordered.first(), ordered.last()):
        if row is not None:
            yield row
