"""What the book has that may be a record of ours, in one pass over it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias, TypeVar

from connectors.ledger import Sought, Standing
from connectors.ledgers.beancount.contents import Contents, word
from connectors.ledgers.beancount.documents import Documents, Written, ledger_id

T = TypeVar("T")
Index: TypeAlias = dict[T, list[Sought]]
WORD = re.compile(r"[^\s,;:()\"'«»]+")
"""A word of a narration, which may be a number that a person wrote there alone."""


def search(sought: Sequence[Sought], contents: Contents) -> dict[str, list[Standing]]:
    """The documents that bear a reference, or that are like a record, by the names of what was looked for."""
    by_word, by_total, by_customer = _index(sought)
    answers: dict[str, list[Standing]] = {each.name: [] for each in sought}
    documents = Documents(contents)
    for written in documents.all():
        words = {name.casefold(): name for name in _names(written)}
        told = {id(each): (each, name) for key, name in words.items() for each in by_word.get(key, ())}
        near = (*by_total.get(written.total, ()), *by_customer.get(written.customer, ()))
        alike = {id(each): (each, ledger_id(written.entry)) for each in near}
        for each, name in (alike | told).values():
            standing = _as_numbered(documents.standing(written), written, name)
            if each.reference or each.is_like(standing):
                answers[each.name].append(standing)
    return answers


def _index(sought: Sequence[Sought]) -> tuple[Index[str], Index[Decimal | None], Index[str]]:
    by_word: Index[str] = defaultdict(list)
    by_total: Index[Decimal | None] = defaultdict(list)
    by_customer: Index[str] = defaultdict(list)
    for each in sought:
        if typed := (each.reference or each.number).strip().removeprefix("^"):
            by_word[typed.casefold()].append(each)
        if each.reference:
            continue
        if each.total is not None:
            by_total[each.total].append(each)
        elif each.customer:
            by_customer[each.customer].append(each)
    return by_word, by_total, by_customer


def _names(written: Written) -> Iterator[str]:
    """What a document is known by: of ours the key and the number, of a person's also its links and its words."""
    entry = written.entry
    yield ledger_id(entry)
    yield word(entry.meta, "number")
    if not word(entry.meta, "key"):
        yield from entry.links
        yield entry.narration or ""
        yield from (text.strip(".!?#") for text in WORD.findall(entry.narration or ""))


def _as_numbered(standing: Standing, written: Written, name: str) -> Standing:
    """What a person wrote without a number has the word it was recognized by for one, or its link."""
    if standing.key or standing.number:
        return standing
    return replace(standing, number=name if name != standing.ledger_id else "".join(sorted(written.entry.links)[:1]))
