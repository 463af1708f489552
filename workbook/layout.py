"""The sheets and columns as data: what the template draws, what rows are read by and results are written to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, NamedTuple

from connectors.records import Direction, Kind, Origin, Side, SyncStatus, What
from workbook.source_captions import SOURCE_CHOICES

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


class Caption(NamedTuple):
    """What a person reads, in both languages."""

    en: str
    fr: str

    def of(self, language: Language) -> str:
        """The caption in one language."""
        return self.fr if language == "fr" else self.en


class Type(StrEnum):
    """What a column holds; codes and numbers that look like numbers are text."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    COUNT = "count"
    RATE = "rate"
    PERCENT = "percent"
    DATE = "date"
    CHOICE = "choice"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``choices`` names an entry of ``CHOICES`` or, with a dot, a table's column.

    The name of a whole table offers what that table has in the row of the same key. A ``folded`` column stands right of
    what is worked with, in an outline group that is closed until a person opens it.
    """

    key: str
    caption: Caption
    type: Type = Type.TEXT
    editable: bool = False
    choices: str = ""
    width: int = 14
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table (ListObject) of a stable name whose header row starts at ``anchor``.

    ``keys`` are the columns that together say whose row it is; without any, it is all that the row shows.
    """

    name: str
    caption: Caption
    columns: tuple[Column, ...]
    anchor: str = "A4"
    keys: tuple[str, ...] = ("key",)

    @property
    def row_key(self) -> tuple[str, ...]:
        """The columns by which a row is found again."""
        return self.keys or tuple(column.key for column in self.columns)

    def column(self, key: str) -> Column:
        """The column of this key; raises ``KeyError``."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"{self.name}.{key}")

    def __contains__(self, key: str) -> bool:
        return any(column.key == key for column in self.columns)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its stable key, its caption, its tables, a sentence of what it is for, and how it is shown.

    ``frozen`` columns stay in sight (and repeat in print) beside the header; ``pages`` is how many pages wide it
    prints. A ``guarded`` sheet is not protected, for Excel neither sorts nor opens an outline on a protected one: what
    is not to be typed in refuses that by itself.
    """

    key: str
    caption: Caption
    hint: Caption
    tables: tuple[Table, ...]
    hidden: bool = False
    frozen: int = 0
    pages: int = 1
    guarded: bool = False


