"""Keys and encryption at rest: one master key list, one derived key per purpose, AES-256-GCM, blind indexes.

`settings.VAULT_KEYS` holds base64 of 32 bytes each, newest first: the newest encrypts, any decrypts. Losing them loses
the data; they never stand in the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4
MARK = "v1."


class SealBroken(Exception):
    """A ciphertext does not belong to any key, or was changed or moved: never shown, always a bug or an attack."""


def decode_master(text: str) -> bytes:
    """32 bytes from base64; a malformed key stops the start."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("VAULT_KEYS o AUDIT_KEY: una llave no es base64.") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"VAULT_KEYS o AUDIT_KEY: una llave mide {len(key)} bytes y debe medir {KEY_BYTES}.")
    return key


def derive(master: bytes, purpose: str) -> bytes:
    """HKDF-SHA256: a separate 32-byte key for each purpose."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"cauce:{purpose}".encode()).derive(master)


@lru_cache(maxsize=64)
def _ring(masters: tuple[str, ...], purpose: str) -> tuple[tuple[bytes, bytes], ...]:
    """(key id, key) per master key, newest first. The id tells the key without revealing it."""
    keys = [derive(decode_master(master), purpose) for master in masters]
    return tuple((hashlib.sha256(b"cauce:id:" + key).digest()[:KEY_ID_BYTES], key) for key in keys)


def _keys(purpose: str) -> tuple[tuple[bytes, bytes], ...]:
    return _ring(tuple(settings.VAULT_KEYS), purpose)


def encrypt(plaintext: bytes, *, purpose: str, bound_to: str) -> bytes:
    """Key id + nonce + AES-256-GCM; `bound_to` (AAD) must be repeated to decrypt."""
    key_id, key = _keys(purpose)[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    return key_id + nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to.encode())


def decrypt(sealed: bytes, *, purpose: str, bound_to: str) -> bytes:
    """The plaintext. Raises SealBroken for an unknown key, a changed byte or another place."""
    nonce, body = sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES], sealed[KEY_ID_BYTES + NONCE_BYTES :]
    for key_id, key in _keys(purpose):
        if hmac.compare_digest(key_id, sealed[:KEY_ID_BYTES]):
            try:
                return AESGCM(key).decrypt(nonce, body, bound_to.encode())
            except InvalidTag as error:
                raise SealBroken(f"{purpose}: the seal does not hold for {bound_to}") from error
    raise SealBroken(f"{purpose}: no key of VAULT_KEYS opens this")


def knows(sealed: bytes, *, purpose: str) -> bool:
    """Whether a key of the list closed this; nothing is opened. The first bytes are enough."""
    return any(hmac.compare_digest(key_id, bytes(sealed[:KEY_ID_BYTES])) for key_id, _key in _keys(purpose))


def is_newest(sealed: bytes, *, purpose: str) -> bool:
    """Whether the newest key made this ciphertext (rotation asks)."""
    return hmac.compare_digest(_keys(purpose)[0][0], sealed[:KEY_ID_BYTES])


def blind_index(value: str, *, purpose: str) -> str:
    """HMAC-SHA256 (64 hex digits) of a canonical value, to find equals without decrypting.

    Made with the oldest key of the list, so that adding a newer key does not lose what was indexed before.
    """
    _key_id, key = _keys(f"index.{purpose}")[-1]
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def new_file_key(file_id: object) -> tuple[bytes, bytes]:
    """(a fresh 32-byte key, the same key wrapped by the newest master key and bound to this file)."""
    key = secrets.token_bytes(KEY_BYTES)
    return key, encrypt(key, purpose="file", bound_to=f"file:{file_id}")


def unwrap(wrapped: bytes, file_id: object) -> bytes:
    """The file's key. Raises SealBroken when it belongs to another file or no key opens it."""
    return decrypt(bytes(wrapped), purpose="file", bound_to=f"file:{file_id}")


def rewrap(wrapped: bytes, file_id: object) -> bytes:
    """The same file key under the newest master key; the file itself is not touched."""
    return encrypt(unwrap(wrapped, file_id), purpose="file", bound_to=f"file:{file_id}")


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that the database only sees encrypted, bound to its model and field. No look-ups: use a blind index.

    The empty text stays empty (nothing to hide), None stays None.
    """

    description = "texto cifrado"

    @property
    def _bound_to(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        """Plain text to what is stored."""
        if value is None or value == "":
            return value
        sealed = encrypt(str(value).encode(), purpose="field", bound_to=self._bound_to)
        return MARK + base64.b64encode(sealed).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """What is stored to plain text."""
        if value is None or value == "":
            return value
        return decrypt(_unpacked(value), purpose="field", bound_to=self._bound_to).decode()

    def resealed(self, stored: str) -> str | None:
        """What is stored, sealed anew by the newest key; None when it is already (rotation asks)."""
        sealed = _unpacked(stored)
        if is_newest(sealed, purpose="field"):
            return None
        plain = decrypt(sealed, purpose="field", bound_to=self._bound_to)
        return MARK + base64.b64encode(encrypt(plain, purpose="field", bound_to=self._bound_to)).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull`: any other comparison would silently never match, since each encryption differs."""
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(f"{self.name} is encrypted: look it up by its blind index")


def _unpacked(stored: str) -> bytes:
    if not stored.startswith(MARK):
        raise SealBroken("an encrypted column holds plain text")
    return base64.b64decode(stored[len(MARK) :])
