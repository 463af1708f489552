"""What an administrator sets for a QuickBooks Online company; secrets are no settings."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from connectors.secrets.holder import Holder

NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")


class QuickBooksOnlineSettings(BaseModel):
    """Which company, as which application, and where money goes.

    ``company`` is the company id (realm) that QuickBooks shows under "Account and settings"; ``client_id`` the
    application's. The addresses are the vendor's own: https, or http on this very machine for a sandbox.
    ``deposit_account`` is an account's number or name, empty for "Undeposited funds".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Path()
    holder: Holder = Holder()
    company: str = Field(pattern=r"^[0-9]{1,40}$", examples=["9341453908059321"])
    client_id: str = Field(min_length=1)
    api_url: str = "https://quickbooks.api.intuit.com"
    authorize_url: str = "https://appcenter.intuit.com/connect/oauth2"
    token_url: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
    revoke_url: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    web_url: str = "https://app.qbo.intuit.com"
    deposit_account: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where tokens go, each once: the company's data, and the vendor's sign-in."""
        named = (self.api_url, self.token_url, self.revoke_url, self.authorize_url)
        return tuple(dict.fromkeys(address for address in named if address))

    @property
    def sign_in(self) -> str:
        """The name the tokens are kept under."""
        return f"quickbooks-online.{self.company}"

    @property
    def pace(self) -> Path:
        """The file of the calls made: the limits are those of a company and an application together."""
        return self.place / f"pace-{self.company}-{NOT_IN_A_NAME.sub('-', self.client_id.lower())[:60]}.sqlite"

    @property
    def client_secret(self) -> str:
        """The name the application's secret is kept under."""
        return NOT_IN_A_NAME.sub("-", f"quickbooks-online.{self.client_id.lower()}.client-secret")[:120]

    @property
    def place(self) -> Path:
        """The folder of what the sign-in keeps on this machine: a lock, the pace, sealed secrets."""
        return self.folder / "quickbooks-online"
