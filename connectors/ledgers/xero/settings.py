"""What an administrator sets for a Xero organisation."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from connectors.rest.settings import RestSettings


class XeroSettings(RestSettings):
    """Which organisation, as which application, and where money goes.

    ``company`` is the organisation's tenant id, which the sign-in lists; ``deposit_account`` the code or name of a bank
    account, empty for the first one. ``connections_url`` lists the organisations that a person opened to us. The calls
    are those of an organisation and an application together (limits): they differ by plan.
    """

    ledger: ClassVar[str] = "xero"

    company: str = Field(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        title="Organisation id",
        description="Xero's own id of the organisation (tenant id), which its page for developers lists.",
        examples=["7f2a1c3e-0000-4000-8000-000000000001"],
    )
    api_url: str = "https://api.xero.com"
    authorize_url: str = "https://login.xero.com/identity/connect/authorize"
    token_url: str = "https://identity.xero.com/connect/token"  # noqa: S105 - an address
    revoke_url: str = "https://identity.xero.com/connect/revocation"
    web_url: str = "https://go.xero.com"
    connections_url: str = "https://api.xero.com/connections"
    deposit_account: str = Field(
        default="",
        title="Bank account",
        description="The code or name of the bank account where money goes; empty means the first one.",
        examples=["090"],
    )
    calls_a_minute: int = Field(
        default=60,
        ge=1,
        title="Calls a minute",
        description="How many calls a minute Xero takes for your organisation.",
        examples=["60"],
    )
    calls_a_day: int = Field(
        default=5000,
        ge=1000,
        title="Calls a day",
        description="How many calls a day Xero takes for your organisation; its smallest plan takes 1,000.",
        examples=["1000"],
    )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those of any sign-in, and the list of the organisations that it opened."""
        return (*super().addresses, self.connections_url)