STATUSES: dict[str, Caption] = {
    SyncStatus.STAND_BY: Caption("Stand By", "En attente"),
    SyncStatus.TO_TRANSFER: Caption("To Be Transferred", "À transférer"),
    SyncStatus.COMPLETED: Caption("Transfer Completed", "Transfert complété"),
    SyncStatus.ERROR: Caption("Transfer Error", "Erreur de transfert"),
    SyncStatus.DO_NOT_SYNC: Caption("Do Not Sync", "Ne pas synchroniser"),
    SyncStatus.IN_REVIEW: Caption("In Review", "En revue"),
}
KINDS: dict[str, Caption] = {
    Kind.CUSTOMER: Caption("Account", "Compte"),
    Kind.INVOICE: Caption("Invoice", "Facture"),
    Kind.CREDIT_NOTE: Caption("Credit note", "Note de crédit"),
    Kind.SUPPLIER_INVOICE: Caption("Supplier invoice", "Facture de fournisseur"),
    Kind.VENDOR_CREDIT: Caption("Vendor credit", "Crédit de fournisseur"),
    Kind.SALES_RECEIPT: Caption("Sales receipt", "Reçu de vente"),
    Kind.REFUND: Caption("Refund", "Remboursement"),
    Kind.PAYMENT: Caption("Payment", "Paiement"),
    Kind.SUPPLIER_PAYMENT: Caption("Supplier payment", "Paiement à un fournisseur"),
    Kind.RETURNED_PAYMENT: Caption("Returned payment", "Paiement retourné"),
    Kind.JOURNAL_ENTRY: Caption("Journal entry", "Entrée de journal"),
}
ORIGINS: dict[str, Caption] = {
    Origin.MEMBERSHIP: Caption("Membership", "Adhésion"),
    Origin.RENEWAL: Caption("Renewal", "Renouvellement"),
    Origin.EVENT: Caption("Event", "Événement"),
    Origin.SPONSORSHIP: Caption("Sponsorship", "Commandite"),
    Origin.DONATION: Caption("Donation", "Don"),
    Origin.ORDER: Caption("Order", "Commande"),
    Origin.MANUAL: Caption("Manual", "Manuelle"),
    Origin.CANCELLATION: Caption("Cancellation", "Annulation"),
    Origin.OPENING_BALANCE: Caption("Opening balance", "Solde d'ouverture"),
}
DIRECTIONS: dict[str, Caption] = {
    Direction.TO_LEDGER: Caption("To ledger", "Vers la comptabilité"),
    Direction.FROM_LEDGER: Caption("From ledger", "Depuis la comptabilité"),
}
WHAT: dict[str, Caption] = {
    What.CREATED: Caption("Created", "Création"),
    What.CHANGED: Caption("Changed", "Modification"),
    What.VOIDED: Caption("Voided", "Annulation"),
    What.DELETED: Caption("Deleted", "Suppression"),
    What.MERGED: Caption("Merged", "Fusion"),
}
DECISIONS: dict[str, Caption] = {"accept": Caption("Accept", "Accepter"), "ignore": Caption("Ignore", "Ignorer")}
FIELDS: dict[str, Caption] = {
    "number": Caption("Number", "Numéro"),
    "name": Caption("Name", "Nom"),
    "first_name": Caption("First name", "Prénom"),
    "last_name": Caption("Last name", "Nom de famille"),
    "email": Caption("E-mail", "Courriel"),
    "phone": Caption("Phone", "Téléphone"),
    "mobile": Caption("Mobile", "Cellulaire"),
    "fax": Caption("Fax", "Télécopieur"),
    "website": Caption("Website", "Site Web"),
    **{
        f"{key}.{part}": Caption(f"{address.en}: {name.en}", f"{address.fr}\u00a0: {name.fr}")
        for key, address in (
            ("billing", Caption("Billing address", "Adresse de facturation")),
            ("shipping", Caption("Shipping address", "Adresse de livraison")),
        )
        for part, name in (
            ("street", Caption("street", "rue")),
            ("city", Caption("city", "ville")),
            ("region", Caption("province or state", "province ou État")),
            ("postal_code", Caption("postal code", "code postal")),
            ("country", Caption("country", "pays")),
        )
    },
    "billing": Caption("Billing address", "Adresse de facturation"),
    "shipping": Caption("Shipping address", "Adresse de livraison"),
    "parent": Caption("Parent account", "Compte parent"),
    "terms": Caption("Terms", "Modalités"),
    "tax_exempt": Caption("Tax exempt", "Exonéré de taxes"),
    "exempt_reason": Caption("Exempt reason", "Motif d'exonération"),
    "notes": Caption("Notes", "Notes"),
    "date": Caption("Date", "Date"),
    "due": Caption("Due", "Échéance"),
    "customer": Caption("Account", "Compte"),
    "currency": Caption("Currency", "Devise"),
    "exchange": Caption("Rate of exchange", "Taux de change"),
    "lines": Caption("Lines", "Lignes"),
    "subtotal": Caption("Subtotal", "Sous-total"),
    "tax": Caption("Tax", "Taxes"),
    "total": Caption("Total", "Total"),
    "amount": Caption("Amount", "Montant"),
    "method": Caption("Payment method", "Mode de paiement"),
    "allocations": Caption("Invoices paid", "Factures payées"),
    "memo": Caption("Memo", "Mémo"),
    "confirmation": Caption("Confirmation", "Confirmation"),
    "description": Caption("Description", "Description"),
    "care_of": Caption("Care of", "Aux soins de"),
    "origin": Caption("Origin", "Origine"),
    "invoice": Caption("Invoice", "Facture"),
    "deposit_account": Caption("Deposit account", "Compte de dépôt"),
    "province": Caption("Province", "Province"),
    "taxes": Caption("Taxes", "Taxes"),
    "direction": Caption("Direction", "Sens"),
}
"""The fields of a record that a ledger tells."""
RECONCILED: dict[str, Caption] = {
    Side.SALES: Caption("Receivable", "À recevoir"),
    Side.PURCHASES: Caption("Payable", "À payer"),
    "deferred": Caption("Deferred revenue", "Revenus reportés"),
    "money": Caption("Money received", "Encaissements"),
}
"""What the reconciliation compares."""
YES_NO: dict[str, Caption] = {"yes": Caption("Yes", "Oui"), "no": Caption("No", "Non")}
RECOGNISE: dict[str, Caption] = {
    "paid_in_full": Caption("When paid in full", "Une fois payé en entier"),
    "in_proportion": Caption("In proportion to what is paid", "En proportion de ce qui est payé"),
}

CHOICES: dict[str, dict[str, Caption]] = {
    "status": STATUSES,
    "kind": KINDS,
    "origin": ORIGINS,
    "direction": DIRECTIONS,
    "yes_no": YES_NO,
    "reconciled": RECONCILED,
    "what": WHAT,
    "decision": DECISIONS,
    "field": FIELDS,
    "recognise": RECOGNISE,
    **{name: {code: Caption(*both) for code, both in choices.items()} for name, choices in SOURCE_CHOICES.items()},
}
"""Lists of codes and captions: the sheet shows the caption in its language, everything else speaks the code."""

KEY = Column("key", Caption("Key", "Clé"), width=12)
STATUS = Column("status", Caption("Status", "Statut"), Type.CHOICE, True, "status", 19)
REFERENCE = Column("reference", Caption("Sync reference", "Référence de synchronisation"), editable=True, width=18)
REASON = Column("reason", Caption("Reason", "Motif"), Type.LONG_TEXT, width=30)
FIX = Column("fix", Caption("Fix", "Quoi faire"), Type.LONG_TEXT, width=30)
CHANGED = Column("changed", Caption("Changed", "Modifications"), Type.LONG_TEXT, width=20)
SOURCE_LINK = Column("source_link", Caption("Open in source", "Ouvrir dans la source"), Type.LINK, width=14)
LEDGER_LINK = Column("ledger_link", Caption("Open in ledger", "Ouvrir en comptabilité"), Type.LINK, width=14)
CURRENCY = Column("currency", Caption("Currency", "Devise"), width=8)
RATE = Column("rate", Caption("Rate", "Taux"), Type.RATE, width=9)
"""Units of the home currency for one of a foreign one, where the source says it."""


def folded(*columns: Column) -> tuple[Column, ...]:
    """What the source knows besides: columns that a person unfolds to see."""
    return tuple(replace(column, folded=True) for column in columns)


