"""What both judgements share: the file, the seal, the stamp, and tolerant comparison of names. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from portal import names
from portal.errors import Finding
from portal.fiscal.catalogues import PACKED_ON
from portal.fiscal.facts import MAX_KEYS_TOLD, CfdiFacts, amount, decimals_written
from portal.fiscal.findings import say
from portal.money import MAX_AMOUNT, format_money
from portal.text import folded

STAMP_HOURS = 72
# Fecha is local time of the place of issue, the stamp's is central Mexico: Quintana Roo is one hour ahead.
CLOCKS_APART = timedelta(hours=1, minutes=5)
KINDS = {"I": "ingreso", "E": "egreso", "T": "traslado", "N": "nómina", "P": "pago"}
_SEAL_ATTRIBUTES = {"Sello", "Certificado", "NoCertificado"}
_REASONS = (
    ("required but missing", "falta ese dato"),
    ("is not in c_", "su valor no está en el catálogo del SAT"),
    ("facet 'enumeration'", "su valor no está en el catálogo del SAT"),
    ("facet 'pattern'", "su valor no tiene la forma que pide el SAT"),
    ("facet", "su valor tiene más o menos letras o decimales de lo que permite el SAT"),
    ("not allowed", "ese dato no existe en el formato"),
    ("Missing child", "le falta un elemento"),
    ("not expected", "ese elemento no va ahí"),
)
_TWO_DECIMALS = 2


def file_findings(facts: CfdiFacts, *kinds: str, wrong: str) -> list[Finding]:
    """Whether this is a CFDI 4.0 of the wanted types at all; anything said here makes every other rule pointless.

    `wrong` is the code of what is said of another type.
    """
    if facts.root == "Retenciones":
        return [say("retention_certificate", version=short(facts.version) or "sin versión")]
    if facts.root == "Comprobante" and "/cfd/" not in facts.namespace:
        return [say("wrong_namespace", found=short(facts.namespace) or "nada")]
    if facts.root != "Comprobante":
        return [say("not_cfdi", root=short(facts.root))]
    if not facts.is_cfdi_4:
        return [say("old_version", version=short(facts.version) or "desconocida")]
    if facts.kind and facts.kind not in kinds:
        return [say(wrong, found=short(facts.kind), found_name=KINDS.get(facts.kind, "desconocido"))]
    return []


def schema_findings(facts: CfdiFacts) -> list[Finding]:
    """The first thing the schema objects to; a missing seal is said once, by the seal's own rule.

    A key that is in no catalogue of ours refuses only what no PAC has stamped (`key_findings` tells of the others).
    """
    faults = [
        fault for fault in facts.schema_faults or () if not (facts.seal == "missing" and fault[1] in _SEAL_ATTRIBUTES)
    ]
    if not faults:
        unknown = [] if facts.is_stamped else facts.unknown_keys[:1]
        return [say("schema", where=one.where, detail="su valor no está en el catálogo del SAT") for one in unknown]
    element, attribute, message = faults[0]
    detail = next((spanish for english, spanish in _REASONS if english in message), "no es válido")
    where = f"{element}@{attribute}" if attribute else element or "el documento"
    return [say("schema", where=where, detail=detail)]


def key_findings(facts: CfdiFacts) -> list[Finding]:
    """Keys that the SAT may have added after our copy of its catalogues was packed: a PAC took them, a person looks."""
    told = facts.unknown_keys[:MAX_KEYS_TOLD]
    return [say("catalogue_key", found=short(one.key), where=one.where, packed=PACKED_ON) for one in told]


def seal_findings(facts: CfdiFacts, *, max_hours: int = STAMP_HOURS) -> list[Finding]:
    """Seal, certificate and stamp (domain 1.5, steps 3 to 6)."""
    if facts.seal == "missing":
        return [say("seal_missing")]
    if facts.seal == "unreadable_certificate" or facts.signer is None:
        return [say("certificate_unreadable")]
    return _certificate(facts) + _stamp(facts, max_hours)


def _certificate(facts: CfdiFacts) -> list[Finding]:
    signer, found = facts.signer, []
    assert signer is not None  # said by seal_findings
    issuer = facts.issuer.get("rfc", "").strip()
    if facts.seal == "invalid":
        found.append(say("seal_invalid"))
    serial = facts.header.get("NoCertificado", "").strip()
    if not signer.serial_matches:
        found.append(say("certificate_serial", found=short(serial), expected=signer.serial))
    if signer.rfc != issuer:
        found.append(say("certificate_other_rfc", found=short(signer.rfc) or "nadie", expected=short(issuer)))
    if not signer.valid_at_issue:
        issued = facts.header.get("Fecha", "")
        since, until = datetime.fromisoformat(signer.valid_from), datetime.fromisoformat(signer.valid_to)
        told = {"valid_from": since, "valid_to": until, "found": instant(issued) or short(issued)}
        found.append(say("certificate_dates", **told))
    if signer.vouched == "forged":
        found.append(say("certificate_forged"))
    elif signer.vouched == "unknown_ca" and facts.seal != "invalid":
        found.append(say("certificate_unknown", found=signer.serial))
    return found


def _stamp(facts: CfdiFacts, max_hours: int) -> list[Finding]:
    stamp = facts.stamp
    if stamp is None:
        return [say("stamp_missing")]
    if facts.stamps > 1:
        return [say("several_stamps", found=facts.stamps)]
    if not stamp.sello_cfd_matches:
        return [say("stamp_copied")]
    found = []
    if stamp.sat_seal_ok is False:
        found.append(say("stamp_invalid"))
    elif stamp.sat_seal_ok == "unknown_cert":
        found.append(say("stamp_unknown_pac", found=short(stamp.cert)))
    issued, stamped = instant(facts.header.get("Fecha", "")), instant(stamp.fecha)
    if issued and stamped:
        told = {"found": stamped, "issued": issued}
        if stamped > issued + timedelta(hours=max_hours) + CLOCKS_APART:
            found.append(say("stamp_late", hours=max_hours, **told))
        elif stamped < issued - CLOCKS_APART:
            found.append(say("stamp_early", **told))
    return found


def amount_findings(named: Mapping[str, str], *, whole_cents: frozenset[str] = frozenset()) -> list[Finding]:
    """Amounts that cannot be read, are out of range, or carry more decimals than pesos have (XP-05)."""
    found = []
    for where, text in named.items():
        value = amount(text)
        if value is None:
            found.append(say("amount_unreadable", where=where, found=short(text)))
        elif value > MAX_AMOUNT:
            found.append(say("amount_out_of_range", where=where, found=value))
        elif where in whole_cents and decimals_written(text) > _TWO_DECIMALS:
            found.append(say("too_many_decimals", where=where, found=short(text)))
    return found


def date_findings(facts: CfdiFacts, expected: Mapping[str, Any]) -> list[Finding]:
    """Not dated after today, where its own clock may be an hour ahead; not older than the rule given as `oldest`."""
    issued, on = day(facts.header.get("Fecha", "")), day(expected.get("on"))
    oldest, written = day(expected.get("oldest")), instant(facts.header.get("Fecha", ""))
    if issued is None or on is None:
        return []
    if issued > on and (written is None or (written - CLOCKS_APART).date() > on):
        return [say("issued_in_future", found=issued, on=on)]
    if oldest and issued < oldest:
        return [say("issued_too_old", found=issued, since=oldest)]
    return []


def not_given(expected: Mapping[str, Any], names: Mapping[str, str]) -> list[Finding]:
    """One `not_checked` for each fact nobody supplied: never a rejection."""
    return [say("not_checked", what=what) for name, what in names.items() if expected.get(name) in (None, "", [], {})]


def instant(text: str) -> datetime | None:
    """A CFDI's date and time without zone; None when it is not one."""
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=None)
    except ValueError:
        return None


