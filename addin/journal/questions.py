"""What a person is asked about a record before it leaves or is linked, and what was answered, kept for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from addin.journal.rows import RecordKey
from connectors.ledger import Standing
from connectors.records import Kind


class Topic(StrEnum):
    """What is asked: whether a record is one that is in the books already, whether an account is this customer of the
    ledger, whether several accounts share it, whether an account is another one than this customer, whether what could
    not be read again may leave as it was, or whether a day far ahead is right."""

    SAME = "same"
    LINK = "link"
    SHARE = "share"
    NEW = "new"
    ONCE = "once"
    DAY = "day"


class Answer(StrEnum):
    """What a person answers: it is the same, it is another one, or yes."""

    SAME = "same"
    SECOND = "second"
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about one record; without an answer it waits for one.

    ``about`` is what the record is held against: the ledger's id of a document or customer, another record of ours
    (``SAME``), the digest of the content that may leave (``ONCE``), or its day (``DAY``). ``standing`` is the document
    as the ledger told it, ``rule`` why it is asked about. ``who`` answered, and ``when`` (UTC).
    """

    kind: Kind
    record: str
    topic: Topic
    about: str
    rule: str = ""
    standing: Standing | None = None
    answer: Answer | None = None
    who: str = ""
    when: datetime | None = None

    @property
    def id(self) -> RecordKey:
        """Kind and key of the record."""
        return self.kind, self.record

    def answered(self, answer: Answer, who: str, when: datetime) -> Question:
        """The question with what a person said."""
        return replace(self, answer=answer, who=who, when=when)


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions there are, by record."""

    known: Mapping[RecordKey, tuple[Question, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, questions: Iterable[Question]) -> Questions:
        """Gather them by record."""
        found: dict[RecordKey, list[Question]] = {}
        for question in questions:
            found.setdefault(question.id, []).append(question)
        return cls({key: tuple(each) for key, each in found.items()})

    def open(self) -> list[RecordKey]:
        """The records of which something is asked."""
        return [key for key in self.known if self.waiting(key)]

    def waiting(self, key: RecordKey) -> list[Question]:
        """What is asked about a record and not answered."""
        return [question for question in self.known.get(key, ()) if question.answer is None]

    def said(self, key: RecordKey, topic: Topic, about: str) -> Answer | None:
        """What a person answered."""
        found = (q for q in self.known.get(key, ()) if (q.topic, q.about) == (topic, about))
        return next((question.answer for question in found), None)

    def told_apart(self, key: RecordKey, about: str) -> bool:
        """Whether a person said that a record is another one than what it was held against.

        That it is the same is no reason to let it leave: whoever took the link away since is asked again.
        """
        return about in self.others(key)

    def others(self, key: RecordKey) -> frozenset[str]:
        """What a person said that a record is another one than."""
        known = self.known.get(key, ())
        return frozenset(q.about for q in known if q.topic is Topic.SAME and q.answer is Answer.SECOND)


@cache
def _standings() -> TypeAdapter[Standing]:
    return TypeAdapter(Standing)


def standing_text(standing: Standing | None) -> str | None:
    """A document as the ledger told it, as JSON text."""
    return None if standing is None else _standings().dump_json(standing).decode()


def standing_read(text: str | None) -> Standing | None:
    """The document behind ``standing_text``."""
    return None if text is None else _standings().validate_json(text)