ACCOUNTS = Table(
    "tblAccounts",
    Caption("Accounts", "Comptes"),
    (
        Column("number", Caption("Account no.", "N° de compte"), width=10),
        Column("name", Caption("Name", "Nom"), width=28),
        Column(
            "new_account",
            Caption("New account for sync", "Nouveau compte pour la synchronisation"),
            Type.CHOICE,
            True,
            "yes_no",
            22,
        ),
        STATUS,
        replace(REFERENCE, choices="tblCandidates", width=34),
        REASON,
        FIX,
        Column("suggested", Caption("Suggested match", "Correspondance suggérée"), width=60),
        Column("score", Caption("Match score", "Concordance"), Type.PERCENT, width=17),
        *folded(
            Column("contact", Caption("Contact", "Personne-ressource"), width=26),
            Column("email", Caption("E-mail", "Courriel"), width=36),
            Column("phone", Caption("Phone", "Téléphone"), width=15),
            Column("mobile", Caption("Mobile", "Cellulaire"), width=15),
            Column("fax", Caption("Fax", "Télécopieur"), width=15),
            Column("website", Caption("Website", "Site Web"), width=36),
            Column("billing", Caption("Billing address", "Adresse de facturation"), width=46),
            Column("shipping", Caption("Shipping address", "Adresse de livraison"), width=46),
            Column("parent", Caption("Parent account", "Compte parent"), width=14),
            Column("care_of", Caption("Care of", "Aux soins de"), width=24),
            Column("terms", Caption("Terms", "Modalités"), width=10),
            Column("tax_exempt", Caption("Tax exempt", "Exonéré de taxes"), Type.CHOICE, False, "yes_no", 10),
            Column("exempt_reason", Caption("Exempt reason", "Motif d'exonération"), width=18),
            Column("notes", Caption("Notes", "Notes"), width=20),
            CHANGED,
            SOURCE_LINK,
            LEDGER_LINK,
            KEY,
        ),
    ),
)
INVOICES = Table(
    "tblInvoices",
    Caption("Invoices", "Factures"),
    (
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 14),
        Column("number", Caption("Number", "Numéro"), width=13),
        Column("date", Caption("Date", "Date"), Type.DATE, width=11),
        Column("account", Caption("Account", "Compte"), width=26),
        Column("total", Caption("Total", "Total"), Type.AMOUNT, width=12),
        STATUS,
        REFERENCE,
        REASON,
        FIX,
        *folded(
            Column("due", Caption("Due", "Échéance"), Type.DATE, width=11),
            Column("care_of", Caption("Care of", "Aux soins de"), width=20),
            Column("origin", Caption("Origin", "Origine"), Type.CHOICE, False, "origin", 15),
            CURRENCY,
            RATE,
            Column("subtotal", Caption("Subtotal", "Sous-total"), Type.AMOUNT, width=12),
            Column("tax", Caption("Tax", "Taxes"), Type.AMOUNT, width=11),
            Column("balance", Caption("Balance", "Solde"), Type.AMOUNT, width=12),
            Column("sent", Caption("Sent", "Envoyée"), Type.CHOICE, False, "yes_no", 9),
            Column("paid", Caption("Paid", "Payée"), Type.CHOICE, False, "yes_no", 9),
            CHANGED,
            Column("reviewed_by", Caption("Reviewed by", "Révisé par"), width=14),
            SOURCE_LINK,
            LEDGER_LINK,
            KEY,
        ),
    ),
    keys=("kind", "key"),
)
LINES = Table(
    "tblLines",
    Caption("Lines", "Lignes"),
    (
        KEY,
        Column("invoice", Caption("Invoice key", "Clé de la facture"), width=12),
        Column("line", Caption("Line", "Ligne"), Type.COUNT, width=10),
        Column("description", Caption("Description", "Description"), width=40),
        Column("item", Caption("Item", "Article"), width=14),
        Column("gl_account", Caption("GL account", "Compte de grand livre"), width=12),
        Column(
            "ledger_account",
            Caption("Ledger account", "Compte comptable"),
            editable=True,
            choices="tblLedgerAccounts.code",
            width=16,
        ),
        Column(
            "ledger_item",
            Caption("Ledger item", "Article comptable"),
            editable=True,
            choices="tblLedgerItems.code",
            width=16,
        ),
        Column(
            "ledger_tax", Caption("Tax code", "Code de taxe"), editable=True, choices="tblLedgerTaxes.code", width=12
        ),
        Column("class_code", Caption("Class", "Classe"), width=12),
        Column("quantity", Caption("Quantity", "Quantité"), Type.QUANTITY, width=10),
        Column("unit_price", Caption("Unit price", "Prix unitaire"), Type.QUANTITY, width=12),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=12),
        Column("tax_amount", Caption("Tax amount", "Montant de taxe"), Type.AMOUNT, width=12),
        REASON,
    ),
    keys=("invoice", "key"),
)
DEPOSIT = Column(
    "deposit_account",
    Caption("Deposit account", "Compte de dépôt"),
    editable=True,
    choices="tblLedgerAccounts.code",
    width=16,
)
"""The account of the ledger that money goes to: of one payment, or of every payment made in one way."""

SPENDING = replace(DEPOSIT, key="spending_account", caption=Caption("Paid from", "Payé à partir de"))
"""The account that a supplier is paid from, by the way it is paid."""

FEES = replace(DEPOSIT, key="fee_account", caption=Caption("Fees", "Frais"))
"""The account of what a processor or the bank keeps of the payments made in one way."""

