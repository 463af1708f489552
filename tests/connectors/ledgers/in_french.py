"""What the generated tables of the ledgers' pages say in French; their other words are the ledgers' own."""

from collections.abc import Iterator
from pathlib import Path

from workbook.layout import Language

FRENCH = {
    # headings
    "our field": "notre champ",
    "of": "de",
    "in the ledger": "dans le système comptable",
    "way": "sens",
    "record": "enregistrement",
    "debit": "débit",
    "credit": "crédit",
    "metadata, beside `key`, `customer` and `total`": "métadonnées, en plus de `key`, `customer` et `total`",
    "code": "code",
    "account": "compte",
    "name": "nom",
    "tax": "taxe",
    "yes": "oui",
    "in QuickBooks": "dans QuickBooks",
    "in Xero": "dans Xero",
    "its words": "ses mots",
    "our problem": "notre problème",
    "any": "n'importe lesquels",
    # records
    "every record": "chaque enregistrement",
    "every document": "chaque document",
    "customer": "client",
    "supplier": "fournisseur",
    "invoice": "facture",
    "credit note": "note de crédit",
    "supplier invoice": "facture de fournisseur",
    "vendor credit": "crédit de fournisseur",
    "sales receipt": "reçu de vente",
    "refund": "remboursement",
    "payment": "paiement",
    "supplier payment": "paiement à un fournisseur",
    "returned payment": "paiement retourné",
    "journal entry": "entrée de journal",
    # sides
    "receivable : customer": "comptes clients : client",
    "payable : supplier": "comptes fournisseurs : fournisseur",
    "deposit account": "compte de dépôt",
    "account of each line": "compte de chaque ligne",
    "account of each tax": "compte de chaque taxe",
    # ways
    "to the ledger": "vers le système comptable",
    "both ways": "dans les deux sens",
    "not sent": "pas envoyé",
    # limits and places
    "characters with our key": "caractères avec notre clé",
    "characters": "caractères",
    "one line": "une ligne",
    "4 decimals": "4 décimales",
    "Customer or Vendor": "Customer ou Vendor",
    "the open itself": "l'open lui-même",
    "the transaction itself": "l'écriture elle-même",
    # why not
    "the source's own memory of a former transfer": "la mémoire qu'a la source d'un ancien transfert",
    "what is left to pay follows from the payments that are transferred": (
        "ce qui reste à payer découle des paiements transférés"
    ),
    "decides with the settings whether the document leaves": "décide, avec les paramètres, si le document part",
    "a cancelled document is not transferred": "un document annulé n'est pas transféré",
    "only what goes to the ledger is sent": "seul ce qui va vers le système comptable est envoyé",
    "what came back pays nothing any more": "ce qui est revenu ne règle plus rien",
    "an entry of its own books what a payment cost": "une écriture à part comptabilise ce qu'un paiement a coûté",
    "the ledger adds up its lines; what does not come to the total is refused": (
        "le système comptable additionne ses lignes; ce qui n'arrive pas au total est refusé"
    ),
    "the company's own; another is refused": "celle de l'entreprise; une autre est refusée",
    "another currency is refused": "une autre devise est refusée",
    "a credit note of its own": "une note de crédit à part",
    "decides with the mapping on accounts, and on when it leaves": (
        "décide, avec les correspondances, des comptes, et du moment où elle part"
    ),
    # fields
    "is person": "est une personne",
    "is supplier": "est un fournisseur",
    "first name": "prénom",
    "last name": "nom de famille",
    "contact": "personne-ressource",
    "email": "courriel",
    "phone": "téléphone",
    "mobile": "cellulaire",
    "fax": "télécopieur",
    "website": "site Web",
    "billing": "adresse de facturation",
    "shipping": "adresse de livraison",
    "parent": "compte parent",
    "tax exempt": "exonéré de taxes",
    "exempt reason": "motif d'exonération",
    "notes": "notes",
    "lines: number": "lignes : numéro",
    "lines: description": "lignes : description",
    "lines: amount": "lignes : montant",
    "lines: quantity": "lignes : quantité",
    "lines: unit price": "lignes : prix unitaire",
    "lines: item": "lignes : article",
    "lines: gl account": "lignes : compte de grand livre",
    "lines: tax group": "lignes : groupe de taxes",
    "lines: class code": "lignes : classe",
    "lines: tax amount": "lignes : montant de taxe",
    "lines: account": "lignes : compte",
    "lines: debit": "lignes : débit",
    "lines: credit": "lignes : crédit",
    "lines: memo": "lignes : mémo",
    "lines: customer": "lignes : client",
    "subtotal": "sous-total",
    "total": "total",
    "taxes: tax": "taxes : taxe",
    "taxes: amount": "taxes : montant",
    "taxes: base": "taxes : base",
    "balance": "solde",
    "due": "échéance",
    "care of": "aux soins de",
    "province": "province",
    "lines: tax category": "lignes : catégorie de taxe",
    "origin": "origine",
    "terms": "modalités",
    "sent": "envoyée",
    "cancelled": "annulée",
    "amount": "montant",
    "allocations: invoice": "imputations : facture",
    "allocations: discount": "imputations : escompte",
    "exchange": "taux de change",
    "allocations: amount": "imputations : montant",
    "method": "mode de paiement",
    "direction": "sens",
    "number": "numéro",
    "sync reference": "référence de synchronisation",
    "url": "adresse Web",
    "date": "date",
    "currency": "devise",
    "memo": "mémo",
    "confirmation": "numéro de confirmation",
    "fee": "frais",
}


def said(language: Language, text: str) -> str:
    """A text of the tables in a language; raises ``KeyError`` where it has no French yet."""
    return text if language == "en" else FRENCH[text]


def french_page(page: Path) -> Path:
    """The French page of a ledger's English one."""
    return page.with_name(page.name.replace("ledger-", "grand-livre-"))


def heading(language: Language, *captions: str) -> Iterator[str]:
    """The first two lines of a table."""
    yield f"| {' | '.join(said(language, caption) for caption in captions)} |"
    yield f"|{'---|' * len(captions)}"
