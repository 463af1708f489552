"""What each setting does and accepts, as the Settings sheet and the guides say it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from addin import texts
from addin.options import Options, Recognise
from workbook.layout import LANGUAGES

MEANINGS: dict[str, str] = {
    "new_account_default": "New accounts are flagged “New account for sync”, unless their name is already taken.",
    "dues_when_paid": "Membership and renewal invoices wait until they are paid.",
    "all_when_paid": "Every invoice waits until it is paid.",
    "require_sent": "A document that the source marks as a draft or as not sent waits.",
    "days_ahead": "What is dated more than so many days ahead waits until somebody confirms its day.",
    "entries_until": "Deferred revenue is transferred for dates up to this one; empty means today.",
    "recognise": "When dues in advance become revenue, month by month: once they are paid, or as far as they are paid.",
    "difference_limit": "How far the ledger's total may be from the source's before it counts as an error.",
    "tax_cents": "How many cents a tax may be from what its rate comes to; beyond, its document does not leave.",
    "tax_doubts_stop": "Documents with doubtful taxes (exempt account, category, province) wait; if not, it is told.",
    "pulls_are_whole": "What a pull does not show any more was deleted in the source; if not, it may be a part of it.",
    "undo_reverses_today": "Undoing what lies in a closed or filed period reverses it today; if not, on its own day.",
    "filed_until": "The last day of what was filed, such as a tax return; empty means what the ledger has closed.",
    "look_up_at_check": "Check asks the ledger for what was typed and what it has already; if not, only Sync does.",
    "sync_documents": "How many documents one Sync takes; what is left waits for the next one. Empty takes all.",
    "auto_sync_documents": "How many documents Auto sync transfers before it looks for new ones.",
    "auto_sync_minutes": "How many minutes Auto sync goes on.",
    "idle_minutes": "After how many minutes without use Auto sync closes its connection to the ledger.",
}

RIGHTS: dict[str, str] = {
    "administrators": "Accounts that may change these rights and the connections; without one, everybody may.",
    "approvers": "Accounts that may approve what is In Review, and undo transfers.",
    "preparers": "Accounts that may pull, mark, map, link and sync.",
    "viewers": "Accounts that may look; without one, everybody else may.",
    "review": "Records of these kinds arrive In Review, and leave only as they were approved.",
    "two_people": "Who changed or marked a record last may not approve it.",
}
"""What each of the company's rights says; “passerelle rights” sets them."""

NAMES: dict[str, str] = {name: name for name in (*Options.model_fields, *RIGHTS)}
"""What each setting is called on the Settings sheet; English calls it as the command line does."""

ACCEPTED: dict[object, str] = {
    bool: "Yes or No",
    str: "text",
    date | None: "a date, such as 2026-12-31",
    Recognise: "When paid in full or In proportion to what is paid",
    Decimal: "an amount, such as 0.05",
    int: "a whole number from 1",
    int | None: "a whole number from 1",
}
"""What a setting accepts, by its type."""


def option_named(shown: str) -> str:
    """The setting behind a name of either language; a name that is none of them stays as it is."""
    return _named().get(shown.strip().casefold(), shown)


@cache
def _named() -> dict[str, str]:
    return {texts.say(language, name).casefold(): name for name in NAMES.values() for language in LANGUAGES}


def accepted(option: str) -> str:
    """What a setting accepts; raises ``KeyError`` for one that there is not."""
    return ACCEPTED[Options.model_fields[option].annotation]
