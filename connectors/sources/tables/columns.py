"""The files and their columns as data: what is read, under which headings, and what the documentation says of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from connectors.records import Kind


class Type(StrEnum):
    """What a column holds; the documentation says how each is written."""

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    AMOUNT = "amount"
    NUMBER = "number"
    RATE = "rate"
    COUNT = "count"
    DATE = "date"
    YES_NO = "yes_no"
    SENT = "sent"
    CURRENCY = "currency"
    KIND = "kind"
    WAY = "way"
    ORIGIN = "origin"
    DIRECTION = "direction"
    ROUNDING = "rounding"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, its French heading, and what an empty cell means: ``default``, unless a value is ``required``.

    ``refers`` names the table where the value must be found; ``lists`` the list that shows the value even when its
    file does not have it; ``long`` says that a text may have several lines.
    """

    name: str
    french: str
    meaning: str
    type: Type = Type.TEXT
    required: bool = False
    default: str = ""
    refers: str = ""
    lists: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file ``name.csv``, or a sheet of that name.

    ``key`` columns together name a row once. ``owner`` is the column that says which record of another table a row
    belongs to, and ``part`` that the record is not whole without it; ``kind`` is what its rows become, where that is
    one kind. A column that tells the currency (its own or the owner's) stands before the amounts.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    owner: str = ""
    part: bool = False
    kind: Kind | None = None

    def column(self, name: str) -> Column:
        """The column of this name; raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def heading(text: str) -> str:
    """What two headings are compared by: no case, no accents, and any other character alike."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub("[^a-z0-9]+", "_", plain.casefold()).strip("_")


def _address(name: str, french: str, purpose: str) -> tuple[Column, ...]:
    return (
        Column(
            f"{name}_street", f"{french}_rue", f"Street of the {purpose} address; may hold several lines", long=True
        ),
        Column(f"{name}_city", f"{french}_ville", "City"),
        Column(f"{name}_region", f"{french}_province", "Province or state"),
        Column(f"{name}_postal_code", f"{french}_code_postal", "Postal code", Type.CODE),
        Column(f"{name}_country", f"{french}_pays", "Country, two letters (ISO 3166)"),
    )


_KEY = Column(
    "key", "clé", "The record's own identifier; never changes, never comes back for another", Type.CODE, required=True
)
_NUMBER = Column("number", "numéro", "The number people read", Type.CODE)
_DATE = Column("date", "date", "Date", Type.DATE, required=True)
_CURRENCY = Column("currency", "devise", "Currency (ISO 4217); empty means the company's", Type.CURRENCY)
_RATE = (
    Column("rate", "taux_de_change", "Of a foreign currency: units of the home currency for one of it", Type.NUMBER),
    Column("rate_date", "date_du_taux", "The day that the rate is of", Type.DATE),
    Column("rate_source", "source_du_taux", "Who says the rate, such as a central bank"),
)
_MEMO = Column("memo", "mémo", "Note that goes along to the ledger", long=True)
_EMAIL = Column("email", "courriel", "E-mail address that the document is sent to")
_CONFIRMATION = Column(
    "confirmation",
    "numéro_de_confirmation",
    "Number that the processor or the bank gave it; may come later",
    Type.CODE,
)
_METHOD = Column("method", "mode_de_paiement", "Payment method", Type.CODE, lists="methods")
_DEPOSIT = Column(
    "deposit_account", "compte_de_dépôt", "The ledger's code of the account the money went to, or came from", Type.CODE
)
_REFERENCE = Column(
    "sync_reference", "référence_de_synchronisation", "The ledger's reference, if transferred before", Type.CODE
)
_URL = Column("url", "adresse_web", "Page of the record in its own system")
_CODE = Column("code", "code", "The code other files use", Type.CODE, required=True)
_NAME = Column("name", "nom", "Name people read; empty means the code")
_ACTIVE = Column("active", "actif", "Whether it may still be used", Type.YES_NO, default="yes")

ACCOUNTS = Table(
    "accounts",
    "Who is billed, or bills us: companies, and persons below them.",
    (
        _KEY,
        _NUMBER,
        Column("name", "nom", "Name of the company, or full name of the person", required=True),
        Column("is_person", "est_une_personne", "A person, not a company", Type.YES_NO, default="no"),
        Column("is_supplier", "est_un_fournisseur", "A supplier, that bills us", Type.YES_NO, default="no"),
        Column("first_name", "prénom", "First name of a person"),
        Column("last_name", "nom_de_famille", "Last name of a person"),
        Column("contact", "personne_ressource", "Whom to speak to"),
        Column("email", "courriel", "E-mail address"),
        Column("phone", "téléphone", "Telephone", Type.CODE),
        Column("mobile", "cellulaire", "Mobile telephone", Type.CODE),
        Column("fax", "télécopieur", "Fax", Type.CODE),
        Column("website", "site_web", "Website"),
        *_address("billing", "facturation", "billing"),
        *_address("shipping", "livraison", "shipping"),
        Column("parent", "compte_parent", "Key of the account above this one", Type.CODE, refers="accounts"),
        Column("care_of", "aux_soins_de", "In whose care mail is sent: an account's key, or a name"),
        Column("terms", "modalités", "Code of the payment terms", Type.CODE, lists="terms"),
        Column("tax_exempt", "exonéré_de_taxes", "Pays no tax", Type.YES_NO, default="no"),
        Column("exempt_reason", "motif_d_exonération", "Why it pays no tax", long=True),
        Column("notes", "notes", "Notes", long=True),
        _CURRENCY,
        _REFERENCE,
        _URL,
    ),
    key=("key",),
    required=True,
    kind=Kind.CUSTOMER,
)
DOCUMENTS = Table(
    "documents",
    "Invoices, credits, supplier invoices, sales receipts and refunds; amounts are positive on every kind.",
    (
        _KEY,
        Column("kind", "type", "What the document is", Type.KIND, required=True),
        Column("number", "numéro", "The number people read", Type.CODE, required=True),
        _DATE,
        Column("due", "échéance", "Due date", Type.DATE),
        Column("account", "compte", "Key of the account", Type.CODE, required=True, refers="accounts"),
        _CURRENCY,
        *_RATE,
        Column("subtotal", "sous_total", "Sum of the lines, before tax", Type.AMOUNT, required=True),
        Column("tax", "taxes", "Sum of the taxes", Type.AMOUNT, required=True),
        Column("total", "total", "Subtotal and tax", Type.AMOUNT, required=True),
        Column("balance", "solde", "What is left to pay, after every payment and credit", Type.AMOUNT, required=True),
        Column("care_of", "aux_soins_de", "In whose care it is sent: an account's key, or a name"),
        Column("province", "province", "Province of supply, two letters (QC, ON)"),
        Column("origin", "origine", "What raised it", Type.ORIGIN, default="manual"),
        Column("terms", "modalités", "Code of the payment terms", Type.CODE, lists="terms"),
        Column("sent", "envoyée", "Sent to the account; a draft is not", Type.SENT, default="yes"),
        Column("cancelled", "annulée", "Cancelled", Type.YES_NO, default="no"),
        Column(
            "invoice",
            "facture",
            "Credit notes, vendor credits and refunds: key of the document they are for",
            Type.CODE,
            refers="documents",
        ),
        Column(
            "method",
            "mode_de_paiement",
            "Sales receipts and refunds: code of the payment method",
            Type.CODE,
            lists="methods",
        ),
        Column(
            "deposit_account",
            "compte_de_dépôt",
            "Sales receipts and refunds: the ledger's code of the account",
            Type.CODE,
        ),
        _EMAIL,
        _MEMO,
        _REFERENCE,
        _URL,
    ),
    key=("key",),
    required=True,
)
LINES = Table(
    "lines",
    "The lines of the documents.",
    (
        Column("document", "document", "Key of the document", Type.CODE, required=True, refers="documents"),
        Column("line", "ligne", "Line number on the document", Type.COUNT, required=True),
        Column("description", "description", "What is sold", long=True),
        Column("quantity", "quantité", "Quantity", Type.NUMBER, default="1"),
        Column("unit_price", "prix_unitaire", "Unit price; empty means the amount if quantity is 1", Type.NUMBER),
        Column("amount", "montant", "Amount before tax; negative for a discount", Type.AMOUNT, required=True),
        Column("item", "article", "Code of the product or service", Type.CODE, lists="items"),
        Column("gl_account", "compte_gl", "Code of the general ledger account", Type.CODE, lists="gl_accounts"),
        Column("tax_group", "groupe_de_taxes", "Code of the tax group", Type.CODE, refers="tax_groups"),
        Column("class", "classe", "Code of the class", Type.CODE, lists="classes"),
        Column("tax_amount", "montant_de_taxe", "Tax of this line", Type.AMOUNT, default="0"),
    ),
    key=("document", "line"),
    required=True,
    owner="document",
    part=True,
)
DOCUMENT_TAXES = Table(
    "document_taxes",
    "What each tax amounts to on a document.",
    (
        Column("document", "document", "Key of the document", Type.CODE, required=True, refers="documents"),
        Column("tax", "taxe", "Code of the tax", Type.CODE, required=True, refers="taxes"),
        Column("amount", "montant", "Amount of the tax", Type.AMOUNT, required=True),
        Column("base", "base", "Amount it was computed on", Type.AMOUNT, default="0"),
    ),
    key=("document", "tax"),
    owner="document",
    part=True,
)
PAYMENTS = Table(
    "payments",
    "Money received, paid to a supplier, or returned by the bank; what is not allocated stays on account.",
    (
        _KEY,
        Column("kind", "type", "Which way the money went; empty means as what it pays, or its account, says", Type.WAY),
        _NUMBER,
        _DATE,
        Column(
            "account",
            "compte",
            "Key of the account that paid, or was paid",
            Type.CODE,
            required=True,
            refers="accounts",
        ),
        _CURRENCY,
        *_RATE,
        Column("amount", "montant", "Amount of the payment", Type.AMOUNT, required=True),
        Column("invoice", "facture", "Key of the one invoice it pays", Type.CODE, refers="documents"),
        Column(
            "payment", "paiement", "Returned payments: key of the payment that came back", Type.CODE, refers="payments"
        ),
        Column(
            "fee",
            "frais",
            "What a processor or the bank charged for it, taken off its account",
            Type.AMOUNT,
            default="0",
        ),
        _METHOD,
        _DEPOSIT,
        Column("direction", "direction", "Which way it travels", Type.DIRECTION, default="to_ledger"),
        _CONFIRMATION,
        _MEMO,
        _REFERENCE,
        _URL,
    ),
    key=("key",),
    kind=Kind.PAYMENT,
)
ALLOCATIONS = Table(
    "allocations",
    "Which invoices a payment pays; one payment may pay several.",
    (
        Column("payment", "paiement", "Key of the payment", Type.CODE, required=True, refers="payments"),
        Column("invoice", "facture", "Key of the invoice", Type.CODE, required=True, refers="documents"),
        Column("amount", "montant", "The part that goes to this invoice", Type.AMOUNT, required=True),
        Column("discount", "escompte", "Taken off besides, because it was paid early", Type.AMOUNT, default="0"),
    ),
    key=("payment", "invoice"),
    owner="payment",
    part=True,
    kind=Kind.PAYMENT,
)
JOURNAL_ENTRIES = Table(
    "journal_entries",
    "Entries made by hand.",
    (
        _KEY,
        _NUMBER,
        _DATE,
        _CURRENCY,
        *_RATE,
        _MEMO,
        Column("invoice", "facture", "Key of the document it belongs to", Type.CODE, refers="documents"),
        _REFERENCE,
        _URL,
    ),
    key=("key",),
    kind=Kind.JOURNAL_ENTRY,
)
ENTRY_LINES = Table(
    "entry_lines",
    "The lines of the journal entries: a debit or a credit each.",
    (
        Column("entry", "entrée", "Key of the journal entry", Type.CODE, required=True, refers="journal_entries"),
        Column("line", "ligne", "Line number in the entry", Type.COUNT, required=True),
        Column(
            "gl_account",
            "compte_gl",
            "Code of the general ledger account",
            Type.CODE,
            required=True,
            lists="gl_accounts",
        ),
        Column("debit", "débit", "Debit", Type.AMOUNT, default="0"),
        Column("credit", "crédit", "Credit", Type.AMOUNT, default="0"),
        _MEMO,
        Column("account", "compte", "Key of the account, on a receivable", Type.CODE, refers="accounts"),
    ),
    key=("entry", "line"),
    owner="entry",
    part=True,
    kind=Kind.JOURNAL_ENTRY,
)
SCHEDULES = Table(
    "schedules",
    "Revenue received in advance: which line of which invoice becomes revenue over which months.",
    (
        _KEY,
        Column("invoice", "facture", "Key of the document", Type.CODE, required=True, refers="documents"),
        Column("line", "ligne", "Line number on the document", Type.COUNT, required=True),
        Column("start", "début", "First day of the first month", Type.DATE, required=True),
        Column("months", "mois", "Number of months", Type.COUNT, required=True),
        Column("amount", "montant", "Amount over all months", Type.AMOUNT, required=True),
        Column(
            "deferred_account",
            "compte_reporté",
            "GL account it was billed to",
            Type.CODE,
            required=True,
            lists="gl_accounts",
        ),
        Column(
            "revenue_account",
            "compte_de_revenu",
            "GL account of the revenue",
            Type.CODE,
            required=True,
            lists="gl_accounts",
        ),
    ),
    key=("key",),
    owner="invoice",
)
GL_ACCOUNTS = Table(
    "gl_accounts",
    "The general ledger accounts the source uses.",
    (_CODE, _NAME, Column("type", "type", "What sort of account"), _ACTIVE),
    key=("code",),
)
ITEMS = Table(
    "items",
    "Products and services.",
    (
        _CODE,
        _NAME,
        Column("gl_account", "compte_gl", "Code of its general ledger account", Type.CODE, lists="gl_accounts"),
        _ACTIVE,
    ),
    key=("code",),
)
TAXES = Table(
    "taxes",
    "Single taxes.",
    (
        _CODE,
        _NAME,
        Column("rate", "taux", "Rate in percent", Type.RATE, required=True),
        Column("registration", "inscription", "Our registration number", Type.CODE),
        _REFERENCE,
    ),
    key=("code",),
)
TAX_GROUPS = Table(
    "tax_groups",
    "Taxes that apply together to a line.",
    (
        _CODE,
        _NAME,
        Column("taxes", "taxes", "Codes of the taxes", Type.CODES, refers="taxes"),
        Column("rounding", "arrondi", "How the tax is rounded", Type.ROUNDING, default="sum_of_rounded"),
        Column(
            "category",
            "catégorie",
            "What it is in a return; empty: taxed with a rate, zero-rated with rates of 0, exempt without taxes",
            Type.CATEGORY,
        ),
        _REFERENCE,
    ),
    key=("code",),
)
TERMS = Table("terms", "Payment terms.", (_CODE, _NAME), key=("code",))
METHODS = Table("methods", "Payment methods.", (_CODE, _NAME), key=("code",))
CLASSES = Table("classes", "Classes (departments, projects).", (_CODE, _NAME), key=("code",))

TABLES = (
    ACCOUNTS,
    DOCUMENTS,
    LINES,
    DOCUMENT_TAXES,
    PAYMENTS,
    ALLOCATIONS,
    JOURNAL_ENTRIES,
    ENTRY_LINES,
    SCHEDULES,
    GL_ACCOUNTS,
    ITEMS,
    TAXES,
    TAX_GROUPS,
    TERMS,
    METHODS,
    CLASSES,
)
