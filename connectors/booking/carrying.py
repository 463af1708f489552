"""Carries postings out, step by step: each ends booked whole, certainly not booked, or unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from connectors.booking import sights
from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import (
    Answer,
    Body,
    Done,
    Doubt,
    Recipe,
    Refusal,
    Sight,
    Step,
    Stopped,
    Write,
    may_be_halved,
)
from connectors.ledger import Action, Outcome, Posting, Rejected, Unknown
from connectors.problems import CannotRun, Problem, problem_of

ADOPTED = frozenset({"name_taken", "number_taken"})
"""Refusals that may mean that the document is there already, and ours."""


@dataclass(slots=True, eq=False)
class Course:
    """A posting on its way: what is known of it, how far it came, and what ended it.

    ``waiting`` are the writes of this round, ``asked`` those that were refused before they were looked at again.
    """

    posting: Posting
    recipe: Recipe
    sight: Sight
    at: int = 0
    wrote: bool = False
    refusal: Problem | None = None
    refused_before: Problem | None = None
    doubt: str = ""
    stopped: CannotRun | None = None
    waiting: list[Write] = field(default_factory=list)
    asked: list[Write] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return not (self.refusal or self.doubt or self.stopped) and self.at < len(self.recipe)

    @property
    def begun(self) -> bool:
        """Whether something of it is there already, by a write of now or of an earlier sync."""
        return self.wrote or (self.sight.body is not None and self.posting.action is Action.CREATE)

    @property
    def step(self) -> Step:
        """The step it is at."""
        return self.recipe[self.at]


def post(books: Bookkeeping, postings: Sequence[Posting]) -> Iterator[Outcome]:
    """One outcome each; what is refused here is never sent.

    Raises ``CannotRun`` after the outcomes that are known, where nothing more can be sent; what was begun by then is
    there by half, and unknown.
    """
    going = []
    for posting in postings:
        if problem := books.refused(posting):
            yield Rejected(key=posting.key, problem=problem)
        else:
            going.append(posting)
    courses = list(_begun(books, going))
    while any(course.open for course in courses):
        _next(books, courses)
    for course in courses:
        if course.stopped is None or course.refusal or course.begun:
            yield _outcome(books, course)
    for course in courses:
        if course.stopped:
            raise course.stopped


def is_whole(books: Bookkeeping, posting: Posting, sight: Sight) -> bool:
    """Whether every step is done, as far as what was seen tells."""
    if sight.body is None:
        return False
    missing = (step.missing(posting, sight) for step in books.recipe(posting))
    return not any(isinstance(each, Problem) or each for each in missing)


def _begun(books: Bookkeeping, postings: Sequence[Posting]) -> Iterator[Course]:
    recipes = {posting.key: books.recipe(posting) for posting in postings}
    halved = [posting for posting in postings if may_be_halved(recipes[posting.key])]
    changed = [posting for posting in postings if posting.action is Action.UPDATE]
    gone: Counter[str] = Counter()
    there = (sights.bodies(books, halved, gone) if halved else {}) | sights.changing(books, changed)
    seen = sights.sights(books, postings, there, gone)
    for posting in postings:
        course = Course(posting, recipes[posting.key], seen[posting.key])
        if posting.action is Action.UPDATE and course.sight.body is None:
            course.refusal = problem_of(posting.record, "account_unknown_in_ledger", column="account",
                                        reference=posting.reference)  # fmt: skip
        elif isinstance(course.sight.parts, Problem):
            course.refusal = course.sight.parts
        yield course


def _next(books: Bookkeeping, courses: Sequence[Course]) -> None:
    """Carry out what each is missing at its step, and go on to the next."""
    turns = _turns(books, courses)
    for course in courses:
        course.waiting = []
        if course in turns:
            missing = course.step.missing(course.posting, course.sight)
            if isinstance(missing, Problem):
                course.refusal = missing
            elif list(missing) == course.asked != []:
                course.refusal = course.refused_before
            else:
                course.waiting = list(missing)
                course.at += not missing
    asked = [(course, write) for course in courses for write in course.waiting]
    if asked:
        for (course, write), answer in zip(asked, books.carry_out([write for _, write in asked]), strict=True):
            _take(books, course, write, answer)
    for course in courses:
        if course.waiting and course.refusal and course.step.looks and not course.asked:
            course.asked, course.refused_before, course.refusal = course.waiting, course.refusal, None
        elif course.waiting and course.open:
            course.at += 1
        elif course.waiting and course.refusal and not course.doubt:
            _adopt(books, course)


def _turns(books: Bookkeeping, courses: Sequence[Course]) -> list[Course]:
    """Those whose turn it is: of those whose step looks at the documents that it goes to, one for each of these."""
    turns, looking = [], []
    taken: set[str] = set()
    for course in courses:
        if course.open and course.step.looks and not taken & course.sight.targets.keys():
            taken |= course.sight.targets.keys()
            looking.append(course)
        elif course.open and not course.step.looks:
            turns.append(course)
    try:
        now = sights.sights(books, [course.posting for course in looking], {}) if looking else {}
    except CannotRun as why:
        for course in looking:
            course.stopped = why
        return turns
    for course in looking:
        seen = now[course.posting.key]
        course.sight = replace(course.sight, parts=seen.parts, targets=seen.targets)
    return turns + looking


def _take(books: Bookkeeping, course: Course, write: Write, answer: Answer) -> None:
    match answer:
        case Done(body):
            joined = books.joined(course.posting, course.sight.body, write, body)
            course.sight, course.wrote = replace(course.sight, body=joined), True
        case Refusal(problem):
            course.refusal = problem
        case Doubt(detail):
            course.doubt = detail or "no answer"
        case Stopped(why, problem):
            course.stopped, course.refusal = why, problem


def _adopt(books: Bookkeeping, course: Course) -> None:
    """What was refused as taken may be ours, of a write whose answer was lost."""
    posting = course.posting
    if course.refusal is None or course.refusal.code not in ADOPTED or posting.action is not Action.CREATE:
        return
    try:
        ours = sights.bodies(books, [posting]).get(posting.key)
    except CannotRun as why:
        course.stopped, course.doubt = why, f"{course.refusal.detail} {why}".strip()
        return
    if ours:
        course.sight, course.refusal = replace(course.sight, body=ours), None


def _outcome(books: Bookkeeping, course: Course) -> Outcome:
    posting = course.posting
    if course.doubt:
        return unknown(posting, course.doubt)
    if course.stopped and course.begun:
        return unknown(posting, str(course.stopped))
    if course.refusal is None:
        assert course.sight.body is not None
        return books.posted(posting, course.sight.body, replayed=not course.wrote)
    if left := taken_back(books, posting, course.recipe[: course.at + 1], course.sight):
        return unknown(posting, f"{course.refusal.detail} {left}".strip())
    return Rejected(key=posting.key, problem=course.refusal)


def taken_back(books: Bookkeeping, posting: Posting, recipe: Recipe, sight: Sight) -> str:
    """Take out what steps made, the last first; why that is not certain to be gone, or nothing."""
    for step in reversed(recipe):
        writes = step.back(posting, sight) if sight.body is not None else ()
        if isinstance(writes, Problem):
            return writes.detail or writes.code
        for write in writes:
            [answer] = books.carry_out([write])
            match answer:
                case Refusal(problem):
                    return problem.detail or problem.code
                case Doubt(detail):
                    return detail or "no answer"
                case Stopped(why):
                    return str(why)
    return ""


def carried(books: Bookkeeping, posting: Posting, write: Write, *, begun: bool = False) -> Body | Outcome:
    """What one write made, or what it ends with; what is refused after others were written (``begun``) is a doubt.

    Raises ``CannotRun`` where nothing can be done now.
    """
    [answer] = books.carry_out([write])
    match answer:
        case Done(body):
            return body
        case Refusal(problem) if not begun:
            return Rejected(key=posting.key, problem=problem)
        case Refusal(problem):
            return unknown(posting, problem.detail or problem.code)
        case Doubt(detail):
            return unknown(posting, detail)
        case Stopped(why):
            raise why


def unknown(posting: Posting, detail: str) -> Unknown:
    """It may have been carried out."""
    return Unknown(key=posting.key, problem=problem_of(posting.record, "outcome_unknown", detail=detail))
