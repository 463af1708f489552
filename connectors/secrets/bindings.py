"""What a secret is for: the company it was entered for and the hosts it may go to, kept apart from the secret.

A secret goes to the hosts it was entered for and to no other: in the person's own homes to whichever company names
them, in a home that had to be confirmed to the very company it was entered for. One that an earlier release kept, or
that comes from outside, is bound by its first use in a home of the person's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter

from connectors import private
from connectors.hosts import PORTS, is_loopback
from connectors.problems import CannotRun, Problem
from connectors.secrets.holder import Holder
from connectors.secrets.secret import Secret
from connectors.secrets.store import SecretStore

THIS_MACHINE = "this machine"
"""How every loopback address is noted: its ports change, and nothing leaves."""

FILE = "secrets.json"


class Binding(BaseModel):
    """What one secret is for."""

    model_config = ConfigDict(frozen=True)

    home: str
    company: str
    hosts: tuple[str, ...]


BINDINGS: TypeAdapter[dict[str, tuple[Binding, ...]]] = TypeAdapter(dict[str, tuple[Binding, ...]])


class Store(SecretStore, Protocol):
    """A place of secrets that also knows what is given from outside."""

    def required(self, name: str) -> Secret:
        """The secret, where nothing works without it. Raises ``CannotRun`` (secret_missing)."""


class BoundSecrets:
    """The secrets of one holder for the addresses that its settings name, and for no other."""

    def __init__(self, secrets: Store, holder: Holder, addresses: Iterable[str]) -> None:
        self._secrets, self._holder = secrets, holder
        self._hosts = hosts(addresses)

    def read(self, name: str) -> Secret | None:
        """The secret. Raises ``CannotRun`` (secret_elsewhere) where it was entered for other hosts or another."""
        secret = self._secrets.read(name)
        if secret:
            allow(name, self._holder, self._hosts)
        return secret

    def required(self, name: str) -> Secret:
        """A secret without which nothing works. Raises ``CannotRun`` (secret_missing)."""
        return self.read(name) or self._secrets.required(name)

    def write(self, name: str, secret: Secret) -> None:
        """Keep it for this holder and these hosts."""
        self._secrets.write(name, secret)
        bind(name, self._holder, self._hosts)

    def forget(self, name: str) -> None:
        """Remove it, and what it was for."""
        self._secrets.forget(name)
        release(name)


def hosts(addresses: Iterable[str]) -> tuple[str, ...]:
    """The hosts and ports of addresses, each once; every loopback address is this machine."""
    return tuple(sorted({_host(address) for address in addresses if address}))


def allow(name: str, holder: Holder, wanted: Sequence[str]) -> None:
    """Let a secret be used for these hosts. Raises ``CannotRun`` (secret_elsewhere)."""
    known = bindings().get(name, ())
    mine = _binding(holder, wanted)
    if holder.own and (not known or any(set(wanted) <= set(each.hosts) for each in known)):
        if mine not in known:
            _note(name, *known, mine)
        return
    if any((each.home, each.company) == (mine.home, mine.company) and set(wanted) <= set(each.hosts) for each in known):
        return
    kept = sorted({host for each in known for host in each.hosts})
    params = {"name": name, "hosts": ", ".join(wanted), "kept": ", ".join(kept) or "?"}
    raise CannotRun(Problem(code="secret_elsewhere" if kept else "secret_unbound", params=params))


def bind(name: str, holder: Holder, wanted: Sequence[str]) -> None:
    """A secret that was entered anew is for this alone."""
    _note(name, _binding(holder, wanted))


def release(name: str) -> bool:
    """Forget what a secret is for; whether that was known."""
    known = bindings()
    if name in known:
        with suppress(OSError):
            _keep({other: binding for other, binding in known.items() if other != name})
    return name in known


def bindings() -> Mapping[str, tuple[Binding, ...]]:
    """What each secret is for. Raises ``CannotRun`` (trust_damaged)."""
    path = private.person_place() / FILE
    try:
        return BINDINGS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise CannotRun(Problem(code="trust_damaged", params={"path": str(path)}, detail=str(wrong))) from wrong


def _binding(holder: Holder, wanted: Sequence[str]) -> Binding:
    return Binding(home=holder.home, company=holder.company, hosts=tuple(wanted))


def _note(name: str, *known: Binding) -> None:
    with suppress(OSError):  # a service's account may have no place of its own; its home is trusted all the same
        _keep({**bindings(), name: known})


def _keep(known: Mapping[str, tuple[Binding, ...]]) -> None:
    path = private.person_place() / FILE
    shown = {name: [each.model_dump(mode="json") for each in known[name]] for name in sorted(known)}
    private.write(path, json.dumps(shown, indent=1, ensure_ascii=False) + "\n")


def _host(address: str) -> str:
    """``host:port`` of an address; what is none stands for itself and is no other's."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return address
    return THIS_MACHINE if is_loopback(host) else f"{host}:{port}"
