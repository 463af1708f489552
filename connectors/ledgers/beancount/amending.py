"""Changing what a transaction of ours says and no amount hangs on: its own lines in our file, in place.

The narration, the metadata and the texts of the legs are written anew where they stand; accounts, amounts, days and
keys are the same before and after, which is proved before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from beancount.core.data import Transaction
from beancount.parser import parser

from connectors.amending import DESCRIPTION, to_amend
from connectors.double_entry import legs
from connectors.ledger import Posted, Posting
from connectors.ledgers.beancount import proof
from connectors.ledgers.beancount.checks import CAPABILITIES, special
from connectors.ledgers.beancount.contents import Contents, word
from connectors.ledgers.beancount.documents import Documents
from connectors.ledgers.beancount.mapping import FIELDS, narration
from connectors.ledgers.beancount.problems import where
from connectors.ledgers.beancount.text import metadata, quoted
from connectors.problems import Problem, problem_of
from connectors.records import Payment, Transferable
from connectors.refusals import undeclared

MEMO = "memo"
Lines = list[str]


def standing_as_amended(posting: Posting, contents: Contents) -> Posted | None:
    """What says all that the posting asks for, if it does, whoever wrote that."""
    if posting.record.kind not in CAPABILITIES.amends or _to_amend(posting, contents) != ():
        return None
    now = Documents(contents).standings([posting.reference])[posting.reference]
    return Posted(key=posting.key, ledger_id=posting.reference, number=now.number, total=now.total, replayed=True)


def unamendable(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why nothing of it is changed, if there is one."""
    if problem := next(undeclared(posting, CAPABILITIES, special(contents)), None):
        return problem
    wanted = _to_amend(posting, contents)
    if isinstance(wanted, Problem):
        return wanted
    entry = contents.transactions[posting.reference]
    ours = Path(entry.meta["filename"]).resolve() == contents.settings.file_path
    return None if ours else _elsewhere(posting, entry)


def rewritten(posting: Posting, contents: Contents, text: str) -> str | Problem:
    """Our file's text with what the posting changes, or why it cannot be written so."""
    entry, record = contents.transactions[posting.reference], posting.record
    wanted = _to_amend(posting, contents)
    assert not isinstance(wanted, Problem)
    lines = text.split("\n")
    first = int(entry.meta["lineno"]) - 1
    last = next((n for n in range(first + 1, len(lines)) if not lines[n].startswith((" ", "\t"))), len(lines))
    block = lines[first:last]
    if DESCRIPTION in wanted and len(entry.postings) != len(_texts_of_legs(record, contents)):
        return _elsewhere(posting, entry)
    names = {field: name for name, field in FIELDS[record.kind]}
    # The legs first, from below: what is put in above them would move them.
    for name in sorted(wanted, key=lambda each: each != DESCRIPTION):
        if name == DESCRIPTION:
            _tell_legs(block, entry, first, _texts_of_legs(record, contents))
        if name == MEMO and isinstance(record, Payment):
            _tell_legs(block, entry, first, [record.memo])
        if name == MEMO:
            head, _, rest = block[0].rpartition(quoted(entry.narration or ""))
            block[0] = f"{head}{quoted(narration(record))}{rest}"
        elif name != DESCRIPTION:
            _tell(block, names[name], getattr(record, name), 1, "  ")
    if not _same_books(lines[first:last], block, contents):
        return _elsewhere(posting, entry)
    return "\n".join((*lines[:first], *block, *lines[last:]))


def place_of(posting: Posting, contents: Contents) -> int:
    """The line of our file that its transaction begins in."""
    return int(contents.transactions[posting.reference].meta["lineno"])


def _elsewhere(posting: Posting, entry: Transaction) -> Problem:
    return problem_of(posting.record, "amended_elsewhere", place=where(entry.meta))


def _to_amend(posting: Posting, contents: Contents) -> tuple[str, ...] | Problem:
    now = Documents(contents).standings([posting.reference]).get(posting.reference)
    entry = contents.transactions.get(posting.reference)
    there = _there(entry, posting.record) if entry else {}
    return to_amend(posting, now, there, lambda record, name: _written(record, name, contents))


def _there(entry: Transaction, record: Transferable) -> Mapping[str, str]:
    """What the book says in each field that a record of the kind has."""
    found = {field: word(entry.meta, name) for name, field in FIELDS[record.kind]}
    return {
        **found,
        MEMO: entry.narration or "",
        DESCRIPTION: "\n".join(word(leg.meta or {}, MEMO) for leg in entry.postings),
    }


def _written(record: Transferable, name: str, contents: Contents) -> str:
    if name == MEMO:
        return narration(record)
    if name == DESCRIPTION:
        return "\n".join(_texts_of_legs(record, contents))
    return str(getattr(record, name) or "")


def _texts_of_legs(record: Transferable, contents: Contents) -> Sequence[str]:
    return [leg.memo for leg in legs(Posting(key="", record=record), special(contents))]


def _tell_legs(block: Lines, entry: Transaction, first: int, texts: Sequence[str]) -> None:
    for leg, text in reversed(list(zip(entry.postings, texts, strict=False))):
        _tell(block, MEMO, text, int((leg.meta or {})["lineno"]) - first, "    ")


def _tell(block: Lines, name: str, value: object, start: int, indent: str) -> None:
    """Write a line of metadata where it stands, or take it away; a new one comes first."""
    end = next(_ends(block, start, indent), len(block))
    at = next((n for n in range(start, end) if re.match(rf"\s+{re.escape(name)}:", block[n])), None)
    new = list(metadata([(name, value)], indent)) if value is not None else []  # type: ignore[list-item]
    block[slice(start, start) if at is None else slice(at, at + 1)] = new


def _ends(block: Lines, start: int, indent: str) -> Iterator[int]:
    """Where metadata end that begin at a line: at a posting, or at what is indented less."""
    is_metadata: Callable[[str], object] = re.compile(rf"{indent}\s*[a-z][\w-]*:").match
    return (n for n in range(start, len(block)) if not is_metadata(block[n]))


def _same_books(before: Lines, after: Lines, contents: Contents) -> bool:
    """Whether two texts of a transaction book the same on the same day under the same key, by Beancount itself."""
    heading = "".join(proof.roots(contents.options))
    sides = [parser.parse_string(f"{heading}{chr(10).join(text)}\n") for text in (before, after)]
    if any(errors or len(entries) != 1 for entries, errors, _ in sides):
        return False
    (was, *_), (now, *_) = (entries for entries, _, _ in sides)
    return isinstance(was, Transaction) and isinstance(now, Transaction) and _books(was) == _books(now)


def _books(entry: Transaction) -> object:
    kept = [word(entry.meta, name) for name in ("key", "number", "customer", "total", "kind")]
    return entry.date, entry.flag, entry.payee, entry.links, kept, [leg._replace(meta=None) for leg in entry.postings]
