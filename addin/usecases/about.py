"""About: what Passerelle is, and where a company stands, in sentences; Doctor says the same of the whole machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from addin import texts
from addin.journal import Journal
from addin.profile import Profile
from addin.releases import Release, announced
from addin.texts import mark
from addin.usecases.dashboard import SIGNED_OUT
from addin.usecases.ending import ends
from connectors.problems import CannotRun, Problem
from connectors.registry import ledger_type, source_type
from connectors.secrets.vault import REFUSED_MODULES
from workbook.layout import Language

PRODUCT = mark("Passerelle {version}, free software under the {licence} licence.")
RUNS_ON = mark("It runs on {system}, with Python {python}.")
PLACES: dict[str, str] = {
    "installed": mark("This is the installed program, in {folder}."),
    "environment": mark("It runs from the Python environment {folder}."),
}
PARTS = mark("It uses {packages}.")
HOME = mark("The companies of this machine are in {home}.")
NO_COMPANY = mark("There is no company yet: passerelle init makes one.")
SECRETS = mark("Secrets are kept in this machine's credential store ({credentials}).")
NO_STORE = mark("No credential store of this machine is used for secrets: there is none that keeps them safe.")
RIBBON = mark("The ribbon starts {ribbon}.")
NO_RIBBON = mark("The program of the ribbon is not there: install Passerelle again.")
LIBREOFFICE = mark("LibreOffice is there: {libreoffice}.")
NO_LIBREOFFICE = mark("LibreOffice is not there; workbooks open in Excel.")
LEDGERS = mark("It can book in: {names}.")
SOURCES = mark("It can pull from: {names}.")

NOT_ASKED = mark("It does not ask whether a newer release exists: no address is set for that (PASSERELLE_RELEASES).")
NEWEST = mark("No newer release is known at {address}.")

LABELS = (mark("CSV or Excel files"),)
"""What a connector calls itself where that is no name."""

COMPANY = mark("{company} pulls from: {source}. It books in {ledger}.")
NOT_OPENED = mark("{company}: its settings or its journal cannot be opened. {why}")
STANDINGS: dict[str, str] = {
    "connected": mark("It is connected to the books of {books_of}."),
    "ended": mark("The authorization of {ledger} has ended: press Authorize."),
    "not_connected": mark("It was not connected to {ledger} yet."),
}
UNTIL = mark("The authorization holds until {until} unless a Sync renews it.")
AT_MOST = mark("However often it is renewed, it ends on {at_most}: then press Authorize.")
WHERE = mark("Its workbook is {workbook}, its settings and its journal are in {place}.")


def standing(profile: Profile, journal: Journal) -> dict[str, str]:
    """Where a company stands with its ledger, and where its files are."""
    books_of = journal.kept("company") or ""
    until, at_most = ends(journal)
    ended = bool(journal.kept(SIGNED_OUT)) and bool(books_of)
    return {
        "company": profile.company,
        "source": source_type(profile.source).label,
        "ledger": ledger_type(profile.ledger).label,
        "books_of": books_of,
        "state": "ended" if ended else "connected" if books_of else "not_connected",
        "until": until.isoformat() if until and not ended else "",
        "at_most": at_most.isoformat() if at_most and not ended else "",
        "workbook": str(profile.workbook),
        "place": str(profile.place),
    }


def unopened(company: str, why: CannotRun) -> dict[str, str]:
    """The facts of a company that cannot be opened: the code of what stands against it."""
    problem = why.problems[0]
    return {**problem.params, "company": company, "state": "not_opened", "why": problem.code}


def product(facts: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What Passerelle is."""
    yield texts.say(language, PRODUCT, **facts)


def of_company(stands: Mapping[str, str], language: Language) -> Iterator[str]:
    """What is said of a company, of what ``standing`` answers."""
    if stands["state"] not in STANDINGS:
        why = texts.what(language, Problem(code=stands["why"], params=stands))
        yield texts.say(language, NOT_OPENED, company=stands["company"], why=why)
        return
    stands = {**stands, "source": texts.say(language, stands["source"])}
    until = UNTIL if stands["until"] and stands["until"] != stands["at_most"] else ""
    lasting = (until, AT_MOST if stands["at_most"] else "")
    for sentence in filter(None, (COMPANY, STANDINGS[stands["state"]], *lasting, WHERE)):
        yield texts.say(language, sentence, **stands)


def _of_release(facts: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Whether a newer release exists, as far as its address said it; Doctor's problems say why that is not known."""
    address, newest = facts["release"]["address"], facts["release"]["newest"]
    if not address:
        yield texts.say(language, NOT_ASKED)
    elif newest and not facts["release"]["newer"]:
        yield texts.say(language, NEWEST, address=address)
    elif newest:
        yield announced(Release.model_validate(newest), language)


def of_machine(facts: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What Doctor found, a sentence for each thing, and what is said of each company."""
    yield from product(facts, language)
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items() if name != "passerelle")
    yield texts.say(language, RUNS_ON, **facts)
    yield texts.say(language, PLACES[facts["runtime"]], **facts)
    yield texts.say(language, PARTS, packages=packages)
    yield from _of_release(facts, language)
    for sentence in (
        RIBBON if facts["ribbon"] else NO_RIBBON,
        LIBREOFFICE if facts["libreoffice"] else NO_LIBREOFFICE,
        NO_STORE if facts["credentials"].startswith(REFUSED_MODULES) else SECRETS,
    ):
        yield texts.say(language, sentence, **facts)
    for sentence, side in ((LEDGERS, "ledgers"), (SOURCES, "sources")):
        yield texts.say(language, sentence, names=", ".join(texts.say(language, name) for name in facts[side].values()))
    where = HOME if facts["companies"] else NO_COMPANY
    yield texts.say(language, where, **facts)
    for stands in facts["standing"]:
        yield from of_company(stands, language)