PAYMENTS = Table(
    "tblPayments",
    Caption("Payments", "Paiements"),
    (
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 14),
        Column("number", Caption("Number", "Numéro"), width=13),
        Column("date", Caption("Date", "Date"), Type.DATE, width=11),
        Column("account", Caption("Account", "Compte"), width=26),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=12),
        STATUS,
        REFERENCE,
        REASON,
        FIX,
        *folded(
            Column("invoice", Caption("Invoice", "Facture"), width=24),
            Column("method", Caption("Method", "Mode de paiement"), width=14),
            CURRENCY,
            RATE,
            Column("direction", Caption("Direction", "Sens"), Type.CHOICE, False, "direction", 18),
            DEPOSIT,
            CHANGED,
            KEY,
        ),
    ),
    keys=("kind", "key"),
)
ENTRIES = Table(
    "tblEntries",
    Caption("Journal entries", "Entrées de journal"),
    (
        Column("entry", Caption("Entry", "Entrée"), width=18),
        Column("date", Caption("Date", "Date"), Type.DATE, width=11),
        Column("account", Caption("Account", "Compte"), width=12),
        Column("debit", Caption("Debit", "Débit"), Type.AMOUNT, width=12),
        Column("credit", Caption("Credit", "Crédit"), Type.AMOUNT, width=12),
        Column("memo", Caption("Memo", "Mémo"), width=26),
        STATUS,
        REFERENCE,
        REASON,
        *folded(
            Column("invoice", Caption("Invoice", "Facture"), width=15),
            Column("key", KEY.caption, width=18),
        ),
    ),
)


def _mapping(name: str, caption: Caption, anchor: str, choices: str, *more: Column) -> Table:
    return Table(
        name,
        caption,
        (
            Column("code", Caption("Source code", "Code de la source"), width=19),
            Column("name", Caption("Source name", "Nom dans la source"), width=36),
            Column("ledger_code", Caption("Ledger code", "Code comptable"), editable=True, choices=choices, width=24),
            Column("ledger_name", Caption("Ledger name", "Nom au système comptable"), width=24),
            *more,
            Column("used", Caption("Used by", "Utilisé par"), Type.COUNT, width=9),
            REASON,
        ),
        anchor,
        ("code",),
    )


ACCOUNT_MAP = _mapping(
    "tblAccountMap", Caption("GL accounts", "Comptes de grand livre"), "A4", "tblLedgerAccounts.code"
)
ITEM_MAP = _mapping("tblItemMap", Caption("Items", "Articles"), "H4", "tblLedgerItems.code")
TAX_MAP = _mapping("tblTaxMap", Caption("Taxes", "Taxes"), "O4", "tblLedgerTaxes.code")
METHOD_MAP = _mapping(
    "tblMethodMap",
    Caption("Payment methods", "Modes de paiement"),
    "V4",
    "tblLedgerMethods.code",
    DEPOSIT,
    SPENDING,
    FEES,
)
TERM_MAP = _mapping("tblTermMap", Caption("Terms", "Modalités"), "AF4", "tblLedgerTerms.code")
CLASS_MAP = _mapping("tblClassMap", Caption("Classes", "Classes"), "AM4", "tblLedgerClasses.code")

DEFAULTS: dict[Side, Caption] = {
    Side.SALES: Caption("(default, sales)", "(défaut, ventes)"),
    Side.PURCHASES: Caption("(default, purchases)", "(défaut, achats)"),
}
"""What stands as the code of the rows for what is not mapped, where sales and purchases have one each."""

BOUGHT = Caption("(purchases)", "(achats)")
"""What follows the code of a tax in the row for what is recovered of it, where that has an account of its own."""

SIDED = frozenset({ACCOUNT_MAP.name, TAX_MAP.name})
"""The tables with a default for each side; the others have one row with an empty code."""

_CODE = Column("code", Caption("Code", "Code"), width=28)
_NAME = Column("name", Caption("Name", "Nom"), width=30)

LEDGER_CUSTOMERS = Table(
    "tblLedgerCustomers",
    Caption("Customers", "Clients"),
    (
        Column("reference", Caption("Reference", "Référence"), width=16),
        _NAME,
        Column("number", Caption("Number", "Numéro"), width=12),
        Column("email", Caption("E-mail", "Courriel"), width=24),
        Column("phone", Caption("Phone", "Téléphone"), width=15),
    ),
    "A4",
    ("reference",),
)
LEDGER_ACCOUNTS = Table(
    "tblLedgerAccounts",
    Caption("Accounts", "Comptes"),
    (_CODE, _NAME, Column("type", Caption("Type", "Type"), width=24)),
    "G4",
    ("code",),
)
LEDGER_ITEMS = Table(
    "tblLedgerItems",
    Caption("Items", "Articles"),
    (_CODE, _NAME, Column("account", Caption("Account", "Compte"), width=24)),
    "K4",
    ("code",),
)
LEDGER_TAXES = Table("tblLedgerTaxes", Caption("Tax codes", "Codes de taxe"), (_CODE, _NAME), "O4", ("code",))
LEDGER_TERMS = Table("tblLedgerTerms", Caption("Terms", "Modalités"), (_CODE, _NAME), "R4", ("code",))
LEDGER_METHODS = Table(
    "tblLedgerMethods", Caption("Payment methods", "Modes de paiement"), (_CODE, _NAME), "U4", ("code",)
)
LEDGER_CLASSES = Table("tblLedgerClasses", Caption("Classes", "Classes"), (_CODE, _NAME), "X4", ("code",))

AS_OF = Table(
    "tblAsOf",
    Caption("Day", "Jour"),
    (
        Column("key", Caption("What", "Quoi"), width=12),
        Column("on", Caption("As of (empty: today)", "Au (vide : aujourd'hui)"), Type.DATE, True, width=36),
    ),
)
"""The day on which both sides are compared, in one row whose key is ``AS_OF_ROW``."""

AS_OF_ROW = Caption("Compare", "Comparer")

