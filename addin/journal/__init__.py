"""The memory of every record seen and every document sent; the sheet is only its view."""

from addin.journal.journal import Journal
from addin.journal.lease import Holder
from addin.journal.protocol import State
from addin.journal.questions import Answer, Question, Questions, Topic
from addin.journal.records import OnDemand, Records
from addin.journal.rows import Event, RecordKey, Run, Seen, Transfer

__all__ = [
    "Answer",
    "Event",
    "Holder",
    "Journal",
    "OnDemand",
    "Question",
    "Questions",
    "RecordKey",
    "Records",
    "Run",
    "Seen",
    "State",
    "Topic",
    "Transfer",
]
