"""Where secrets are looked for: the environment, the service manager's files, then the machine's own vault."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from secrets import token_bytes
from typing import Protocol

from connectors.disk import content_of
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,119}")
"""Names are parts of paths and variables, so they may be nothing else."""

KEY = "secrets-key"
"""The name of the key of the encrypted files; given by the environment or the service manager, never stored here."""

RUN_SECRETS = Path("/run/secrets")
LARGEST = 64 * 1024


class SecretStore(Protocol):
    """A place that keeps secrets by name, each written whole or not at all. Raises ``CannotRun``."""

    def read(self, name: str) -> Secret | None:
        """The secret of this name, if there is one."""

    def write(self, name: str, secret: Secret) -> None:
        """Keep it in the place of a former one."""

    def forget(self, name: str) -> None:
        """Remove it; nothing happens if it is not there."""


class Secrets:
    """Every place in their order; what is given from outside is read only, what we learn goes to the vault.

    ``vault`` is asked for only when it is needed: on a machine where everything is given, it need not exist.
    """

    def __init__(self, vault: Callable[[], SecretStore], environ: Mapping[str, str], folders: tuple[Path, ...]) -> None:
        self._open, self._environ, self._folders = vault, environ, folders

    def read(self, name: str) -> Secret | None:
        """The first that is found: environment, files, vault."""
        return self.given(name) or self._vault.read(name)

    def required(self, name: str) -> Secret:
        """The secret of a name, without which nothing works. Raises ``CannotRun`` (secret_missing)."""
        found = self.read(name)
        if found is None:
            raise CannotRun(Problem(code="secret_missing", params={"name": name, "variable": variable(name)}))
        return found

    def write(self, name: str, secret: Secret) -> None:
        """Keep it in the vault. Raises ``CannotRun`` (secret_given) where it would be hidden by what is given."""
        if self.given(name):
            raise CannotRun(Problem(code="secret_given", params={"name": name, "variable": variable(name)}))
        self._vault.write(name, secret)

    def forget(self, name: str) -> None:
        """Remove it from the vault."""
        self._vault.forget(checked(name))

    def given(self, name: str) -> Secret | None:
        """What the environment or the service manager says, without asking the vault."""
        if text := self._environ.get(variable(name), "").strip():
            return Secret(text)
        return next((found for folder in self._folders if (found := _file(folder / name))), None)

    @cached_property
    def _vault(self) -> SecretStore:
        return self._open()


def open_secrets(folder: Path) -> Secrets:
    """The secrets of this machine; ``folder`` holds the encrypted files where a key for them is given."""

    def vault() -> SecretStore:
        if key := secrets.given(KEY):
            return _sealed(folder, key)
        from connectors.secrets.vault import KeyringVault  # slow to import, and not needed where all is given

        return KeyringVault()

    manager = os.environ.get("CREDENTIALS_DIRECTORY")
    secrets = Secrets(vault, os.environ, (*([Path(manager)] if manager else []), RUN_SECRETS))
    return secrets


def new_key() -> dict[str, str]:
    """A new key of encrypted files, as the environment that gives it; none where this copy cannot encrypt.

    Without it secrets are kept in the machine's own vault, which an installed copy for Windows always has.
    """
    if find_spec("cryptography") is None:
        return {}
    return {variable(KEY): base64.b64encode(token_bytes(32)).decode()}


def variable(name: str) -> str:
    """The environment variable of a secret: ``xero.client-secret`` is ``PASSERELLE_XERO_CLIENT_SECRET``."""
    return "PASSERELLE_" + re.sub(r"[.-]", "_", checked(name)).upper()


def checked(name: str) -> str:
    """The name itself. Raises ``ValueError``: names are chosen by us."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a name of a secret: {name!r}")
    return name


def _file(path: Path) -> Secret | None:
    try:
        return Secret(content_of(path, LARGEST)[:LARGEST].decode().strip()) or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as wrong:
        why = type(wrong).__name__
    raise CannotRun(Problem(code="secret_unreadable", params={"name": path.name, "path": str(path)}, detail=why))


def _sealed(folder: Path, key: Secret) -> SecretStore:
    try:
        from connectors.secrets.sealed import SealedFolder  # the only place that needs the package cryptography
    except ModuleNotFoundError as missing:
        raise CannotRun(Problem(code="encryption_missing", params={"module": missing.name or ""})) from missing
    return SealedFolder(folder, key)
