"""A test authority, its PAC and certificates for made-up people. Trusted by the demo and the tests only.

Keys are derived from public labels, so that every process of the demo makes the same ones: they protect nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

PAC_RFC, PAC_SERIAL = "PDC200101AB1", "30001000000900000001"
_EXPONENT = 65537
_SMALL_PRIMES = [p for p in range(3, 2000, 2) if all(p % q for q in range(3, int(p**0.5) + 1, 2))]
# How many odd numbers before it are none: the search takes a second, and each process of the demo makes these keys.
_STEPS = {
    "Autoridad de pruebas Cauce/p": 194,
    "Autoridad de pruebas Cauce/q": 84,
    "PAC de demostración Cauce/q": 250,
    "csd/p": 824,
    "somebody else/q": 839,
}
_FROM, _TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Signer:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    serial: str

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)


def trust_der() -> list[bytes]:
    """The test authority and its PAC: what the demo and the tests put in the trust store."""
    return [authority().der, pac().der]


@cache
def authority(label: str = "Autoridad de pruebas Cauce") -> Signer:
    """The test authority; another label makes another authority with the same duties."""
    key = _key(label)
    name = _name(label, "")
    builder = _certificate(name, name, key, "30001000000900000000", _FROM, _TO)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Signer(key, builder.sign(key, hashes.SHA256()), "30001000000900000000")


@cache
def pac(label: str = "PAC de demostración Cauce", serial: str = PAC_SERIAL) -> Signer:
    """Who stamps; another label and serial make a PAC that nobody knows."""
    return _issued(label, PAC_RFC, serial, _key(label), _FROM, _TO, authority())


@cache
def holder(
    rfc: str,
    name: str,
    *,
    valid_from: datetime = _FROM,
    valid_to: datetime = _TO,
    by: str = "Autoridad de pruebas Cauce",
    forged: bool = False,
) -> Signer:
    """The seal certificate (CSD) of a person or company. `forged`: names the authority but is not signed by it."""
    serial = "3000100000" + str(int(hashlib.sha256(f"{rfc}{valid_to}{by}".encode()).hexdigest(), 16))[-10:]
    signer = authority(by)
    if forged:
        signer = Signer(_key("somebody else"), signer.certificate, signer.serial)
    return _issued(name, rfc, serial, _key("csd"), valid_from, valid_to, signer)


def _issued(  # noqa: PLR0917 - the fields of a certificate
    name: str, rfc: str, serial: str, key: rsa.RSAPrivateKey, start: datetime, end: datetime, by: Signer
) -> Signer:
    builder = _certificate(_name(name, rfc), by.certificate.subject, key, serial, start, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return Signer(key, builder.sign(by.key, hashes.SHA256()), serial)


def _certificate(  # noqa: PLR0917 - the fields of a certificate
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, serial: str, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int(serial.encode("ascii").hex(), 16))
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _name(name: str, rfc: str) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
    ]
    if rfc:
        parts.append(x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, rfc))
    return x509.Name(parts)


@cache
def _key(label: str) -> rsa.RSAPrivateKey:
    """A 2048-bit key that depends on the label only."""
    p, q = _prime(f"{label}/p"), _prime(f"{label}/q")
    if p < q:
        p, q = q, p
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


def _prime(label: str) -> int:
    """The first probable prime after a number spun from the label, fit for our exponent."""
    number = int.from_bytes(hashlib.shake_256(label.encode()).digest(128), "big") | 1 | 3 << 1022
    number += 2 * _STEPS.get(label, 0)
    while any(number % p == 0 for p in _SMALL_PRIMES) or pow(2, number - 1, number) != 1 or number % _EXPONENT == 1:
        number += 2
    return number
