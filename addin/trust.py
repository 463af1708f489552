"""Which company a workbook may lead to: its hidden identity is a claim, and this person's word decides.

The homes of one's own need none. Any other home is followed only after this person confirmed it on this machine, with
the company, the ledger and its addresses as they were shown; the confirmations lie in the person's own place, apart
from every home that a workbook could name.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from addin import texts
from addin.home import companies, is_own, own_homes
from addin.profile import Profile, load, place_of, same_name
from addin.texts.visible import in_one_line
from connectors import private
from connectors.problems import CannotRun, Problem
from workbook.layout import Language

FILE = "homes.json"

LONGEST = 1024
"""Characters of a home: a longer one is no folder."""
NETWORK = re.compile(r"[\\/]{2}")
"""How a folder of another machine begins on Windows, and a device's name: a look at one signs in there."""
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.IGNORECASE)

QUESTION = texts.mark(
    "This workbook says that it belongs to the company “{company}”, kept in the folder\n{home}\n\n"
    "Nobody has confirmed that folder on this machine yet. It books in {ledger}: {addresses}.\n"
    "Its files lie in {folder}.\n\n"
    "Go on only if you know where the workbook comes from and this is your company. Work with it?"
)

PROGRAMS = texts.mark(
    "The settings of this company let programs run on this machine, which can do whatever you can do: {programs}."
)


class Confirmed(BaseModel):
    """A company in a home, with all that was shown when a person said yes."""

    model_config = ConfigDict(frozen=True)

    home: str
    company: str
    company_id: str
    ledger: str
    addresses: tuple[str, ...]
    folder: str
    programs: tuple[str, ...] = ()


