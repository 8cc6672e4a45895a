"""
Encryption of single fields, and keyed indexes to look them up exactly.

AES-256-GCM; the name of the field is authenticated, so a ciphertext moved to another column does not open.
An unkeyed hash of an 18-digit ID number is reversed in a second, hence HMAC with a key of its own.
The key file lies in CARETRACK_KEYS, never beside the data (security requirements §3.8).
"""

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models

PREFIX = "v1."
PACKED = "z1."
LONG = 10_000
"""From so many characters on a text is packed before it is sealed."""
NONCE_BYTES = 12


class Unreadable(Exception):
    """A stored value does not open with the present key."""


@lru_cache(maxsize=1)
def _keys() -> tuple[bytes, bytes]:
    path = Path(settings.KEY_DIR) / "fields.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(64))
    raw = bytes.fromhex(path.read_text().strip())
    if len(raw) != 64:
        raise ImproperlyConfigured(f"{path.name} must hold 128 hexadecimal digits")
    return raw[:32], raw[32:]


@lru_cache(maxsize=2)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache(maxsize=2)
def _keyed_hash(key: bytes) -> hmac.HMAC:
    """The hash before its first byte: copied for each value, since setting one up costs more than hashing."""
    return hmac.new(key, digestmod=hashlib.sha256)


def key_fingerprint() -> str:
    """16 hexadecimal digits that tell whether the key file belongs to the data, without telling the key."""
    return hmac.new(_keys()[1], b"caretrack key fingerprint", hashlib.sha256).hexdigest()[:16]


def encrypt(plain: str, *, context: str) -> str:
    """`plain` sealed for `context` (the field's name); empty stays empty so that it can be counted."""
    if plain == "":
        return ""
    if len(plain) < LONG:
        return PREFIX + base64.b64encode(encrypt_bytes(plain.encode(), context=context)).decode()
    packed = encrypt_bytes(zlib.compress(plain.encode(), 1), context=PACKED + context)
    return PACKED + base64.b64encode(packed).decode()


def decrypt(sealed: str, *, context: str) -> str:
    """The plain text. Raises Unreadable if the key or the context is another."""
    if sealed == "":
        return ""
    if not is_sealed(sealed):
        raise Unreadable(f"{context}: not sealed by CareTrack")
    content = base64.b64decode(sealed[len(PREFIX) :])
    if sealed.startswith(PACKED):
        return zlib.decompress(decrypt_bytes(content, context=PACKED + context)).decode()
    return decrypt_bytes(content, context=context).decode()


def is_sealed(value: str) -> bool:
    """True for what `encrypt` has returned."""
    return value[: len(PREFIX)] in (PREFIX, PACKED)


def encrypt_bytes(plain: bytes, *, context: str) -> bytes:
    """Bytes sealed for `context`: nonce, ciphertext, tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(_keys()[0]).encrypt(nonce, plain, context.encode())


def decrypt_bytes(sealed: bytes, *, context: str) -> bytes:
    """The plain bytes. Raises Unreadable if the key or the context is another."""
    try:
        return _cipher(_keys()[0]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except InvalidTag as error:
        raise Unreadable(f"{context}: sealed with another key, or damaged") from error


def blind_index(value: str) -> str:
    """32 hexadecimal digits by which an identifier is found exactly; width and case do not count, empty stays empty."""
    plain = (value if value.isascii() else unicodedata.normalize("NFKC", value)).strip().upper()
    if not plain:
        return ""
    digest = _keyed_hash(_keys()[1]).copy()
    digest.update(plain.encode())
    return digest.hexdigest()[:32]


class EncryptedTextField(models.TextField):
    """Text that the database never sees in clear. It can be tested for emptiness, not searched."""

    description = "encrypted text"

    @property
    def context(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value, context=self.context)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return encrypt(value, context=self.context) if isinstance(value, str) else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"isnull", "exact"}:
            raise FieldError(f"{self.name} is encrypted and cannot be searched with {lookup_name}")
        return super().get_lookup(lookup_name)


class BlindIndexField(models.CharField):
    """
    The keyed index of another field of the same row, kept by the field itself on save and bulk_create.

    With `tail` only the last so many characters are indexed: what people remember of a number.
    """

    def __init__(self, *args: Any, source: str, tail: int = 0, **kwargs: Any) -> None:
        self.source, self.tail = source, tail
        kwargs |= {"max_length": 32, "editable": False, "blank": True, "default": ""}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for given in ("max_length", "editable", "blank", "default"):
            kwargs.pop(given, None)
        return name, path, args, kwargs | {"source": self.source} | ({"tail": self.tail} if self.tail else {})

    def made_of(self, number: str | None) -> str:
        """What the field holds where its source holds `number`."""
        number = number or ""
        return blind_index(number[-self.tail :] if self.tail else number)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.made_of(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, value)
        return value
