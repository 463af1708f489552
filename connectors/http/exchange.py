"""All attempts at one logical call: what may be repeated, how long to wait, and what to say when giving up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from connectors.http.answers import Answer, MayHaveHappened, NotSent, Refused
from connectors.http.attempt import Call
from connectors.http.fate import Attempt, Fate
from connectors.http.vendor import Vendor
from connectors.pace import Clock, Pacer
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

BACK_OFF = 1.0
LONGEST_BACK_OFF = 30.0
"""Seconds; a wait is a random part of a span that doubles (AWS, "Exponential Backoff And Jitter")."""

REFUSALS = {401: "sign_in_again", 403: "access_denied"}


class Signer(Protocol):
    """Who vouches for us; ``connectors.signin.SignIn`` is one."""

    def headers(self) -> Mapping[str, Secret]:
        """What goes with the next request. Raises ``CannotRun`` (sign_in_again …)."""

    def renew(self, refused: Mapping[str, Secret]) -> None:
        """The vendor answered 401 to these headers: get others. Raises ``CannotRun``."""


class Exchange:
    """One call until it is answered or given up.

    A doubt once raised is never lost: when a write may have been carried out, whatever comes of its repetition other
    than success still ends as ``MayHaveHappened``.
    """

    def __init__(
        self,
        call: Call,
        vendor: Vendor,
        once: Callable[[Mapping[str, Secret]], Attempt],
        signer: Signer | None,
        pacer: Pacer,
        clock: Clock,
        attempts: int,
    ) -> None:
        self._call, self._vendor, self._once, self._signer = call, vendor, once, signer
        self._pacer, self._clock, self._attempts = pacer, clock, attempts
        self._tried = 0
        self._renewed = False
        self._doubt = False

    def carry_out(self) -> Answer:
        """The answer of status 2xx. Raises ``Refused``, ``NotSent``, ``MayHaveHappened``, ``CannotRun``."""
        try:
            return self._repeat()
        except CannotRun as stopped:
            if not self._doubt or isinstance(stopped, MayHaveHappened):
                raise
            answer = stopped.answer if isinstance(stopped, Refused | NotSent) else None
            last = stopped.problems[0]
        raise _in_doubt(f"{last.code} {last.detail}".strip(), answer)

    def _repeat(self) -> Answer:
        while True:
            signature = self._signer.headers() if self._signer else {}
            result = self._once(signature)
            if result.answer:
                self._pacer.heed(result.answer.headers)
            if result.fate is Fate.ANSWERED and result.answer:
                if not self._renew(result.answer, signature):
                    return self._accepted(result.answer)
                continue
            self._tried += 1
            self._doubt |= result.fate is Fate.DOUBT and not self._call.reads
            if self._tried >= self._attempts or not self._may_repeat(result):
                raise self._given_up(result)
            self._pause(result)

    def _renew(self, answer: Answer, signature: Mapping[str, Secret]) -> bool:
        """Once, and without counting: a 401 is given before anything is done."""
        if answer.status != 401 or self._signer is None or self._renewed:
            return False
        self._signer.renew(signature)
        self._renewed = True
        return True

    def _accepted(self, answer: Answer) -> Answer:
        if answer.status < 300:
            return answer
        code = REFUSALS.get(answer.status, "ledger_refused")
        raise Refused(Problem(code=code, params={"ledger": self._vendor.label}, detail=answer.detail), answer)

    def _may_repeat(self, result: Attempt) -> bool:
        safe = result.fate is Fate.NOTHING or self._call.reads or self._call.replays
        bearable = result.throttled or (result.wait or 0) <= self._pacer.longest_wait
        return safe and bearable and result.code != "certificate_refused"

    def _pause(self, result: Attempt) -> None:
        if result.throttled and result.wait:
            self._pacer.hold(result.wait)
            return
        span = min(LONGEST_BACK_OFF, BACK_OFF * 2**self._tried)
        self._pacer.wait(max(span * self._clock.chance(), result.wait or 0))

    def _given_up(self, result: Attempt) -> CannotRun:
        if self._doubt:
            return _in_doubt(result.detail, result.answer)
        problem = Problem(code=result.code, params={"ledger": self._vendor.label}, detail=result.detail)
        return NotSent(problem, result.answer)


def _in_doubt(detail: str, answer: Answer | None) -> MayHaveHappened:
    return MayHaveHappened(Problem(code="outcome_unknown", detail=detail), answer)