def day(value: object) -> date | None:
    """The date at the start of an ISO text, or a date itself."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip()[:10])
    except ValueError:
        return None


def money(value: Decimal) -> str:
    """Pesos for a sentence."""
    return format_money(value, "MXN")


def short(text: str, limit: int = 80) -> str:
    """A stranger's text inside our sentence: one line, capped."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=128)
def plain(text: str) -> str:
    """For comparing names: no case, no accents, ñ as n, words apart by one blank."""
    return " ".join(_WORD.findall(folded(text)))


def names_person(description: str, name: str) -> bool:
    """Whether a text carries a person's name, surnames first or last, whatever case, accents, signs and blanks."""
    text, words = plain(names.without_apostrophes(description)), plain(names.without_apostrophes(name)).split()
    return any(_carries(text, "".join(words[turn:] + words[:turn])) for turn in range(len(words)))


def names_account(description: str, account: str) -> bool:
    """Whether a text carries an account number whole, whatever hyphens and blanks stand between its parts."""
    return _carries(plain(description), plain(account).replace(" ", ""))


def _carries(text: str, wanted: str) -> bool:
    """Whether some words of a plain text, written together, are these letters and digits."""
    words = text.split()
    if wanted not in "".join(words):
        return False
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if joined == wanted:
                return True
            if not wanted.startswith(joined):
                break
    return False
