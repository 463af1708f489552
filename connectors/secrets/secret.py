"""A text that never shows itself: not in a message, a log, a traceback with its locals, a pickle or JSON."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import NoReturn, Self, SupportsIndex

MASK = "***"

FIELDS = frozenset(
    {"access_token", "refresh_token", "id_token", "client_secret", "code_verifier", "device_code", "password"}
)
"""Names under which OAuth 2 (RFC 6749, 7636, 8628) carries what must not be seen."""


class Secret:
    """A secret text; ``reveal()`` is the only way to it, and is called where it leaves and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; never keep it in a variable."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce_ex__(self, _: SupportsIndex) -> NoReturn:
        raise TypeError("a secret is not pickled")


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")


def without(text: str, secrets: Iterable[Secret]) -> str:
    """Another system's words without these secrets, should it repeat them; of a header, its last word is enough."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal().rpartition(" ")[2], MASK)
    return text
