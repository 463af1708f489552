"""What an administrator sets for a Tryton company."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from connectors.secrets.holder import Holder

NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")


class TrytonSettings(BaseModel):
    """Where Tryton answers, as whom we sign in, and which of its accounts documents and payments fall to.

    ``url`` is https, or http on this very machine. ``company`` is a company's name in Tryton; empty means the only one
    that the user works for. ``receivable``, ``payable`` and ``deposit`` are account codes; the first two are empty
    for the default accounts of Tryton's own configuration, and ``exchange`` is empty for its accounts of exchange gains
    and losses. The password is no setting: it lies in the secret store, under the name ``secret``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Path()
    holder: Holder = Holder()
    url: str = Field(
        default="http://127.0.0.1:8000",
        title="Address of Tryton",
        description="Begins with https://, or with http:// where Tryton runs on this very machine.",
        examples=["https://tryton.example.org"],
    )
    database: str = Field(
        default="tryton", min_length=1, title="Database", description="As the sign-in window of Tryton names it."
    )
    user: str = Field(
        default="admin", min_length=1, title="User", description="The user of Tryton as whom Passerelle books."
    )
    company: str = Field(
        default="",
        title="Company in Tryton",
        description="Its name there; empty means the only one that the user works for.",
        examples=["Northern Trails Association"],
    )
    receivable: str = Field(
        default="",
        title="Receivable account",
        description="An account's code; empty means the default account of Tryton's configuration.",
        examples=["1100"],
    )
    payable: str = Field(
        default="",
        title="Payable account",
        description="An account's code; empty means the default account of Tryton's configuration.",
        examples=["2100"],
    )
    deposit: str = Field(
        default="1050",
        min_length=1,
        title="Deposit account",
        description="The code of the account where money goes.",
    )
    exchange: str = Field(
        default="",
        title="Exchange account",
        description="Takes gains and losses of foreign currency; empty means Tryton's accounts for that.",
        examples=["7200"],
    )

    @property
    def place(self) -> Path:
        """The folder of what is kept on this machine for this ledger: sealed secrets."""
        return self.folder / "tryton"

    @property
    def secret(self) -> str:
        """The name the password is kept under: ``tryton.<host>.<port>.<database>.<user>``."""
        parts = urlsplit(self.url)
        port = str(parts.port or {"https": 443}.get(parts.scheme, 80))
        name = ".".join(("tryton", parts.hostname or "", port, self.database, self.user))
        return NOT_IN_A_NAME.sub("-", name.lower())[:120]