CONFIRMED: TypeAdapter[tuple[Confirmed, ...]] = TypeAdapter(tuple[Confirmed, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a workbook says: its company, by name and id, and the home that it was made in."""

    company: str
    company_id: str
    home: str

    @classmethod
    def of(cls, identity: Mapping[str, str]) -> Claim:
        """The claim of a workbook's identity."""
        return cls(
            company=identity.get("company", ""),
            company_id=identity.get("company_id", ""),
            home=identity.get("home", ""),
        )

    def is_of(self, profile: Profile) -> bool:
        """Whether it claims this very company: name and id are both right."""
        return bool(self.company_id) and self.company_id == profile.id and same_name(self.company, profile.company)


Ask = Callable[[Profile], bool]
"""Shows a person what ``question`` says, and answers whether to go on."""


def company_of(identity: Mapping[str, str], ask: Ask | None = None, *, named_network: bool = False) -> Profile:
    """The company that a workbook leads to: in a home of one's own, else in a confirmed one, else after a question.

    Raises ``CannotRun``: workbook_of_another, company_unknown, home_refused; home_unconfirmed where nobody is there to
    be asked, or the answer is no. An unconfirmed home is not even looked at before that is known. With
    ``named_network`` a person is also asked about a folder of another machine.
    """
    claim = Claim.of(identity)
    for place in own_homes():
        if (profile := _found(claim, place)) and claim.is_of(profile):
            return remember(profile)
    home = checked_home(claim.home, network=named_network) if claim.home else None
    if home is None or is_own(home):
        raise _nothing_here(claim)
    profile = _confirmed(claim, home)
    if profile is None:
        if ask is None:
            raise _unconfirmed(claim, home)
        profile = load(claim.company, home)
        _same_company(claim, profile)
        if not ask(profile):
            raise _unconfirmed(claim, home)
        confirm(profile)
    return profile


def belongs(identity: Mapping[str, str], profile: Profile) -> None:
    """Raises ``CannotRun`` (workbook_of_another) where a workbook is not of this company."""
    _same_company(Claim.of(identity), profile)


def checked_home(text: str, *, network: bool = False) -> Path:
    """The folder that a workbook names, links and ``..`` followed. Raises ``CannotRun`` (home_refused).

    Refused are relative folders, addresses, devices, and folders of other machines (``network``) unless confirmed as
    exactly such.
    """
    parts = re.split(r"[\\/]", text)
    if len(text) > LONGEST or not text.isprintable() or (os.name == "nt" and any(map(DEVICE.fullmatch, parts))):
        raise _refused(text)
    if NETWORK.match(text):
        plainly = not {".", "..", "?"} & set(parts) and Path(text).is_absolute()
        if plainly and (network or text in {each.home for each in confirmations()}):
            return Path(text)
        raise _refused(text)
    try:
        place = Path(text)
        if not place.is_absolute():
            raise _refused(text)
        place = place.resolve()
    except (OSError, RuntimeError, ValueError) as wrong:
        raise _refused(text) from wrong
    if NETWORK.match(str(place)):
        raise _refused(text)
    return place


def question(profile: Profile, language: Language) -> str:
    """What a person is asked before a home is followed for the first time."""
    shown = shown_of(profile)
    values = {name: in_one_line(value) for name, value in shown.model_dump(exclude={"addresses", "programs"}).items()}
    asked = texts.say(language, QUESTION, **values, addresses=_listed(shown.addresses))
    if not shown.programs:
        return asked
    return texts.say(language, PROGRAMS, programs=_listed(shown.programs)) + "\n\n" + asked


def confirm(profile: Profile) -> None:
    """Remember that this person works with a company in its home, as it now is."""
    new = shown_of(profile)
    if new not in confirmations():
        others = (each for each in confirmations() if (each.home, each.company_id) != (new.home, new.company_id))
        _keep([*others, new])


def remember(profile: Profile) -> Profile:
    """Keep that a company's home is one's own, where only the environment says so: Excel and a clock have another.

    What is made on this machine, or worked with in a home that the environment names, is confirmed by that.
    """
    if profile.home.resolve() != own_homes()[-1].resolve():
        with suppress(OSError):  # no place to keep it: it is asked there
            confirm(profile)
    return profile


def withdraw(named: str) -> bool:
    """Forget what was confirmed of a home or of a company; whether there was anything."""
    known = confirmations()
    left = [each for each in known if named not in (each.home, each.company, each.company_id)]
    if len(left) < len(known):
        _keep(left)
    return len(left) < len(known)


def confirmations() -> tuple[Confirmed, ...]:
    """What was confirmed, the oldest first. Raises ``CannotRun`` (trust_damaged)."""
    path = private.person_place() / FILE
    try:
        return CONFIRMED.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as wrong:
        raise CannotRun(Problem(code="trust_damaged", params={"path": str(path)}, detail=str(wrong))) from wrong


def shown_of(profile: Profile) -> Confirmed:
    """What there is to confirm of a company; its connector is opened for that, and reaches nothing yet."""
    with profile.open_ledger() as ledger:
        addresses, programs = ledger.addresses(), tuple(ledger.programs())
    return Confirmed(
        home=str(profile.home),
        company=profile.company,
        company_id=profile.id,
        ledger=ledger.label,
        addresses=(*addresses, *([profile.journal_url] if profile.journal_url else [])),
        folder=str(profile.folder),
        programs=programs,
    )


def _listed(names: Iterable[str]) -> str:
    return in_one_line(", ".join(names))


def _found(claim: Claim, place: Path) -> Profile | None:
    there = (place_of(claim.company, place) / "profile.toml").is_file()
    return load(claim.company, place) if there else None


def _confirmed(claim: Claim, place: Path) -> Profile | None:
    """The company in a home that was confirmed, if it still is what was shown then."""
    known = [each for each in confirmations() if each.home == str(place) and each.company_id == claim.company_id]
    if not known:
        return None
    profile = load(claim.company, place)
    _same_company(claim, profile)
    return profile if shown_of(profile) in known else None


def _same_company(claim: Claim, profile: Profile) -> None:
    if not claim.is_of(profile):
        params = {"company": claim.company, "found": profile.company, "home": str(profile.home)}
        raise CannotRun(Problem(code="workbook_of_another", params=params))


def _nothing_here(claim: Claim) -> CannotRun:
    """Why a workbook leads to none of one's own companies."""
    for place in own_homes():
        if profile := _found(claim, place):
            params = {"company": claim.company, "found": profile.company, "home": str(profile.home)}
            return CannotRun(Problem(code="workbook_of_another", params=params))
    known = sorted(path.parent.name for path in companies().glob("*/profile.toml"))
    return CannotRun(Problem(code="company_unknown", params={"company": claim.company, "known": ", ".join(known)}))


def _refused(text: str) -> CannotRun:
    return CannotRun(Problem(code="home_refused", params={"home": text[:LONGEST]}))


def _unconfirmed(claim: Claim, place: Path) -> CannotRun:
    return CannotRun(Problem(code="home_unconfirmed", params={"company": claim.company, "home": str(place)}))


def _keep(known: Iterable[Confirmed]) -> None:
    shown = [each.model_dump(mode="json") for each in known]
    private.write(private.person_place() / FILE, json.dumps(shown, indent=1, ensure_ascii=False) + "\n")
