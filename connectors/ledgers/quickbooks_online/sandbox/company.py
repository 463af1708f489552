"""One company: its objects by entity and id, what is unique among them, its books, and what was deleted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from threading import RLock

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, Json, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Books
from connectors.ledgers.quickbooks_online.sandbox.fields import typed
from connectors.ledgers.quickbooks_online.sandbox.french import in_french
from connectors.ledgers.quickbooks_online.sandbox.refusals import MADE_INACTIVE, Refusal, not_found, refuse
from connectors.sandboxes.clock import Clock

PACIFIC = timezone(timedelta(hours=-8))
"""The vendor's samples tell every time with this offset (or -07:00 in summer)."""

TRANSACTIONS = (
    "Invoice",
    "CreditMemo",
    "SalesReceipt",
    "RefundReceipt",
    "Payment",
    "Bill",
    "VendorCredit",
    "BillPayment",
    "Purchase",
    "JournalEntry",
)
LISTS = (
    *("Customer", "Vendor", "Account", "Item", "Term", "PaymentMethod", "Class", "Department"),
    *("TaxCode", "TaxRate", "TaxAgency", "Preferences", "CompanyInfo"),
)
ENTITIES = {entity.lower(): entity for entity in (*LISTS, *TRANSACTIONS)}

_SEQUENCE = {"Customer": "Name", "Vendor": "Name", **dict.fromkeys(TRANSACTIONS, "Txn")}
_NAMED = {"Customer": "DisplayName", "Vendor": "DisplayName", "TaxAgency": "DisplayName"}
_WORDS = {"Customer": "Names", "Vendor": "Names", "Account": "Accounts", "Item": "Items"}
"""How a bad reference is worded: ``Accounts`` is recorded, the others are assumed alike."""

