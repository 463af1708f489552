"""The machine's own vault through ``keyring``: Windows Credential Manager, macOS Keychain, Secret Service."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import Windows
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError

from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.secrets.store import checked

Told = TypeVar("Told")

USER = "passerelle"
REFUSED_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
REFUSED_CLASSES = frozenset({"PlaintextKeyring"})

LARGEST_ENTRY = 2560
"""Bytes of one entry of the Windows Credential Manager (CRED_MAX_CREDENTIAL_BLOB_SIZE), which keeps UTF-16."""
PART = LARGEST_ENTRY // 4
"""Characters of a part: at most two UTF-16 units of two bytes each."""

WHOLE = "whole:"
PARTS = re.compile(r"parts:(?P<mark>[0-9a-f]{32}):(?P<count>[0-9]{1,3}):(?P<digest>[0-9a-f]{64})")
"""What the first entry of a secret holds: the secret itself, or how many parts it lies in and their SHA-256."""


_SYSTEM = getattr(Windows, "pywintypes", None)
TROUBLE: tuple[type[Exception], ...] = (KeyringError, OSError, *([_SYSTEM.error] if _SYSTEM else []))
"""What a backend raises: its own, and the system's where it lets them through (Windows 1312: a task runs while nobody
is logged on)."""


class KeyringVault:
    """Secrets of any length: a long one lies in parts, and counts from the moment its first entry names them.

    Every entry has its own service name: the Windows backend moves entries about when two share one.
    """

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._backend = trusted(backend or keyring.get_keyring())

    def read(self, name: str) -> Secret | None:
        """The secret; looked up again when another process replaced it meanwhile. Raises ``CannotRun``."""
        for _ in range(3):
            head = self._get(checked(name))
            if head is None:
                return None
            if head.reveal().startswith(WHOLE):
                return Secret(head.reveal().removeprefix(WHOLE))
            if whole := self._joined(name, head):
                return whole
        raise CannotRun(Problem(code="secret_damaged", params={"name": name}))

    def write(self, name: str, secret: Secret) -> None:
        """Parts first, then the entry that names them, then the former parts are removed. Raises ``CannotRun``."""
        former = self._get(checked(name))
        if len(WHOLE + secret.reveal()) <= PART:
            self._set(name, Secret(WHOLE + secret.reveal()))
        else:
            mark, count = uuid.uuid4().hex, -(-len(secret.reveal()) // PART)
            for part in range(count):
                self._set(f"{name}/{mark}/{part}", Secret(secret.reveal()[part * PART : (part + 1) * PART]))
            self._set(name, Secret(f"parts:{mark}:{count}:{_digest(secret)}"))
        self._remove(_parts(name, former))

    def forget(self, name: str) -> None:
        """Remove the secret and its parts. Raises ``CannotRun``."""
        self._remove([name, *_parts(name, self._get(checked(name)))])

    def _joined(self, name: str, head: Secret) -> Secret | None:
        parts = [self._get(entry) for entry in _parts(name, head)]
        whole = Secret("".join(part.reveal() for part in parts if part))
        named = PARTS.fullmatch(head.reveal())
        return whole if named and named["digest"] == _digest(whole) else None

    def _remove(self, entries: Iterable[str]) -> None:
        for entry in entries:
            if self._get(entry) is not None:
                self._asked(partial(_delete, service=_service(entry)))

    def _get(self, entry: str) -> Secret | None:
        return self._asked(lambda vault: _concealed(vault.get_password(_service(entry), USER)))

    def _set(self, entry: str, secret: Secret) -> None:
        self._asked(lambda vault: vault.set_password(_service(entry), USER, secret.reveal()))

    def _asked(self, question: Callable[[KeyringBackend], Told]) -> Told:
        """The vault's answer; its own exception is dropped, because its frames hold the secret."""
        try:
            return question(self._backend)
        except TROUBLE as wrong:
            why = type(wrong).__name__
        raise CannotRun(Problem(code="vault_locked", params={"vault": self._backend.name}, detail=why))


def trusted(backend: KeyringBackend) -> KeyringBackend:
    """The backend, or the first of a chain, that really protects. Raises ``CannotRun`` (vault_missing)."""
    candidates = list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]
    for candidate in candidates:
        kind = type(candidate)
        if not kind.__module__.startswith(REFUSED_MODULES) and kind.__name__ not in REFUSED_CLASSES:
            return candidate
    raise CannotRun(Problem(code="vault_missing", params={"vault": backend.name}))


def _parts(name: str, head: Secret | None) -> list[str]:
    """The entries of the parts that a first entry names."""
    named = PARTS.fullmatch(head.reveal()) if head else None
    return [f"{name}/{named['mark']}/{part}" for part in range(int(named["count"]))] if named else []


def _delete(vault: KeyringBackend, service: str) -> None:
    vault.delete_password(service, USER)


def _concealed(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _service(entry: str) -> str:
    return f"Passerelle/{entry}"


def _digest(secret: Secret) -> str:
    return hashlib.sha256(secret.reveal().encode()).hexdigest()
