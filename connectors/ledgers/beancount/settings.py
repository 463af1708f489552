"""What an administrator sets for a Beancount book."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

ACCOUNT = r"^[^\W\d_][\w-]*(:[^\W_][\w-]*)+$"
FILE_NAME = r"^[^/\\:\x00\"*?\[\]]+$"


class BeancountSettings(BaseModel):
    """Where the book lies and which of its accounts documents and payments fall to.

    ``book`` is relative to the company's folder; ``file`` lies beside the book, is included by it, and is the only
    file that is ever written. ``receivable`` and ``payable`` have one sub-account per customer and supplier, and
    ``exchange`` takes gains and losses of foreign currency.
    A book runs Beancount's own plugins and reads its own folder; ``plugins`` are others that it may run, by their
    modules' names, ``python_path`` whether from its own folder too, ``includes`` folders that it may read besides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    book: str = Field(
        default="book.beancount",
        min_length=1,
        title="Book",
        description="Your book, in the company's folder; it is made where there is none.",
    )
    file: str = Field(
        default="passerelle.beancount",
        pattern=FILE_NAME,
        title="Our file",
        description="The file beside the book where transfers are written; the book includes it.",
    )
    closing_date: date | None = Field(
        default=None,
        title="Closing date",
        description="Nothing is booked on this day or before; empty means that nothing is closed.",
        examples=["2025-12-31"],
    )
    receivable: str = Field(
        default="Assets:AccountsReceivable",
        pattern=ACCOUNT,
        title="Receivable account",
        description="Has one sub-account for each customer.",
    )
    payable: str = Field(
        default="Liabilities:AccountsPayable",
        pattern=ACCOUNT,
        title="Payable account",
        description="Has one sub-account for each supplier.",
    )
    deposit: str = Field(
        default="Assets:UndepositedFunds",
        pattern=ACCOUNT,
        title="Deposit account",
        description="Where money goes until it is at the bank.",
    )
    exchange: str = Field(
        default="Income:ExchangeGains",
        pattern=ACCOUNT,
        title="Exchange account",
        description="Takes gains and losses of foreign currency.",
    )

    plugins: tuple[str, ...] = ()
    python_path: bool = False
    includes: tuple[str, ...] = ()

    @field_validator("plugins", "includes", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """The command line gives several as one text, separated by commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that the book may read: its own, and what is allowed besides."""
        return (self.book_path.parent, *(self.folder / path for path in self.includes))

    @property
    def book_path(self) -> Path:
        """The book that a person keeps."""
        return self.folder / self.book

    @property
    def file_path(self) -> Path:
        """The file beside it that we append to; a symbolic link is followed, so that it stays one."""
        return Path(os.path.realpath(self.book_path.parent / self.file))  # which stands a link that leads round
