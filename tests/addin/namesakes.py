"""A labelled set of accounts and ledger customers, as two systems of one association write the same people down.

It is drawn from one seed, and knows nothing of how the product compares names. Each account has the reference of the
customer that it is, or none where the ledger has not got it; each says what was done to its name. Among the customers
are decoys: namesakes, twin companies, households, chapters of one body.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.ledger import LedgerCustomer
from connectors.records import Customer

_PARTS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SURNAMES, GIVEN, PLACES, TRADES, MAKERS, WORKS = (
    _PARTS[part] for part in ("surnames", "given", "places", "trades", "makers", "works")
)
LEGAL = ("inc.", "ltée", "Inc.", "Ltd.", "S.E.N.C.", "enr.", "Corp.", "LLP", "")
SHORT = {
    "Association": "Assoc.", "Société": "Soc.", "Municipalité": "Mun.", "Entreprises": "Ent.", "Construction": "Const.",
    "Services": "Serv.", "Fondation": "Fond.", "Coopérative": "Coop.", "Saint": "St", "Sainte": "Ste", "et": "&",
    "Québec": "Qc", "Montréal": "Mtl", "Université": "Univ.", "Company": "Co.", "Engineering": "Eng.",
    "Department": "Dept", "International": "Int'l", "Transport": "Transp.", "Investissements": "Invest.",
    "Communications": "Comm.", "Centre": "Ctr", "Chambre": "Ch.", "commerce": "comm.", "Gestion": "Gest.",
}  # fmt: skip
BOTH_WAYS = (
    ("Ville de {p}", "City of {p}"), ("Université de {p}", "University of {p}"), ("Musée de {p}", "{p} Museum"),
    ("Chambre de commerce de {p}", "{p} Chamber of Commerce"), ("Hôpital général de {p}", "{p} General Hospital"),
    ("Bibliothèque publique de {p}", "{p} Public Library"), ("Orchestre symphonique de {p}", "{p} Symphony Orchestra"),
)  # fmt: skip
FREE_MAIL = ("gmail.com", "hotmail.com", "videotron.ca", "outlook.com")


@dataclass(frozen=True, slots=True)
class Labelled:
    """An account, the reference of the customer that it is (empty of none), and what was done to its name."""

    account: Customer
    right: str
    change: str


def plain(text: str) -> str:
    """A text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _once(name: str) -> str:
    """A name as it may be new once only: limitée is Ltd. in English, and no other company."""
    return plain(name).casefold().replace("ltee", "ltd").replace(".", "")


