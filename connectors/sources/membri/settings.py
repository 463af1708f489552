"""What an administrator sets for a chapter of Membri 365."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.secrets.holder import Holder
from connectors.sources.tables.writing import Writing

NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")
Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class MembriSettings(BaseModel):
    """Which environment and chapter, as which application; its secret is no setting.

    ``url`` is the address one signs in to Membri at, ``tenant`` the directory of Entra that the application is
    registered in, ``chapter`` the chapter's name. ``mapping`` is the file of their names, in the company's folder: the
    first Connect puts the commented one there. ``page_size`` is how many rows are asked for at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Path()
    holder: Holder = Holder()
    url: str = Field(
        min_length=1,
        title="Address of Membri 365",
        description="The address where you sign in to Membri 365.",
        examples=["https://association.crm3.dynamics.com"],
    )
    tenant: Guid = Field(
        title="Directory id",
        description="The directory (tenant) of Microsoft Entra that the application is registered in.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    client_id: Guid = Field(
        title="Client id",
        description="The application's id in Microsoft Entra; it is no secret.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    chapter: str = Field(
        min_length=1,
        title="Chapter",
        description="The chapter's name, as the configuration of Membri 365 shows it.",
        examples=["Northern chapter"],
    )
    mapping: str = "membri.toml"
    currency: str = Field(default="CAD", pattern="^[A-Z]{3}$")
    page_size: int = Field(default=5000, ge=1, le=5000)
    login_url: str = "https://login.microsoftonline.com"

    @property
    def writing(self) -> Writing:
        """How JSON writes amounts and dates."""
        return Writing(currency=self.currency)

    @property
    def mapping_file(self) -> Path:
        """Where their names stand."""
        return self.folder / self.mapping

    # --- what a sign-in is made of (``connectors.rest.session.SignedIn``)

    @property
    def api_url(self) -> str:
        """Where the token goes."""
        return self.url

    @property
    def token_url(self) -> str:
        """Where it is given (Entra, OAuth 2.0 client credentials)."""
        return f"{self.login_url.rstrip('/')}/{self.tenant}/oauth2/v2.0/token"

    @property
    def revoke_url(self) -> str:
        """Nowhere: a client's token ends by itself."""
        return ""

    @property
    def redirect(self) -> str:
        """Nobody is sent anywhere."""
        return ""

    @property
    def sign_in(self) -> str:
        """The name the token is kept under."""
        return f"membri.{self.client_id}".lower()

    @property
    def client_secret(self) -> str:
        """The name the application's secret is kept under."""
        return f"membri.{self.client_id}.client-secret".lower()

    @property
    def place(self) -> Path:
        """The folder of what the sign-in keeps on this machine."""
        return self.folder / "membri"

    @property
    def pace(self) -> Path:
        """The file of the calls made: the limits are those of an application in an environment."""
        host = NOT_IN_A_NAME.sub("-", self.url.lower())[:60]
        return self.place / f"pace-{host}-{self.client_id.lower()}.sqlite"