_BALANCE_SHEET = ("Asset", "Liability", "Equity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How a company behaves where the vendor leaves it to settings that the API does not show.

    ``unique_numbers`` is the setting that warns of duplicate document numbers; ``closing_password`` tells whether
    closed books ask for a password (6210) or refuse outright (6200); ``subscribed`` off answers 6190 to writes;
    ``latin_queries`` answers 4000 to a query with a character that ISO-8859-1 lacks, as companies in the US do always.
    ``ascii_queries`` does so to any letter with an accent: nobody has seen that, nor that it never happens.
    ``parties_in_home`` makes every customer and vendor in the home currency, whatever was sent: once seen of vendors.
    ``rate_decimals`` is how many decimals of a rate are kept, where not all are: users tell of four, others of six.
    ``french`` says what is refused in French, as a company that works in it is answered. ``unreadable`` are entities
    that the service fails to tell: a Fault then stands in their place within the answer (schema: "Fault or Object").
    """

    unique_numbers: bool = True
    closing_password: bool = False
    subscribed: bool = True
    latin_queries: bool = False
    ascii_queries: bool = False
    parties_in_home: bool = False
    rate_decimals: int | None = None
    french: bool = False
    unreadable: frozenset[str] = frozenset()


class Company:
    """A realm. Whoever reads or changes it holds ``lock``.

    ``applied`` holds per settled transaction what each payment takes of it; ``settled_by`` the way back.
    """

    def __init__(self, realm: str, country: str, clock: Clock, switches: Switches | None = None) -> None:
        self.realm = realm
        self.country = country
        self.clock = clock
        self.switches = switches or Switches()
        self.lock = RLock()
        self.books = Books()
        self.applied: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        self.settled_by: defaultdict[str, set[str]] = defaultdict(set)
        self.special: dict[str, str] = {}
        self.agency_accounts: dict[str, str] = {}
        self.gone: list[tuple[str, str, datetime]] = []
        self._objects: dict[str, dict[str, Body]] = {entity: {} for entity in ENTITIES.values()}
        self._index: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._last: Counter[str] = Counter()

    @property
    def american(self) -> bool:
        """Whether the rules of US companies apply."""
        return self.country == "US"

    @property
    def home_currency(self) -> str:
        """The currency the books are kept in."""
        return str(self.preference("CurrencyPrefs", "HomeCurrency")["value"])

    def preference(self, section: str, name: str) -> Json:
        """One preference, ``None`` when it is not set."""
        return self._objects["Preferences"]["1"].get(section, {}).get(name)

    def fault(self, refusal: Refusal) -> dict[str, object]:
        """The ``Fault`` of a refusal, in the words of the company's language."""
        fault = refusal.fault()
        if self.switches.french and refusal.errors:
            fault["Error"] = [in_french(error.body()) for error in refusal.errors]
        return fault

    def now(self) -> str:
        """The time as the vendor writes it, to the second."""
        return self.clock.now().astimezone(PACIFIC).isoformat(timespec="seconds")

    def find(self, entity: str, id_: str) -> Body | None:
        """An object as it stands, or ``None``."""
        return self._objects[entity].get(id_)

    def get(self, entity: str, id_: str) -> Body:
        """An object as it stands. Raises 610."""
        if (found := self.find(entity, id_)) is None:
            raise not_found()
        return found

    def every(self, entity: str) -> Iterable[Body]:
        """All objects of an entity, in the order they were made."""
        return self._objects[entity].values()

    def named(self, entity: str, name: str) -> set[str]:
        """The ids of those that bear a name, whatever its case; customers and vendors share one name space."""
        return self._index[_SEQUENCE.get(entity, entity), name.casefold()]

    def numbered(self, entity: str, number: str) -> set[str]:
        """The ids of the transactions of a type that bear a number."""
        return self._index[f"{entity} number", number]

    def children(self, entity: str, id_: str) -> set[str]:
        """The ids of those whose ``ParentRef`` is this object."""
        return self._index[f"{entity} parent", id_]

    def resolve(self, body: Body, name: str, entity: str) -> Body | None:
        """What a reference points to, its ``name`` filled in; ``None`` without one. Raises 2500; 610 if inactive."""
        id_ = reference(body, name)
        if not id_:
            return None
        if (found := self.find(entity, id_)) is None:
            raise refuse(
                "2500", f"Invalid Reference Id : {_WORDS.get(entity, entity)} element id {id_} not found", name
            )
        if found.get("Active") is False:
            raise refuse("610", f"Object Not Found : {MADE_INACTIVE}", name)
        title = found.get("FullyQualifiedName") or found.get("DisplayName") or found.get("Name")
        body[name] = {"value": id_, **({"name": title} if title else {})}
        return found

    def next_number(self) -> str:
        """The next document number where the service numbers (sales forms share one sequence in the samples)."""
        self._last["DocNumber"] += 1
        return str(1000 + self._last["DocNumber"])

    def insert(self, entity: str, body: Body, id_: str = "") -> Body:
        """Keep a new object, with id, token and times; ids run per list, and in one row for all transactions."""
        sequence = _SEQUENCE.get(entity, entity)
        if not id_:
            self._last[sequence] += 1
            id_ = str(self._last[sequence])
        elif id_.isdigit():
            self._last[sequence] = max(self._last[sequence], int(id_))
        now = self.now()
        times = {"CreateTime": now, "LastUpdatedTime": now}
        return self._keep(entity, {**body, **_system(id_, "0", times)})

    def replace(self, entity: str, body: Body, old: Body) -> Body:
        """Keep a changed object under the next token."""
        self._unindex(entity, old)
        times = {**old["MetaData"], "LastUpdatedTime": self.now()}
        return self._keep(entity, {**body, **_system(old["Id"], str(int(old["SyncToken"]) + 1), times)})

    def remove(self, entity: str, body: Body) -> None:
        """Forget an object, and remember for the change data capture that it went."""
        self._unindex(entity, body)
        del self._objects[entity][body["Id"]]
        self.gone.append((entity, body["Id"], self.clock.now()))

    def touch(self, body: Body) -> None:
        """Note that an object changed through another.

        Assumption: its time changes and its token does not (the sample item sold on an invoice carries the time of
        that invoice).
        """
        body["MetaData"]["LastUpdatedTime"] = self.now()

    def show_balances(self, moved: Iterable[str]) -> None:
        """Write the balances of accounts and names that moved into their objects, and into their parents'."""
        for word in moved:
            kind, _, id_ = word.partition(" ")
            if kind == "Account":
                self._show_account(self.get("Account", id_))
            else:
                self._show_name(id_)

    def _show_account(self, account: Body) -> None:
        listed = account["Classification"] in _BALANCE_SHEET
        account["CurrentBalance"] = self.books.accounts[account["Id"]] if listed else ZERO
        for each in (account, *self.ancestors("Account", account)):
            self._show_with("Account", each, "CurrentBalance", "CurrentBalanceWithSubAccounts")

    def _show_name(self, id_: str) -> None:
        if vendor := self.find("Vendor", id_):
            vendor["Balance"] = -self.books.names[id_]
        elif customer := self.find("Customer", id_):
            customer["Balance"] = self.books.names[id_]
            for each in (customer, *self.ancestors("Customer", customer)):
                self._show_with("Customer", each, "Balance", "BalanceWithJobs")

    def _show_with(self, entity: str, body: Body, own: str, whole: str) -> None:
        below = (self.get(entity, child).get(whole, ZERO) for child in self.children(entity, body["Id"]))
        body[whole] = body.get(own, ZERO) + sum(below, ZERO)

    def ancestors(self, entity: str, body: Body) -> Iterator[Body]:
        """The parents of an object, from the nearest up."""
        while parent := reference(body, "ParentRef"):
            body = self.get(entity, parent)
            yield body

    def dump(self) -> Body:
        """All that a snapshot needs: objects, sequences, deletions. Books and links follow from them."""
        return {
            "realm": self.realm,
            "country": self.country,
            "objects": {entity: deepcopy(list(kept.values())) for entity, kept in self._objects.items()},
            "last": dict(self._last),
            "gone": [[entity, id_, moment.isoformat()] for entity, id_, moment in self.gone],
            "special": self.special,
            "agency_accounts": self.agency_accounts,
        }

    def load(self, snapshot: Body) -> None:
        """Take a snapshot's content in place of one's own; the caller posts the transactions again."""
        for entity, bodies in snapshot["objects"].items():
            for body in bodies:
                self._keep(entity, typed(entity, body))
        self._last.update(snapshot["last"])
        self.gone = [(entity, id_, datetime.fromisoformat(at).astimezone(UTC)) for entity, id_, at in snapshot["gone"]]
        self.special = snapshot["special"]
        self.agency_accounts = snapshot["agency_accounts"]

    def _keep(self, entity: str, body: Body) -> Body:
        self._objects[entity][body["Id"]] = body
        for key in self._keys(entity, body):
            self._index[key].add(body["Id"])
        return body

    def _unindex(self, entity: str, body: Body) -> None:
        for key in self._keys(entity, body):
            self._index[key].discard(body["Id"])

    def _keys(self, entity: str, body: Body) -> Iterator[tuple[str, str]]:
        if name := body.get(_NAMED.get(entity, "Name")):
            yield _SEQUENCE.get(entity, entity), name.casefold()
        if number := body.get("DocNumber"):
            yield f"{entity} number", number
        if parent := reference(body, "ParentRef"):
            yield f"{entity} parent", parent


def _system(id_: str, token: str, times: Body) -> Body:
    return {"domain": "QBO", "sparse": False, "Id": id_, "SyncToken": token, "MetaData": times}