class Registers:
    """The two lists: 5,000 customers of a ledger, and 2,000 accounts of which about 1,700 are among them."""

    def __init__(self, seed: int, accounts: int = 2000, customers: int = 5000) -> None:
        self.random = random.Random(seed)
        self._names: set[str] = set()
        self.customers: list[LedgerCustomer] = []
        while len(self.customers) < customers * 9 // 10:
            self._add(self._name())
        while len(self.customers) < customers:
            self._decoy(self.random.choice(self.customers))
        chosen = self.random.sample(self.customers, accounts * 17 // 20)
        self.accounts = [self._account(number, each) for number, each in enumerate(chosen)]
        while len(self.accounts) < accounts:
            self.accounts.append(self._stranger(len(self.accounts)))
        self.random.shuffle(self.accounts)

    def _name(self) -> str:
        r, pick = self.random, self.random.choice
        place, surname = pick(PLACES), pick(SURNAMES)
        shapes: tuple[tuple[int, Callable[[], str]], ...] = (
            (40, lambda: f"{pick(GIVEN)} {surname}"),
            (14, lambda: f"{pick(MAKERS)} {surname} {pick(LEGAL)}"),
            (8, lambda: f"{surname} {pick(WORKS)} {pick(('Ltd.', 'Inc.', ''))}"),
            (6, lambda: f"Les Entreprises {pick(GIVEN)} {surname} {pick(LEGAL)}"),
            (8, lambda: f"Association des {pick(TRADES)} de {place}"),
            (5, lambda: pick(pick(BOTH_WAYS)).format(p=place)),
            (4, lambda: f"Fondation {pick(GIVEN)}-{surname}"),
            (4, lambda: f"{pick(MAKERS)} {surname} et {pick(SURNAMES)} {pick(LEGAL)}"),
            (4, lambda: f"{r.randint(9000, 9499)}-{r.randint(1000, 9999)} Québec inc."),
            (
                4,
                lambda: (
                    f"{pick(('Club de golf', 'Coopérative', 'Centre dentaire', 'Municipalité', 'Auberge'))} {place}"
                ),
            ),
            (3, lambda: f"Société d'histoire de {place}"),
        )
        [shape] = r.choices([each for _, each in shapes], [weight for weight, _ in shapes])
        return " ".join(shape().split())

    def _add(self, name: str, **rest: str) -> None:
        if _once(name) in self._names and not rest:
            return
        self._names.add(_once(name))
        reached = {"email": self._email(name), "phone": self._phone()} | rest
        reference = f"L{len(self.customers):05}"
        self.customers.append(
            LedgerCustomer(reference=reference, name=name, email=reached["email"], phone=reached["phone"])
        )

    def _email(self, name: str) -> str:
        words = [plain(word).strip(".,'").lower() for word in name.replace("-", " ").split()]
        if self.random.random() < 0.35:
            return ""
        if len(words) == 2:
            return f"{words[0]}.{words[1]}{self.random.randint(1, 99)}@{self.random.choice(FREE_MAIL)}"
        at = f"{''.join(words[:3])}{self.random.randint(1, 999)}.ca"
        return f"{self.random.choice(('info', 'admin', 'comptabilite'))}@{at}"

    def _phone(self) -> str:
        r = self.random
        return (
            ""
            if r.random() < 0.35
            else f"{r.choice((418, 514, 450, 613))}-{r.randint(200, 999)}-{r.randint(0, 9999):04}"
        )

    def _decoy(self, of: LedgerCustomer) -> None:
        """Somebody else who looks like a customer: a namesake, a relative, a twin company, another chapter."""
        r, words = self.random, of.name.split()
        if len(words) == 2 and words[0] in GIVEN:
            if r.random() < 0.5:
                self._add(
                    of.name, email=f"{plain(words[1]).lower()}{r.randint(100, 999)}@gmail.com", phone=self._sure_phone()
                )
            else:
                self._add(f"{r.choice(GIVEN)} {words[1]}", email=of.email, phone=of.phone)
        elif of.name.startswith(("Association", "Société", "Ville", "Club")):
            self._add(f"{of.name}, section {r.choice(PLACES)}")
        else:
            self._add(
                f"{words[0]} {' '.join(words[1:])} {r.choice(('et Fils', '(Est)', 'Nord', '2000', 'International'))}"
            )

    def _sure_phone(self) -> str:
        return f"819-{self.random.randint(200, 999)}-{self.random.randint(0, 9999):04}"

    def _account(self, number: int, customer: LedgerCustomer) -> Labelled:
        r = self.random
        change = r.choices(list(CHANGES), [weight for weight, _ in CHANGES.values()])[0]
        name = CHANGES[change][1](r, customer.name)
        email, phone = (each if r.random() < 0.75 else "" for each in (customer.email, customer.phone))
        if change == "renamed":
            email, phone = customer.email, customer.phone
            change = change if email or phone else "same"
            name = name if email or phone else customer.name
        if change != "renamed" and email and r.random() < 0.08:
            email = f"nouveau{r.randint(1, 999)}@{r.choice(FREE_MAIL)}"
        phone = phone.replace("-", " ") if r.random() < 0.5 else f"+1 ({phone[:3]}) {phone[4:]}" if phone else ""
        email = email.upper() if r.random() < 0.1 else email
        return Labelled(Customer(key=f"A{number}", name=name, email=email, phone=phone), customer.reference, change)

    def _stranger(self, number: int) -> Labelled:
        """One whom the ledger does not have; a third bears the name of one it has, and is reached elsewhere."""
        r = self.random
        like = r.choice(self.customers)
        if r.random() < 0.33 and like.email and like.phone:
            account = Customer(
                key=f"A{number}",
                name=like.name,
                email=f"x{r.randint(1, 9999)}@{r.choice(FREE_MAIL)}",
                phone=self._sure_phone(),
            )
            return Labelled(account, "", "namesake")
        name = self._name()
        while _once(name) in self._names:
            name = self._name()
        return Labelled(Customer(key=f"A{number}", name=name, email=self._email(name), phone=self._phone()), "", "new")


def typo(r: random.Random, name: str) -> str:
    """One slip of the fingers inside a word of five letters or more: left out, doubled, swapped, or another key."""
    places = [i for i in range(1, len(name) - 2) if name[i - 1 : i + 2].isalpha() and name[i - 2 : i + 3].isalpha()]
    if not places:
        return name
    i, slip = r.choice(places), r.randrange(4)
    middle = ("", name[i] * 2, name[i + 1] + name[i], r.choice("aeiourstln"))[slip]
    return name[:i] + middle + name[i + (2 if slip == 2 else 1) :]


def _initials(r: random.Random, name: str) -> str:
    given, _, rest = name.partition(" ")
    if given in GIVEN:
        return "-".join(f"{part[0]}." for part in given.split("-")) + f" {rest}"
    return " ".join(f"{word[0]}." if word in GIVEN else word for word in name.split())


def _household(r: random.Random, name: str) -> str:
    given, _, rest = name.partition(" ")
    if given not in GIVEN:
        return f"{name} (a/s {r.choice(GIVEN)} {r.choice(SURNAMES)})"
    return r.choice(
        (f"{given} et {r.choice(GIVEN)} {rest}", f"M. et Mme {given} {rest}", f"{r.choice(GIVEN)} et {given} {rest}")
    )


def _turned(r: random.Random, name: str) -> str:
    given, _, rest = name.partition(" ")
    return f"{rest}, {given}" if given in GIVEN else f"{rest} {given}" if r.random() < 0.5 else f"{rest} ({given})"


def _translated(r: random.Random, name: str) -> str:
    for french, english in BOTH_WAYS:
        for one, other in ((french, english), (english, french)):
            head, _, tail = one.partition("{p}")
            if name.startswith(head) and name.endswith(tail) and len(head + tail) > 4:
                return other.format(p=name[len(head) : len(name) - len(tail)])
    return name


def _shortened(r: random.Random, name: str) -> str:
    return " ".join("-".join(SHORT.get(part, part) for part in word.split("-")) for word in name.split())


def _founded(r: random.Random, name: str) -> str:
    words = name.split()
    kept = words[:-1] if words[-1] in LEGAL else words
    return " ".join((*kept, r.choice(LEGAL))).strip() if kept != words else name


def _as_typed(r: random.Random, name: str) -> str:
    changed = (plain(name), name.upper(), plain(name).upper(), name.replace("-", " "), name.replace("'", "’").lower())
    return r.choice(changed)


CHANGES: dict[str, tuple[int, Callable[[random.Random, str], str]]] = {
    "same": (25, lambda r, name: name),
    "as typed": (16, _as_typed),
    "legal form": (8, _founded),
    "one typo": (14, typo),
    "two typos": (5, lambda r, name: typo(r, typo(r, name))),
    "abbreviated": (8, _shortened),
    "initials": (6, _initials),
    "turned": (6, _turned),
    "household": (4, _household),
    "translated": (3, _translated),
    "renamed": (4, lambda r, name: f"{r.choice(MAKERS)} {r.choice(SURNAMES)}-{r.choice(SURNAMES)}"),
}
"""What happens to a name between two systems, with its weight."""


def grown(seed: int, size: int) -> tuple[list[Customer], list[LedgerCustomer]]:
    """As many accounts as customers, for measuring."""
    registers = Registers(seed, accounts=size, customers=size)
    return [each.account for each in registers.accounts], registers.customers
