"""What stands in notes of QuickBooks Online: a memo, what the ledger has no field for, our key, and words of ours."""

from __future__ import annotations

import re

from connectors.ledgers.quickbooks_online.queries import Body

NOTE_LENGTH = 4000
CONFIRMATION = "Confirmation"
"""Begins the line of a payment's note that holds the processor's number; one word in English and in French."""
UNAPPLIED = "[unapplied]"
"""In the note of a credit note of ours whose invoice had nothing open: all of it stays on the customer's account."""
APPLIED = "-applied"
"""After our key in the note of what applies a credit note of ours."""
VOIDED = re.compile(r"^(?:Voided|Annulé)", re.IGNORECASE)
"""How the note of what is void begins; the vendor puts it before an existing note, several times (recorded)."""
_MARK = re.compile(r"^(?:\w+ - )*\[([^\[\]\s]+)\]$", re.MULTILINE)
"""Our key on a line of its own, after what the vendor puts before the note of what is void."""
_CONFIRMATION = re.compile(rf"{CONFIRMATION} (\S[^\n]*)")


def marked(text: str, key: str, limit: int = NOTE_LENGTH) -> str:
    """A note with our key at its end; a text too long for both is cut."""
    return _ended(text, f"[{key}]", limit)


def as_unapplied(note: str, key: str) -> str:
    """The note of a credit note of ours of which nothing is to be applied: the word before our key."""
    return _ended(note.replace(f"[{key}]", "").rstrip(), f"{UNAPPLIED}\n[{key}]", NOTE_LENGTH)


def _ended(text: str, mark: str, limit: int) -> str:
    return f"{text[: limit - len(mark) - 1].rstrip()}\n{mark}".lstrip()


def bears(note: object, key: str) -> bool:
    """Whether a note holds our key, wherever a person may have moved it."""
    return f"[{key}]" in str(note or "")


def key_in(body: Body) -> str:
    """Our key, where a record bears one."""
    told = "\n".join(str(body.get(field) or "") for field in ("PrivateNote", "Notes", "AcctNum"))
    found = _MARK.findall(told)
    return str(found[-1]) if found else ""


def text_in(note: str) -> str:
    """A note without our key."""
    return _MARK.sub("", note).strip()


def memo_in(note: str) -> str:
    """What a note says after the processor's number, which is on its first line where it has one."""
    text = text_in(note)
    found = _CONFIRMATION.match(text)
    return text[found.end() :].strip() if found else text


def confirmation_in(note: str) -> str:
    """The processor's number."""
    found = _CONFIRMATION.match(text_in(note))
    return found[1] if found else ""


def is_void(body: Body) -> bool:
    """Whether a transaction counts for nothing any more: nothing but zeros, and a status or a note that says so.

    What a company in French writes before its notes is not established: any form of "annulé" counts.
    """
    zeros = not body.get("TotalAmt") and not any(line.get("Amount") for line in body.get("Line") or [])
    said = body.get("TxnStatus") == "Voided" or VOIDED.search(str(body.get("PrivateNote") or ""))
    return zeros and bool(said)