RECONCILIATION = Table(
    "tblReconciliation",
    Caption("By account", "Par compte"),
    (
        KEY,
        Column("account", Caption("Account", "Compte"), width=36),
        Column("source_balance", Caption("Source balance", "Solde à la source"), Type.AMOUNT, width=14),
        Column("ledger_balance", Caption("Ledger balance", "Solde au système comptable"), Type.AMOUNT, width=18),
        Column("difference", Caption("Difference", "Écart"), Type.AMOUNT, width=12),
        Column("current", Caption("Current", "Courant"), Type.AMOUNT, width=12),
        Column("days_30", Caption("1–30 days", "1 à 30 jours"), Type.AMOUNT, width=12),
        Column("days_60", Caption("31–60 days", "31 à 60 jours"), Type.AMOUNT, width=12),
        Column("days_90", Caption("61–90 days", "61 à 90 jours"), Type.AMOUNT, width=12),
        Column("older", Caption("Over 90 days", "Plus de 90 jours"), Type.AMOUNT, width=14),
        Column("what", Caption("What", "Quoi"), Type.CHOICE, False, "reconciled", 22),
        Column("on", Caption("As of", "Au"), Type.DATE, width=12),
    ),
    "A8",
    ("what", "key"),
)
MISMATCH = Table(
    "tblMismatch",
    Caption("What explains a difference", "Ce qui explique un écart"),
    (
        KEY,
        Column("account", Caption("Account", "Compte"), width=30),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 16),
        Column("number", Caption("Number", "Numéro"), width=15),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=12),
        REASON,
        Column("what", Caption("What", "Quoi"), Type.CHOICE, False, "reconciled", 22),
    ),
    "N8",
    (),
)
CONTROLS = Table(
    "tblControls",
    Caption("Whether the pull is complete", "Si l'importation est complète"),
    (
        Column("source", Caption("In the source", "À la source"), width=22),
        Column("count", Caption("Records there", "Nombre à la source"), Type.COUNT, width=16),
        Column("total", Caption("Sum there", "Somme à la source"), Type.AMOUNT, width=18),
        Column("pulled", Caption("Pulled", "Importés"), Type.COUNT, width=13),
        Column("pulled_total", Caption("Sum pulled", "Somme importée"), Type.AMOUNT, width=16),
        Column("unread", Caption("Not readable", "Illisibles"), Type.COUNT, width=14),
        Column("missing", Caption("Missing", "Manquants"), Type.COUNT, width=14),
    ),
    "V8",
    ("source",),
)
SOURCE_STATE = Table(
    "tblSourceState",
    Caption("How the source is read", "Comment la source est lue"),
    (
        Column("state", Caption("State", "État"), Type.CHOICE, False, "source_state", 24),
        Column("on", Caption("Confirmed on", "Confirmé le"), Type.DATE, width=14),
        Column("by", Caption("By", "Par"), width=18),
    ),
    "S4",
    (),
)
SOURCE_SHEETS = Table(
    "tblSourceSheets",
    Caption("Sheets of the export", "Feuilles de l'exportation"),
    (
        Column("sheet", Caption("Sheet", "Feuille"), width=24),
        Column("kind", Caption("Holds", "Contient"), Type.CHOICE, True, "source_kind", 16),
        Column("dates", Caption("Dates are written", "Dates écrites"), Type.CHOICE, True, "source_dates", 18),
        Column("decimal", Caption("Decimal sign", "Signe décimal"), Type.CHOICE, True, "source_decimal", 16),
    ),
    keys=("sheet",),
)
SOURCE_COLUMNS = Table(
    "tblSourceColumns",
    Caption("Columns of the export", "Colonnes de l'exportation"),
    (
        Column("sheet", Caption("Sheet", "Feuille"), width=16),
        Column("letter", Caption("Column", "Colonne"), width=8),
        Column("heading", Caption("Their heading", "Leur en-tête"), width=22),
        Column("example1", Caption("Example 1", "Exemple 1"), width=14),
        Column("example2", Caption("Example 2", "Exemple 2"), width=14),
        Column("example3", Caption("Example 3", "Exemple 3"), width=14),
        Column("field", Caption("Our field", "Notre champ"), Type.CHOICE, True, "source_field", 28),
        Column("sure", Caption("How sure", "Certitude"), Type.CHOICE, False, "sure", 12),
        Column("ground", Caption("Ground", "Motif"), Type.LONG_TEXT, width=60),
    ),
    "F4",
    ("sheet", "letter"),
)
SOURCE_TAXES = Table(
    "tblSourceTaxes",
    Caption("Taxes that have a column", "Taxes qui ont une colonne"),
    (
        Column("code", Caption("Tax", "Taxe"), width=14),
        Column("rates", Caption("Rates in percent", "Taux en pour cent"), editable=True, width=18),
    ),
    "P4",
    ("code",),
)
PREVIEW_STEPS = Table(
    "tblPreviewSteps",
    Caption("What the next Sync does", "Ce que fera la prochaine synchronisation"),
    (
        Column("step", Caption("Step", "Étape"), width=34),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 18),
        Column("count", Caption("Count", "Nombre"), Type.COUNT, width=10),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=14),
        CURRENCY,
    ),
    keys=(),
)
PREVIEW_ACCOUNTS = Table(
    "tblPreviewAccounts",
    Caption("By ledger account", "Par compte comptable"),
    (
        Column("account", Caption("Ledger account", "Compte comptable"), width=16),
        Column("name", Caption("Name", "Nom"), width=30),
        Column("debit", Caption("Debit", "Débit"), Type.AMOUNT, width=14),
        Column("credit", Caption("Credit", "Crédit"), Type.AMOUNT, width=14),
        CURRENCY,
    ),
    "G4",
    (),
)
PREVIEW_REMARKS = Table(
    "tblPreviewRemarks",
    Caption("What is to be known first", "Ce qu'il faut savoir avant"),
    (
        Column("leaves", Caption("Leaves", "Part"), Type.CHOICE, False, "yes_no", 9),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 18),
        Column("number", Caption("Number", "Numéro"), width=16),
        Column("account", Caption("Account", "Compte"), width=28),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=14),
        CURRENCY,
        REASON,
        FIX,
    ),
    "M4",
    (),
)
PERIOD = Table(
    "tblPeriod",
    Caption("Days", "Jours"),
    (
        Column("key", Caption("What", "Quoi"), width=28),
        Column("first", Caption("From", "Du"), Type.DATE, True, width=20),
        Column("last", Caption("To (empty: that month)", "Au (vide : ce mois)"), Type.DATE, True, width=12),
    ),
)
"""The period of the tax boxes and of the period's file, in one row whose key is ``PERIOD_ROW``."""

