"""Give a secret on a page of its own: what the company's source and ledger ask for, in its workbook's language."""

from __future__ import annotations

from collections.abc import Callable

from addin.profile import Profile
from addin.questions import SIDES, Question, connector_questions
from addin.texts import mark, say
from addin.usecases.password import keep_for, kept_for
from addin.usecases.report import Report
from connectors.signin.secret_page import Words, ask_secret
from workbook.layout import Language

OpenBrowser = Callable[[str], bool]

TITLE = mark("Passerelle: a secret of “{company}”")
THEN = mark(
    "It goes to the credential store of this computer, and into no cell, file or message. This page is then over."
)
BUTTON = mark("Keep it")
EMPTY = mark("Nothing was typed. Type or paste the secret, then press the button.")
THANKS = mark("Thank you. Close this page and go back to the workbook, which goes on by itself.")
OVER = mark(
    "This page is over, or is not the one that Passerelle opened. Go back to the workbook and ask for it again."
)


def give_secrets(profile: Profile, language: Language, open_browser: OpenBrowser, *, again: bool = False) -> Report:
    """Ask for each secret that is not kept yet, or for all of them ``again``, and keep it. Raises ``CannotRun``."""
    kept = []
    for side, question in secrets_of(profile):
        if again or not kept_for(side, profile):
            secret = ask_secret(_words(profile, question, language), open_browser)
            kept.append(keep_for(side, profile, secret).facts["secret"])
    return Report(run=0, facts={"secrets": kept, "count": len(kept)})


def secrets_of(profile: Profile) -> list[tuple[str, Question]]:
    """The secrets that a company's source and ledger ask for, by their sides."""
    sides = {"source": profile.source, "ledger": profile.ledger}
    asked = [(side, question) for side in SIDES for question in connector_questions(side, sides[side])]
    return [(side, question) for side, question in asked if question.is_secret]


def _words(profile: Profile, question: Question, language: Language) -> Words:
    return Words(
        language=language,
        title=say(language, TITLE, company=profile.company),
        meaning=say(language, question.meaning),
        label=say(language, question.label),
        then=say(language, THEN),
        button=say(language, BUTTON),
        empty=say(language, EMPTY),
        thanks=say(language, THANKS),
        over=say(language, OVER),
    )
