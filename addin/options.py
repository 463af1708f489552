"""How a company synchronizes: one field per row of the Settings sheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbook.layout import Language, caption_of, code_of


class Recognise(StrEnum):
    """When dues in advance become revenue: once they are paid in full, or in proportion to what is paid."""

    PAID_IN_FULL = "paid_in_full"
    IN_PROPORTION = "in_proportion"


CHOICES_OF: dict[object, str] = {bool: "yes_no", Recognise: "recognise"}
"""The list of captions that a setting's value is one of, by its type."""


class Options(BaseModel):
    """The rules a company chooses; every default is the cautious one (Membri 365, accounting system settings)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new_account_default: bool = False
    """Default value of "New account for sync" for accounts that nothing in the ledger resembles."""
    dues_when_paid: bool = False
    """Membership and renewal invoices wait until they are paid."""
    all_when_paid: bool = False
    """Every invoice waits until it is paid."""
    require_sent: bool = True
    """An invoice must be marked as sent to its customer first."""
    days_ahead: int = Field(default=90, ge=1)
    """A document or payment that is dated more days ahead than this waits until its day is confirmed."""
    entries_until: date | None = None
    """Deferred revenue is transferred for dates up to this one; empty means today."""
    recognise: Recognise = Recognise.PAID_IN_FULL
    """Deferred revenue is recognised once its document is paid in full, or in proportion to what is paid."""
    difference_limit: Decimal = Field(default=Decimal("0.05"), ge=0)
    """How far a total computed by the ledger may be from the source's before it counts as an error."""
    tax_cents: int = Field(default=2, ge=1)
    """How many cents (of the currency's smallest unit) a tax may be from its rate and still leave, and be told of."""
    tax_doubts_stop: bool = False
    """A document whose taxes are in doubt is held: an exempt account taxed, a tax group whose category or province of
    supply says otherwise. Without, it is told of and leaves."""
    pulls_are_whole: bool = True
    """What a pull does not show any more was deleted in the source; without, a file may show a part of it."""
    undo_reverses_today: bool = True
    """Undoing what lies in a closed or filed period reverses it today; without, on its own day."""
    filed_until: date | None = None
    """The last day of what was filed (a tax return, an auditor's file), be it closed in the ledger or not."""
    look_up_at_check: bool = True
    """Check asks the ledger for what was typed and for what it has already; without, only Sync does."""
    sync_documents: int | None = Field(default=None, ge=1)
    """How many documents one Sync takes; what is left waits for the next one. Empty takes all."""
    auto_sync_documents: int = Field(default=5, ge=1)
    """How many documents Auto sync transfers before it looks for new ones (AutoVu, "Sync in use": batches of 5)."""
    auto_sync_minutes: int = Field(default=20, ge=1)
    """How long Auto sync goes on (same source: up to 20 minutes)."""
    idle_minutes: int = Field(default=20, ge=1)
    """How long a connection to the ledger stays open without being used (same source: approximately 20 minutes)."""

    @field_validator(
        "new_account_default",
        "dues_when_paid",
        "all_when_paid",
        "require_sent",
        "tax_doubts_stop",
        "pulls_are_whole",
        "undo_reverses_today",
        "look_up_at_check",
        mode="before",
    )
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        code = code_of("yes_no", value) if isinstance(value, str) else None
        return value if code is None else code == "yes"

    @field_validator("recognise", mode="before")
    @classmethod
    def _by_caption(cls, value: object) -> object:
        return (code_of("recognise", value) if isinstance(value, str) else None) or value

    @field_validator("difference_limit", mode="before")
    @classmethod
    def _decimal_comma(cls, value: object) -> object:
        return value.replace(",", ".") if isinstance(value, str) else value


def under(options: Options, rules: Mapping[str, bool]) -> Options:
    """A company's options with what its source sets, where the company itself left the default."""
    default = Options()
    silent = [
        name for name in rules if name in Options.model_fields and getattr(options, name) == getattr(default, name)
    ]
    return options.model_copy(update={name: rules[name] for name in silent})


def shown(value: object, language: Language = "en") -> str:
    """An option's value as the Settings sheet writes it: yes or no and decimal sign of its language, ISO dates."""
    if isinstance(value, bool):
        return caption_of("yes_no", "yes" if value else "no", language)
    if isinstance(value, Recognise):
        return caption_of("recognise", value, language)
    if isinstance(value, Decimal) and language == "fr":
        return str(value).replace(".", ",")
    return "" if value is None else str(value)
