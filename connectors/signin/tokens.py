"""What a sign-in leaves us with, and how it is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self

from connectors import exact_json
from connectors.secrets.secret import Secret
from connectors.signin.provider import NO_COMPANY, Company, Provider

LONGEST = 100 * 366 * 86_400
"""Seconds that any authorization lasts."""
EARLY = 60.0
"""Seconds before its end from which an access token is no longer used, so that it does not end on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The newest tokens; moments are seconds since 1970 on our clock, counted from when the answer came.

    ``refresh_until`` moves with every renewal, ``hard_until`` does not; ``None`` is not known or never.
    """

    access: Secret
    access_until: float
    refresh: Secret | None = None
    refresh_until: float | None = None
    hard_until: float | None = None
    company: Company = NO_COMPANY

    def fresh(self, now: float) -> bool:
        """Whether the access token can still be used."""
        return now < self.access_until - EARLY

    @property
    def until(self) -> date | None:
        """The last day of the authorisation (UTC), if nobody renews it."""
        ends = [end for end in (self.refresh_until, self.hard_until) if end is not None]
        return datetime.fromtimestamp(min(ends), UTC).date() if ends else None

    @property
    def at_most(self) -> date | None:
        """The last day of the authorisation (UTC) however often it is renewed; ``None`` where none is known."""
        return None if self.hard_until is None else datetime.fromtimestamp(self.hard_until, UTC).date()

    def stored(self) -> Secret:
        """One text for the store, so that access and refresh token are replaced together."""
        return Secret(
            json.dumps(
                {
                    "access": self.access.reveal(),
                    "access_until": self.access_until,
                    "refresh": self.refresh.reveal() if self.refresh else None,
                    "refresh_until": self.refresh_until,
                    "hard_until": self.hard_until,
                    "company": [self.company.id, self.company.name],
                },
                separators=(",", ":"),
            )
        )

    @classmethod
    def of_store(cls, stored: Secret) -> Self:
        """What ``stored`` wrote. Raises ``ValueError``."""
        kept = exact_json.loads(stored.reveal(), secret=frozenset({"access", "refresh"}))
        if not isinstance(kept, dict) or not isinstance(kept.get("access"), Secret):
            raise ValueError("not tokens")  # noqa: TRY004 (of the content, not of an argument)
        return cls(
            access=kept["access"],
            access_until=float(kept["access_until"]),
            refresh=kept["refresh"],
            refresh_until=_moment(kept["refresh_until"]),
            hard_until=_moment(kept["hard_until"]),
            company=Company(id=kept["company"][0], name=kept["company"][1]),
        )

    def after(self, former: Tokens) -> Tokens:
        """These, with what a renewal left standing: a refresh token or an end that the vendor did not send anew."""
        return replace(
            self,
            refresh=self.refresh or former.refresh,
            refresh_until=self.refresh_until or former.refresh_until,
            hard_until=self.hard_until or former.hard_until,
            company=former.company,
        )


def of_answer(answer: object, provider: Provider, now: float) -> Tokens | None:
    """What the token endpoint gave at a moment (RFC 6749, 5.1); ``None`` when it is not that."""
    given = answer if isinstance(answer, dict) else {}
    access, refresh = given.get("access_token"), given.get("refresh_token")
    if not isinstance(access, Secret) or not access or str(given.get("token_type", "bearer")).lower() != "bearer":
        return None
    return Tokens(
        access=access,
        access_until=now + (seconds(given.get("expires_in")) or provider.access_life),
        refresh=refresh if isinstance(refresh, Secret) else None,
        refresh_until=_end(now, seconds(given.get(provider.refresh_life_field)) or provider.refresh_life),
        hard_until=_end(now, seconds(given.get(provider.hard_life_field))),
    )


def _end(now: float, life: float | None) -> float | None:
    return None if life is None else now + life


def _moment(kept: Decimal | int | None) -> float | None:
    return None if kept is None else float(kept)


def seconds(value: object) -> float | None:
    """A life in seconds; some vendors send it as text, and some nothing or 0 where there is no end.

    What is no number, or of more than ``LONGEST``, tells none.
    """
    text = str(value)
    told = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST)) else 0
    return float(told) if 0 < told <= LONGEST else None
