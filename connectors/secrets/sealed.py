"""Encrypted files for a machine without a vault: AES-256-GCM, one file per secret, the key given from outside."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.disk import content_of
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.secrets.store import KEY, LARGEST, checked, variable

VERSION = b"\x01"
NONCE = 12
"""Bytes, new at random for every write (NIST SP 800-38D, 8.2.2: at most 2**32 writes with one key)."""


class SealedFolder:
    """A file that was changed, renamed or sealed with another key is refused, never half read.

    It is written beside and moved in place, and only its owner may read it where the system knows owners.
    """

    def __init__(self, folder: Path, key: Secret) -> None:
        self._folder, self._cipher = folder, _cipher(key)

    def read(self, name: str) -> Secret | None:
        """The secret. Raises ``CannotRun`` (secret_damaged, secret_unreadable)."""
        path = self._path(name)
        try:
            sealed = content_of(path, LARGEST)
        except FileNotFoundError:
            return None
        except OSError as wrong:
            raise _failed("secret_unreadable", name, path, wrong) from wrong
        try:
            nonce, text = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
            return Secret(self._cipher.decrypt(nonce, text, _bound(sealed[:1], name)).decode())
        except (InvalidTag, ValueError):
            pass
        raise CannotRun(Problem(code="secret_damaged", params={"name": name}, detail=str(path)))

    def write(self, name: str, secret: Secret) -> None:
        """Keep it, on the disk before this returns. Raises ``CannotRun`` (secret_unwritable)."""
        path = self._path(name)
        nonce = os.urandom(NONCE)
        sealed = VERSION + nonce + self._cipher.encrypt(nonce, secret.reveal().encode(), _bound(VERSION, name))
        beside = path.with_name(f"{path.name}.{os.getpid()}.{nonce.hex()}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as stream:
                stream.write(sealed)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(beside, path)
        except OSError as wrong:
            beside.unlink(missing_ok=True)
            raise _failed("secret_unwritable", name, path, wrong) from wrong

    def forget(self, name: str) -> None:
        """Remove the file. Raises ``CannotRun`` (secret_unwritable)."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as wrong:
            raise _failed("secret_unwritable", name, path, wrong) from wrong

    def _path(self, name: str) -> Path:
        return self._folder / f"{checked(name)}.sealed"


_BINARY = getattr(os, "O_BINARY", 0)
"""Windows alone knows text files at this level."""


def _cipher(key: Secret) -> AESGCM:
    """256 bits in base64, of either alphabet (RFC 4648)."""
    try:
        bits = Secret(base64.b64decode(key.reveal().translate(str.maketrans("-_", "+/")), validate=True).hex())
    except (binascii.Error, ValueError):
        bits = Secret("")
    if len(bits.reveal()) != 64:
        raise CannotRun(Problem(code="secrets_key_invalid", params={"variable": variable(KEY)}))
    return AESGCM(bytes.fromhex(bits.reveal()))


def _failed(code: str, name: str, path: Path, wrong: OSError) -> CannotRun:
    return CannotRun(Problem(code=code, params={"name": name, "path": str(path)}, detail=str(wrong)))


def _bound(version: bytes, name: str) -> bytes:
    return version + name.encode()
