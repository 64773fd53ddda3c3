"""Certificates of the SAT, its authorities and its PACs: read from DER, PEM or ZIP, and asked who vouches for them.

Pure: no Django. The RFC is read by `names`, because SAT writes Ñ into subjects in an encoding that `cryptography`
refuses (ValueError); the key, the dates and the signature are read with `cryptography`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from portal.errors import Finding, Level
from portal.fiscal import names, standards

MAX_CERTIFICATE_BYTES = 16 * 1024
MAX_BUNDLE_FILES = 200
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s*(.+?)\s*-----END CERTIFICATE-----", re.DOTALL)

NO_CERTIFICATE = Finding(
    "not_a_certificate",
    Level.ERROR,
    "El archivo no es un certificado.",
    "Sube un .cer (DER o PEM) o un ZIP que los contenga.",
)


class NotACertificate(ValueError):
    """These bytes hold no X.509 certificate with an RSA key."""


class Vouched(StrEnum):
    """Who stands behind a certificate: somebody we trust, nobody we know, or a name that did not sign it."""

    TRUSTED = "trusted"
    UNKNOWN_CA = "unknown_ca"
    FORGED = "forged"


class Certificate:
    """One certificate. `serial` is the twenty digits SAT prints (the hexadecimal number read as ASCII).

    `rfc` is that of its subject (x500UniqueIdentifier), `holder` the name for people; each empty when there is none.
    """

    def __init__(self, der: bytes) -> None:
        """Read DER; raises NotACertificate."""
        if len(der) > MAX_CERTIFICATE_BYTES:
            raise NotACertificate("too large")
        try:
            self._x509 = x509.load_der_x509_certificate(der)
            key = self._x509.public_key()
            self.issuer_der, self.subject_der = names.issuer_and_subject(self._x509.tbs_certificate_bytes)
            self._subject = names.attributes(self.subject_der)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise NotACertificate(str(error)) from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotACertificate("not RSA")
        self.der, self.key = der, key
        # Asked of every file that it signed, so that they are read at once and not behind a lock each.
        self.serial, self.rfc, self.holder = self._serial(), self._rfc(), self._holder()
        self.not_before, self.not_after = self._x509.not_valid_before_utc, self._x509.not_valid_after_utc

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the DER, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    def _serial(self) -> str:
        """Twenty digits for SAT's own certificates; the plain hexadecimal number for any other."""
        number = f"{self._x509.serial_number:x}"
        try:
            digits = bytes.fromhex(number).decode("ascii")
        except ValueError:
            return number
        return digits if digits.isdigit() else number

    def _rfc(self) -> str:
        """The RFC in x500UniqueIdentifier (2.5.4.45), before the slash; empty when there is none."""
        return self._subject.get(names.UNIQUE_IDENTIFIER, "").split("/")[0].strip().upper()

    def _holder(self) -> str:
        """The name for people."""
        raw = self._subject.get(names.ORGANISATION) or self._subject.get(names.COMMON_NAME) or ""
        return raw.replace("\x00", "")[:300]

    @cached_property
    def is_authority(self) -> bool:
        """Whether it may sign other certificates (basic constraints), or signed itself."""
        try:
            return bool(self._x509.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
        except (x509.ExtensionNotFound, ValueError):
            return self.subject_der == self.issuer_der

    def as_json(self) -> dict[str, Any]:
        """What is kept of it when somebody vouches for it: texts, DER as base64, both dates as ISO with their zone."""
        return {
            "serial": self.serial,
            "is_authority": self.is_authority,
            "holder": self.holder,
            "rfc": self.rfc,
            "sha256": self.sha256,
            "der": base64.b64encode(self.der).decode("ascii"),
            "not_before": self.not_before.isoformat(),
            "not_after": self.not_after.isoformat(),
        }

    def valid_at(self, at: datetime) -> bool:
        """Whether an instant lies within its dates, both ends included."""
        return self.not_before <= at <= self.not_after

    def signed(self, message: bytes, signature_base64: str) -> bool:
        """RSA PKCS#1 v1.5 over SHA-256, as SAT prescribes for Sello and SelloSAT."""
        try:
            signature = base64.b64decode("".join(signature_base64.split()), validate=True)
            self.key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def issued(self, other: Certificate) -> bool:
        """Whether this authority's key signed `other`, while this authority was valid."""
        return _issued(self, other)


@lru_cache(maxsize=512)
def _issued(authority: Certificate, other: Certificate) -> bool:
    algorithm = other._x509.signature_hash_algorithm
    if not authority.is_authority or algorithm is None or not authority.valid_at(other.not_before):
        return False
    signed = other._x509.tbs_certificate_bytes
    try:
        authority.key.verify(other._x509.signature, signed, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


@lru_cache(maxsize=512)
def from_der(der: bytes) -> Certificate:
    """Read once per process; raises NotACertificate."""
    return Certificate(der)


@cache
def shipped() -> tuple[Certificate, ...]:
    """The SAT's authorities as satcfdi ships them (until 2022: newer ones are added by an administrator)."""
    bundle = standards.package_folder() / "transform" / "CertsProd.zip"
    return tuple(read_certificates(bundle.read_bytes()))


def read_certificates(content: bytes) -> list[Certificate]:
    """Every certificate in a file: DER, PEM (one or several), base64, or a ZIP of those. Raises NotACertificate."""
    if content.startswith(b"PK\x03\x04"):
        return _from_zip(content)
    blocks = _PEM.findall(content)
    if blocks:
        return [from_der(_decoded(block)) for block in blocks]
    return [from_der(content if content.startswith(b"\x30") else _decoded(content))]


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise NotACertificate("not base64") from error


def _from_zip(content: bytes) -> list[Certificate]:
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for entry in bundle.infolist()[:MAX_BUNDLE_FILES]:
                if (
                    entry.is_dir()
                    or entry.file_size > MAX_CERTIFICATE_BYTES * 4
                    or entry.filename.startswith("__MACOSX")
                ):
                    continue
                inner = bundle.read(entry)
                if not inner.startswith(b"PK\x03\x04"):
                    found += read_certificates(inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise NotACertificate("unreadable ZIP") from error
    if not found:
        raise NotACertificate("empty ZIP")
    return found


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Certificates somebody vouches for: authorities by subject, all of them by fingerprint and serial."""

    authorities: dict[bytes, tuple[Certificate, ...]]
    by_serial: dict[str, Certificate]
    fingerprints: frozenset[str]

    @classmethod
    def of(cls, ders: Iterable[bytes]) -> TrustStore:
        """Build from DER; equal sets are built once per process."""
        return _store(tuple(sorted(set(ders))))

    def vouches_for(self, certificate: Certificate) -> Vouched:
        """Trusted, unknown, or forged: a certificate naming an authority of ours that did not sign it."""
        if certificate.sha256 in self.fingerprints:
            return Vouched.TRUSTED
        named = self.authorities.get(certificate.issuer_der, ())
        if any(authority.issued(certificate) for authority in named):
            return Vouched.TRUSTED
        return Vouched.FORGED if named else Vouched.UNKNOWN_CA

    def stamping(self, serial: str) -> Certificate | None:
        """The PAC certificate with this serial number, if anybody vouched for it; never an authority."""
        return self.by_serial.get(serial)


@lru_cache(maxsize=8)
def _store(ders: Sequence[bytes]) -> TrustStore:
    certificates = [from_der(der) for der in ders]
    authorities: dict[bytes, tuple[Certificate, ...]] = {}
    for certificate in certificates:
        if certificate.is_authority:
            authorities[certificate.subject_der] = (*authorities.get(certificate.subject_der, ()), certificate)
    return TrustStore(
        authorities,
        {certificate.serial: certificate for certificate in certificates if not certificate.is_authority},
        frozenset(certificate.sha256 for certificate in certificates),
    )
