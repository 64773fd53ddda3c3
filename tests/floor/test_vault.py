"""Keys, encrypted columns, blind indexes, file keys (PR-05)."""

import base64
import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from portal import vault
from portal.vault import EncryptedTextField, SealBroken, blind_index, new_file_key, rewrap, unwrap

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


class Secret(models.Model):
    clabe = EncryptedTextField()
    other = EncryptedTextField(null=True)

    class Meta:
        app_label = "floor_tests"


FIELD, OTHER = Secret._meta.get_field("clabe"), Secret._meta.get_field("other")


@pytest.fixture(autouse=True)
def one_key(settings):
    settings.VAULT_KEYS = [OLD]


def read(field, stored):
    return field.from_db_value(stored, None, None)


def test_a_column_holds_nothing_readable_and_reads_back():
    stored = FIELD.get_prep_value("032180000118359719")
    assert "0321" not in stored
    assert stored != FIELD.get_prep_value("032180000118359719")
    assert read(FIELD, stored) == "032180000118359719"
    assert read(FIELD, FIELD.get_prep_value("ñandú 🦤")) == "ñandú 🦤"


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_stays_nothing(empty):
    assert FIELD.get_prep_value(empty) == empty
    assert read(FIELD, empty) == empty


def test_a_ciphertext_moved_to_another_column_or_changed_is_refused():
    stored = FIELD.get_prep_value("secreto")
    with pytest.raises(SealBroken):
        read(OTHER, stored)
    raw = bytearray(base64.b64decode(stored[3:]))
    for place in (0, 5, 20, -1):
        changed = raw.copy()
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            read(FIELD, "v1." + base64.b64encode(bytes(changed)).decode())
    with pytest.raises(SealBroken, match="plain text"):
        read(FIELD, "032180000118359719")
    with pytest.raises(SealBroken):
        vault.decrypt(b"", purpose="field", bound_to="x")


def test_after_a_rotation_the_newest_encrypts_and_any_decrypts(settings):
    before = vault.encrypt(b"x", purpose="field", bound_to="a")
    settings.VAULT_KEYS = [NEW, OLD]
    after = vault.encrypt(b"x", purpose="field", bound_to="a")
    assert (
        vault.decrypt(before, purpose="field", bound_to="a")
        == vault.decrypt(after, purpose="field", bound_to="a")
        == b"x"
    )
    assert not vault.is_newest(before, purpose="field")
    assert vault.is_newest(after, purpose="field")
    settings.VAULT_KEYS = [NEW]
    with pytest.raises(SealBroken, match="no key"):
        vault.decrypt(before, purpose="field", bound_to="a")


def test_a_blind_index_finds_equals_per_purpose_and_outlives_a_new_key(settings):
    index = blind_index("032180000118359719", purpose="clabe")
    assert len(index) == 64
    assert index == blind_index("032180000118359719", purpose="clabe")
    assert index != blind_index("032180000118359719", purpose="curp")
    settings.VAULT_KEYS = [NEW, OLD]
    assert index == blind_index("032180000118359719", purpose="clabe")


def test_a_file_key_is_bound_to_its_file_and_rewrapped_by_the_newest(settings):
    key, wrapped = new_file_key("file-1")
    assert len(key) == 32
    assert unwrap(wrapped, "file-1") == unwrap(memoryview(wrapped), "file-1") == key
    with pytest.raises(SealBroken):
        unwrap(wrapped, "file-2")
    settings.VAULT_KEYS = [NEW, OLD]
    again = rewrap(wrapped, "file-1")
    assert vault.is_newest(again, purpose="file")
    settings.VAULT_KEYS = [NEW]
    assert unwrap(again, "file-1") == key


def test_each_purpose_has_its_own_key():
    master = secrets.token_bytes(32)
    assert len({vault.derive(master, purpose) for purpose in ("a", "b", "c")}) == 3


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), "", "ñ"])
def test_a_malformed_key_stops_the_start(text):
    with pytest.raises(ImproperlyConfigured):
        vault.decode_master(text)


def test_an_encrypted_column_is_not_compared_but_by_its_index():
    with pytest.raises(TypeError, match="blind index"):
        Secret.objects.filter(clabe="x")
    str(Secret.objects.filter(other__isnull=True).query)