PERIOD_ROW = Caption("Period", "Période")

TAX_BOXES = Table(
    "tblTaxBoxes",
    Caption("Boxes of the tax returns", "Lignes des déclarations de taxes"),
    (
        Column("return", Caption("Return", "Déclaration"), width=28),
        Column("registration", Caption("Registration", "Inscription"), width=20),
        Column("box", Caption("Box", "Ligne"), width=12),
        Column("meaning", Caption("What it holds", "Ce qu'elle contient"), width=34),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=14),
        Column("first", Caption("From", "Du"), Type.DATE, width=12),
        Column("last", Caption("To", "Au"), Type.DATE, width=12),
    ),
    "A8",
    (),
)
TAX_SALES = Table(
    "tblTaxSales",
    Caption("Sales before tax", "Ventes avant taxes"),
    (
        Column("category", Caption("Sold as", "Vendu comme"), width=24),
        Column("amount", Caption("Amount", "Montant"), Type.AMOUNT, width=14),
    ),
    "I8",
    (),
)
TAX_DOUBTS = Table(
    "tblTaxDoubts",
    Caption("Why no figure is shown", "Pourquoi aucun montant n'est montré"),
    (
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 18),
        Column("number", Caption("Number", "Numéro"), width=16),
        REASON,
        FIX,
    ),
    "L8",
    (),
)
PROPOSALS = Table(
    "tblProposals",
    Caption("Ledger changes", "Changements comptables"),
    (
        Column("key", KEY.caption, width=25),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 16),
        Column("number", Caption("Number", "Numéro"), width=15),
        Column("name", Caption("Name", "Nom"), width=30),
        Column("what", Caption("What happened", "Ce qui s'est passé"), Type.CHOICE, False, "what", 15),
        Column("field", Caption("Field", "Champ"), Type.CHOICE, False, "field", 22),
        Column("ours", Caption("Our value", "Notre valeur"), Type.LONG_TEXT, width=34),
        Column("theirs", Caption("Ledger value", "Valeur comptable"), Type.LONG_TEXT, width=34),
        Column("happened", Caption("When (UTC)", "Quand (UTC)"), width=17),
        Column("decision", Caption("Decision", "Décision"), Type.CHOICE, True, "decision", 14),
        REASON,
        LEDGER_LINK,
    ),
)
SETUP = Table(
    "tblSetup",
    Caption("Set up", "Configuration"),
    (
        Column("question", Caption("What is asked", "Question"), width=26),
        Column("value", Caption("Your answer", "Votre réponse"), Type.LONG_TEXT, True, width=30),
        Column("meaning", Caption("What it is", "Ce que c'est"), Type.LONG_TEXT, width=56),
        Column("example", Caption("Example", "Exemple"), Type.LONG_TEXT, width=27),
        Column("reason", REASON.caption, Type.LONG_TEXT, width=34),
        Column("of", Caption("For", "Pour"), width=20),
        Column("key", Caption("Name", "Nom technique"), width=34),
    ),
)
"""What the company is, and what its source and its ledger want to know; a row is a question of ``addin.questions``."""

SETTINGS_TABLE = Table(
    "tblSettings",
    Caption("Settings", "Paramètres"),
    (
        Column("key", Caption("Setting", "Paramètre"), width=38),
        Column("value", Caption("Value", "Valeur"), editable=True, width=20),
        Column("meaning", Caption("What it does", "Ce qu'il fait"), Type.LONG_TEXT, width=80),
        Column("default", Caption("Default", "Par défaut"), width=16),
    ),
)
LOG_TABLE = Table(
    "tblLog",
    Caption("Log", "Historique"),
    (
        Column("time", Caption("Time (UTC)", "Heure (UTC)"), width=20),
        Column("run", Caption("Run", "Exécution"), width=10),
        Column("who", Caption("Who", "Qui"), width=14),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 16),
        Column("number", Caption("Number", "Numéro"), width=19),
        Column("action", Caption("Action", "Action"), width=26),
        Column("result", Caption("Result", "Résultat"), width=14),
        Column("reference", Caption("Ledger reference", "Référence comptable"), width=20),
        Column("message", Caption("Message", "Message"), Type.LONG_TEXT, width=60),
    ),
    keys=(),
)
OVERVIEW = Table(
    "tblOverview",
    Caption("Company", "Entreprise"),
    (
        Column("key", Caption("What", "Quoi"), width=38),
        Column("value", Caption("Value", "Valeur"), Type.LONG_TEXT, width=46),
    ),
)
COUNTS = Table(
    "tblCounts",
    Caption("Records by status", "Enregistrements par statut"),
    (
        Column("key", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 24),
        *(Column(code, caption, Type.COUNT, width=13) for code, caption in STATUSES.items()),
        Column("total", Caption("Total amount", "Montant total"), Type.AMOUNT, width=14),
        Column("transferred", Caption("Amount transferred", "Montant transféré"), Type.AMOUNT, width=14),
    ),
    "D4",
)
PROBLEMS_TABLE = Table(
    "tblProblems",
    Caption("Problems", "Problèmes"),
    (
        Column("what", Caption("What happened", "Ce qui s'est passé"), Type.LONG_TEXT, width=41),
        Column("fix", Caption("What to do", "Quoi faire"), Type.LONG_TEXT, width=49),
        Column("owner", Caption("Who acts", "Qui agit"), Type.LONG_TEXT, width=18),
        Column("kind", Caption("Kind", "Type"), Type.CHOICE, False, "kind", 20),
        Column("number", Caption("Number", "Numéro"), width=13),
        Column("place", Caption("Where", "Où"), Type.LINK, width=17),
        Column("code", Caption("Code", "Code"), width=20),
    ),
    "A32",
    (),
)
REVISION = 1
"""Which workbook this layout makes, in its identity's row ``schema``.

It is raised by what a Passerelle before it would misread, and so refuses.
"""

