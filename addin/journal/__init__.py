"""The memory of every record seen and every document sent; the sheet is only its view."""

from addin.journal.journal import Journal
from addin.journal.rows import Event, RecordKey, Run, Seen, State, Transfer

__all__ = ["Event", "Journal", "RecordKey", "Run", "Seen", "State", "Transfer"]
