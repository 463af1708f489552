"""The words a column of choices takes, in English and French; compared like headings: no case, no accents."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from connectors.records import Direction, Kind, Origin, TaxCategory, TaxRounding
from connectors.sources.tables.columns import Type

WORDS: Mapping[Type, Mapping[str, bool | StrEnum]] = {
    Type.YES_NO: {
        **dict.fromkeys(("yes", "oui", "true", "vrai", "1"), True),
        **dict.fromkeys(("no", "non", "false", "faux", "0"), False),
    },
    Type.SENT: {
        **dict.fromkeys(("yes", "oui", "true", "vrai", "1", "sent", "envoye", "envoyee"), True),
        **dict.fromkeys(("no", "non", "false", "faux", "0", "not_sent", "non_envoyee", "draft", "brouillon"), False),
    },
    Type.KIND: {
        "invoice": Kind.INVOICE,
        "facture": Kind.INVOICE,
        "credit_note": Kind.CREDIT_NOTE,
        "note_de_credit": Kind.CREDIT_NOTE,
        "supplier_invoice": Kind.SUPPLIER_INVOICE,
        "facture_fournisseur": Kind.SUPPLIER_INVOICE,
        "vendor_credit": Kind.VENDOR_CREDIT,
        "credit_fournisseur": Kind.VENDOR_CREDIT,
        "sales_receipt": Kind.SALES_RECEIPT,
        "recu_de_vente": Kind.SALES_RECEIPT,
        "refund": Kind.REFUND,
        "remboursement": Kind.REFUND,
    },
    Type.WAY: {
        **dict.fromkeys(("received", "recu"), Kind.PAYMENT),
        **dict.fromkeys(("paid", "paye"), Kind.SUPPLIER_PAYMENT),
        **dict.fromkeys(("returned", "retourne"), Kind.RETURNED_PAYMENT),
    },
    Type.ORIGIN: {
        "membership": Origin.MEMBERSHIP,
        "adhesion": Origin.MEMBERSHIP,
        "renewal": Origin.RENEWAL,
        "renouvellement": Origin.RENEWAL,
        "event": Origin.EVENT,
        "evenement": Origin.EVENT,
        "sponsorship": Origin.SPONSORSHIP,
        "commandite": Origin.SPONSORSHIP,
        "donation": Origin.DONATION,
        "don": Origin.DONATION,
        "order": Origin.ORDER,
        "commande": Origin.ORDER,
        "manual": Origin.MANUAL,
        "manuelle": Origin.MANUAL,
        "cancellation": Origin.CANCELLATION,
        "annulation": Origin.CANCELLATION,
        "opening_balance": Origin.OPENING_BALANCE,
        "solde_d_ouverture": Origin.OPENING_BALANCE,
    },
    Type.DIRECTION: {
        "to_ledger": Direction.TO_LEDGER,
        "vers_la_comptabilite": Direction.TO_LEDGER,
        "from_ledger": Direction.FROM_LEDGER,
        "de_la_comptabilite": Direction.FROM_LEDGER,
    },
    Type.ROUNDING: {
        "sum_of_rounded": TaxRounding.SUM_OF_ROUNDED,
        "somme_des_arrondis": TaxRounding.SUM_OF_ROUNDED,
        "rounded_sum": TaxRounding.ROUNDED_SUM,
        "arrondi_de_la_somme": TaxRounding.ROUNDED_SUM,
    },
    Type.CATEGORY: {
        "taxed": TaxCategory.TAXED,
        "taxe": TaxCategory.TAXED,
        "zero_rated": TaxCategory.ZERO_RATED,
        "detaxe": TaxCategory.ZERO_RATED,
        "exempt": TaxCategory.EXEMPT,
        "exonere": TaxCategory.EXEMPT,
        "out_of_scope": TaxCategory.OUT_OF_SCOPE,
        "hors_champ": TaxCategory.OUT_OF_SCOPE,
    },
}