IDENTITY = Table(
    "tblIdentity",
    Caption("Identity", "Identité"),
    (Column("key", Caption("Key", "Key"), width=20), Column("value", Caption("Value", "Value"), width=40)),
)
CANDIDATES = Table(
    "tblCandidates",
    Caption("Candidates", "Candidates"),
    (
        KEY,
        Column("first", Caption("First", "First"), width=20),
        Column("second", Caption("Second", "Second"), width=20),
        Column("third", Caption("Third", "Third"), width=20),
    ),
    "I4",
)
"""The customers of the ledger that the sync reference of an account offers: a choice between the likeliest."""

TEXTS = Table(
    "tblTexts",
    Caption("Texts", "Texts"),
    (
        Column("key", Caption("Key", "Key"), width=28),
        Column("en", Caption("English", "English"), width=60),
        Column("fr", Caption("French", "French"), width=60),
    ),
    "D4",
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "dashboard",
        Caption("Dashboard", "Tableau de bord"),
        Caption(
            "Where the synchronization stands. Pull, review, then Sync.",
            "L'état de la synchronisation. Importez, révisez, puis synchronisez.",
        ),
        (OVERVIEW, COUNTS, PROBLEMS_TABLE),
    ),
    Sheet(
        "accounts",
        Caption("Accounts", "Comptes"),
        Caption(
            "Say which accounts are new, or type the sync reference of the one in the ledger.",
            "Indiquez les nouveaux comptes, ou inscrivez la référence de synchronisation du compte existant.",
        ),
        (ACCOUNTS,),
        frozen=2,
        guarded=True,
    ),
    Sheet(
        "invoices",
        Caption("Invoices", "Factures"),
        Caption(
            "Set the status of each document; only To Be Transferred leaves at the next Sync.",
            "Réglez le statut de chaque document; seuls ceux « À transférer » partent à la synchronisation.",
        ),
        (INVOICES,),
        frozen=2,
        guarded=True,
    ),
    Sheet(
        "lines",
        Caption("Lines", "Lignes"),
        Caption(
            "The lines of the documents; a ledger account, item or tax code typed here wins over the mapping.",
            "Les lignes des documents; un compte, article ou code de taxe inscrit ici l'emporte sur la correspondance.",
        ),
        (LINES,),
        frozen=3,
        pages=2,
        guarded=True,
    ),
    Sheet(
        "payments",
        Caption("Payments", "Paiements"),
        Caption(
            "A payment waits for its invoice.",
            "Un paiement attend sa facture.",
        ),
        (PAYMENTS,),
        frozen=2,
        guarded=True,
    ),
    Sheet(
        "entries",
        Caption("Journal entries", "Entrées de journal"),
        Caption(
            "Journal entries, and revenue received in advance as it becomes revenue on each date.",
            "Les entrées de journal, et les revenus perçus d'avance, virés aux revenus à chaque date.",
        ),
        (ENTRIES,),
        frozen=1,
        guarded=True,
    ),
    Sheet(
        "mapping",
        Caption("Mapping", "Correspondances"),
        Caption(
            "Each source code and the ledger's. The default rows are for the unmapped, sales and purchases apart; "
            "empty means stop.",
            "Chaque code et celui de la comptabilité. Les lignes par défaut valent pour les codes non associés, ventes "
            "et achats à part; vides, les documents attendent.",
        ),
        (ACCOUNT_MAP, ITEM_MAP, TAX_MAP, METHOD_MAP, TERM_MAP, CLASS_MAP),
        pages=3,
    ),
    Sheet(
        "ledger",
        Caption("Ledger lists", "Listes comptables"),
        Caption(
            "The ledger's own lists, as last pulled.",
            "Les listes du système comptable, telles qu'importées.",
        ),
        (
            LEDGER_CUSTOMERS,
            LEDGER_ACCOUNTS,
            LEDGER_ITEMS,
            LEDGER_TAXES,
            LEDGER_TERMS,
            LEDGER_METHODS,
            LEDGER_CLASSES,
        ),
        pages=2,
    ),
    Sheet(
        "source",
        Caption("Source", "Source"),
        Caption(
            "Look at the source shows here what each of its columns is; correct it, then Confirm the source.",
            "« Examiner la source » montre ici ce qu'est chaque colonne; corrigez, puis « Confirmer la source ».",
        ),
        (SOURCE_SHEETS, SOURCE_COLUMNS, SOURCE_TAXES, SOURCE_STATE),
        pages=2,
    ),
    Sheet(
        "preview",
        Caption("Preview", "Aperçu"),
        Caption(
            "What the next Sync would transfer, by step and by ledger account, and what it would leave, as of the last "
            "Preview.",
            "Ce que la prochaine synchronisation transférerait, par étape et par compte, et ce qu'elle laisserait, au "
            "dernier aperçu.",
        ),
        (PREVIEW_STEPS, PREVIEW_ACCOUNTS, PREVIEW_REMARKS),
        pages=2,
    ),
    Sheet(
        "reconciliation",
        Caption("Reconciliation", "Conciliation"),
        Caption(
            "What is owed in the source and in the ledger on a day, and what explains a difference.",
            "Ce qui est dû dans la source et en comptabilité à un jour, et ce qui explique un écart.",
        ),
        (AS_OF, RECONCILIATION, MISMATCH, CONTROLS),
    ),
    Sheet(
        "period",
        Caption("Period", "Période"),
        Caption(
            "Type a period: Tax boxes shows here what goes into the returns, Period's file writes it for the auditor.",
            "Inscrivez une période : « Lignes de taxes » montre ici quoi déclarer, « Fichier de période » l'écrit pour "
            "l'auditeur.",
        ),
        (PERIOD, TAX_BOXES, TAX_SALES, TAX_DOUBTS),
    ),
    Sheet(
        "proposals",
        Caption("Ledger changes", "Changements comptables"),
        Caption(
            "What people did in the ledger. Accept tells it to the source at the next Sync; Ignore leaves it there.",
            "Ce qui a été fait en comptabilité. « Accepter » le transmet à la source à la prochaine synchronisation.",
        ),
        (PROPOSALS,),
        frozen=4,
    ),
    Sheet(
        "setup",
        SETUP.caption,
        Caption(
            "Fill in the yellow cells, then press Create company; later, Apply settings. An empty cell takes what is "
            "usual.",
            "Remplissez les cellules jaunes, puis appuyez sur Créer l'entreprise; plus tard, sur Appliquer. Une "
            "cellule vide prend la valeur habituelle.",
        ),
        (SETUP,),
    ),
    Sheet(
        "settings",
        Caption("Settings", "Paramètres"),
        Caption(
            "How this company synchronizes. An empty value takes the default.",
            "Comment cette entreprise se synchronise. Une valeur vide prend la valeur par défaut.",
        ),
        (SETTINGS_TABLE,),
    ),
    Sheet(
        "log",
        Caption("Log", "Historique"),
        Caption("What each run did.", "Ce que chaque exécution a fait."),
        (LOG_TABLE,),
    ),
    Sheet(
        "hidden",
        Caption("_passerelle", "_passerelle"),
        Caption("", ""),
        (IDENTITY, TEXTS, CANDIDATES),
        hidden=True,
    ),
)

