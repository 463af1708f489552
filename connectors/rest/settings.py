"""What an administrator sets for any company that is signed in to, and the names that follow from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from connectors.secrets.holder import Holder

HERE = ("localhost", "127.0.0.1")
NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")


class RestSettings(BaseModel):
    """Which company, as which application, and where; secrets are no settings.

    ``company`` is the vendor's own id of the company, ``client_id`` the application's. The addresses are the vendor's
    own: https, or http on this very machine for a sandbox. ``ledger`` is the name of the ledger's folder.
    ``redirect`` is the address registered with the vendor where a person comes back to after consenting: a port of this
    machine, which listens there, or any page, whose address the person pastes; empty takes a free port.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ledger: ClassVar[str]

    folder: Path = Path()
    holder: Holder = Holder()
    company: str
    client_id: str = Field(
        min_length=1,
        title="Client id",
        description="The name under which the vendor knows your registration of Passerelle; it is no secret.",
        examples=["ABc1dEfGh2iJkLmNoPqRsTuVwXyZ"],
    )
    api_url: str
    authorize_url: str
    token_url: str
    revoke_url: str
    web_url: str
    redirect: str = Field(
        default="",
        title="Redirect address",
        description="Where the browser comes back to, as it is registered with the vendor; empty takes a free port.",
        examples=["http://localhost:8712/callback"],
    )
    deposit_account: str = ""

    @field_validator("redirect")
    @classmethod
    def _comes_back(cls, address: str) -> str:
        parts = urlsplit(address)
        at_home = parts.scheme == "http" and parts.hostname in HERE and parts.port and parts.path.strip("/")
        if address and not (at_home or (parts.scheme == "https" and parts.hostname)):
            raise PydanticCustomError("redirect_address", "no redirect address")
        return address

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where tokens go, each once: the company's data, and the vendor's sign-in."""
        named = (self.api_url, self.token_url, self.revoke_url, self.authorize_url)
        return tuple(dict.fromkeys(address for address in named if address))

    @property
    def sign_in(self) -> str:
        """The name the tokens are kept under."""
        return f"{self.ledger}.{self.company}".lower()

    @property
    def pace(self) -> Path:
        """The file of the calls made: the limits are those of a company and an application together."""
        return self.place / f"pace-{self.company}-{NOT_IN_A_NAME.sub('-', self.client_id.lower())[:60]}.sqlite"

    @property
    def client_secret(self) -> str:
        """The name the application's secret is kept under."""
        return NOT_IN_A_NAME.sub("-", f"{self.ledger}.{self.client_id.lower()}.client-secret")[:120]

    @property
    def place(self) -> Path:
        """The folder of what the sign-in keeps on this machine: a lock, the pace, sealed secrets."""
        return self.folder / self.ledger
