"""What an administrator sets for a QuickBooks Online company; secrets are no settings."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from connectors.rest.settings import RestSettings


class QuickBooksOnlineSettings(RestSettings):
    """Which company, as which application, and where money goes.

    ``company`` is the company id (realm) that QuickBooks shows under "Account and settings"; ``deposit_account`` an
    account's number or name, empty for "Undeposited funds". ``redirect`` is to be registered as it stands: keys for
    production take no address but https, keys for development localhost too, each with its port (set redirect URI).
    """

    ledger: ClassVar[str] = "quickbooks-online"

    company: str = Field(
        pattern=r"^[0-9]{1,40}$",
        title="Company id",
        description="The number that QuickBooks shows under Account and settings, Billing and subscription.",
        examples=["9341453908059321"],
    )
    api_url: str = "https://quickbooks.api.intuit.com"
    authorize_url: str = "https://appcenter.intuit.com/connect/oauth2"
    token_url: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
    revoke_url: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    web_url: str = "https://app.qbo.intuit.com"
    redirect: str = Field(
        default="http://localhost:8712/callback",
        title="Redirect address",
        description="As it is registered with the keys; those for production take https alone, and any page of yours.",
        examples=["https://www.example.org/quickbooks"],
    )
    deposit_account: str = Field(
        default="",
        title="Deposit account",
        description="The number or name of the account where money goes; empty means Undeposited Funds.",
        examples=["1050"],
    )