REVIEW_TABLES: tuple[Table, ...] = (ACCOUNTS, INVOICES, PAYMENTS, ENTRIES)
MAPPING_TABLES: tuple[Table, ...] = (ACCOUNT_MAP, ITEM_MAP, TAX_MAP, METHOD_MAP, TERM_MAP, CLASS_MAP)


def tables() -> Iterator[tuple[Sheet, Table]]:
    """Every table with its sheet, in the order of the workbook."""
    for sheet in SHEETS:
        for table in sheet.tables:
            yield sheet, table


def sheet_of(table: Table) -> Sheet:
    """The sheet a table stands on."""
    return next(sheet for sheet, candidate in tables() if candidate.name == table.name)


def caption_of(choices: str, code: str, language: Language) -> str:
    """What the sheet shows for a code; an unknown code shows itself."""
    caption = CHOICES[choices].get(code)
    return caption.of(language) if caption else code


def bought_as(code: str, language: Language = "en") -> str:
    """The code of the row for a tax on purchases, as a language shows it; English is what mappings are found by."""
    return f"{code} {BOUGHT.of(language)}"


def bought_code(shown: str) -> str | None:
    """The tax whose row for purchases shows this as its code, in either language; ``None`` for any other row."""
    code, _, last = shown.rpartition(" ")
    return code if code and last.casefold() in BOUGHT else None


def default_of(shown: str) -> Side | None:
    """The side whose default row shows this as its code, in either language; ``None`` for a code of the source."""
    wanted = " ".join(shown.split()).casefold()
    return next((side for side, captions in DEFAULTS.items() if wanted in map(str.casefold, captions)), None)


def is_default(table: Table, code: str) -> bool:
    """Whether a row of a mapping with this code is a default, and stands for no code of the source."""
    return default_of(code) is not None if table.name in SIDED else not code


def shown_code(table: Table, code: str, language: Language) -> str:
    """What a language shows as the code of a mapping's row; a code of the source is the same in both."""
    if table.name in SIDED and (side := default_of(code)):
        return DEFAULTS[side].of(language)
    bought = bought_code(code) if table is TAX_MAP else None
    return bought_as(bought, language) if bought else code


def code_of(choices: str, shown: str) -> str | None:
    """The code behind what a cell shows, in either language or as the code itself; ``None`` if it is none of them."""
    wanted = shown.strip().casefold()
    for code, caption in CHOICES[choices].items():
        if wanted in (code, caption.en.casefold(), caption.fr.casefold()):
            return str(code)
    return None
