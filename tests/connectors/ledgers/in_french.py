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
    "the payment is matched with the move that gives it back": ("le paiement est rapproché du mouvement qui le rend"),
    "what came back pays nothing any more": "ce qui est revenu ne règle plus rien",
    "an entry names no method, but the account that the money leaves": (
        "une écriture nomme non pas un mode de paiement, mais le compte que quitte l'argent"
    ),
    "an entry of its own books what a payment cost": "une écriture à part comptabilise ce qu'un paiement a coûté",
    "the ledger adds up its lines; what does not come to the total is refused": (
        "le système comptable additionne ses lignes; ce qui n'arrive pas au total est refusé"
    ),
    "the company's own; another is refused": "celle de l'entreprise; une autre est refusée",
    "a foreign currency is booked at it, and the description of the first line says it": (
        "une devise étrangère est inscrite à ce taux, et la description de la première ligne le dit"
    ),
    "another currency is refused": "une autre devise est refusée",
    "a credit note of its own": "une note de crédit à part",
    "decides with the mapping on accounts, and on when it leaves": (
        "décide, avec les correspondances, des comptes, et du moment où elle part"
    ),
    "the sum of the lines; what does not come to the total is refused": (
        "la somme des lignes; ce qui n'arrive pas au total est refusé"
    ),
    "the sum of the taxes below, each on its account": "la somme des taxes ci-dessous, chacune à son compte",
    "the postings stand in the order of the lines": "les montants sont dans l'ordre des lignes",
    "a book has amounts only": "un livre n'a que des montants",
    "a line is booked on its account; a book has no products": (
        "une ligne est inscrite à son compte; un livre n'a pas d'articles"
    ),
    "the taxes are booked one by one, from the document's own": (
        "les taxes sont inscrites une à une, à partir de celles du document"
    ),
    "an account has no number in QuickBooks": "un compte n'a pas de numéro dans QuickBooks",
    "a vendor has no such field over this interface": "un fournisseur n'a pas ce champ dans cette interface",
    "QuickBooks has no place for it": "QuickBooks n'a pas d'endroit où le mettre",
    "QuickBooks has no place for it; choose a class for it on the Mapping sheet": (
        "QuickBooks n'a pas d'endroit où la mettre; choisissez-lui une classe dans la feuille Correspondances"
    ),
    "a supplier invoice is sent to nobody": "une facture fournisseur n'est envoyée à personne",
    "the tax codes of the lines say what is taxed where": "les codes de taxe des lignes disent ce qui est taxé où",
    "the line's tax code says it; one code for two categories is refused": (
        "le code de taxe de la ligne le dit; un même code pour deux catégories est refusé"
    ),
    "the document goes to the address of its account, which says in whose care": (
        "le document va à l'adresse de son compte, qui dit aux soins de qui"
    ),
    "QuickBooks keeps no method of a bill payment but a cheque's or a credit card's": (
        "QuickBooks ne garde d'un paiement de facture que le chèque ou la carte de crédit comme mode"
    ),
    "only invoices and supplier invoices fall due": "seules les factures et factures de fournisseurs ont une échéance",
    "QuickBooks ties no such document to an invoice": "QuickBooks ne rattache pas un tel document à une facture",
    "a line of a supplier invoice is an amount on an account": (
        "une ligne de facture de fournisseur est un montant à un compte"
    ),
    "a line of a sale names a product, whose account QuickBooks knows": (
        "une ligne de vente nomme un produit, dont QuickBooks connaît le compte"
    ),
    "the taxes of the document are sent, not those of a line": (
        "les taxes du document sont envoyées, pas celles d'une ligne"
    ),
    "QuickBooks is told the sum of the lines that a tax is charged on": (
        "QuickBooks reçoit la somme des lignes sur lesquelles une taxe est perçue"
    ),
    "money given at once falls on the account of no party": (
        "l'argent remis sur-le-champ ne touche le compte d'aucun tiers"
    ),
    "a party is either": "un tiers peut être l'un ou l'autre",
    "a party is both, as it is used": "un tiers est les deux, selon l'usage",
    "the name of a party is one": "le nom d'un tiers est d'un seul tenant",
    "Tryton's parties have no such field": "les tiers de Tryton n'ont pas ce champ",
    "one address is kept: the one bills go to": "une seule adresse est gardée : celle de facturation",
    "Tryton has no accounts below others": "Tryton n'a pas de comptes clients sous d'autres",
    "Tryton's documents have no such field": "les documents de Tryton n'ont pas ce champ",
    "the due date of each document is sent": "l'échéance de chaque document est envoyée",
    "the due date is sent; a payment term applies only where there is none": (
        "l'échéance est envoyée; les modalités ne s'appliquent que s'il n'y en a pas"
    ),
    "the taxes of each document are sent": "les taxes de chaque document sont envoyées",
    "the sum of the taxes below": "la somme des taxes ci-dessous",
    "money is received or given at once": "l'argent est reçu ou remis sur-le-champ",
    "Tryton ties no such document to an invoice": "Tryton ne rattache pas un tel document à une facture",
    "Tryton has no such list": "Tryton n'a pas une telle liste",
    "only invoices have a description beside their number": "seules les factures ont une description avec leur numéro",
    "the lines stand in their order": "les lignes sont dans leur ordre",
    "Tryton's products are a module of its own, which is not needed": (
        "les produits de Tryton sont un module à part, qui n'est pas nécessaire"
    ),
    "Tryton books it as a move, which has amounts only": (
        "Tryton l'inscrit comme une écriture, qui n'a que des montants"
    ),
    "the taxes of the document are sent, to the cent": "les taxes du document sont envoyées, au cent près",
    "Xero's contacts have no such field over this interface": (
        "les contacts de Xero n'ont pas ce champ dans l'interface"
    ),
    "Xero's documents have no such field": "les documents de Xero n'ont pas ce champ",
    "a contact is either": "un contact peut être l'un ou l'autre",
    "a contact is both, as it is used": "un contact est les deux, selon l'usage",
    "Xero has no contacts below others": "Xero n'a pas de contacts sous d'autres",
    "Xero adds up the taxes of the lines": "Xero additionne les taxes des lignes",
    "Xero reckons it itself; where it would be another, the document is refused": (
        "Xero la calcule lui-même; où elle serait autre, le document est refusé"
    ),
    "a line is booked on its account": "une ligne est inscrite à son compte",
    "a line of a manual journal names no contact": "une ligne d'écriture manuelle ne nomme aucun contact",
    "Xero has no such list": "Xero n'a pas une telle liste",
    "Xero ties no such document to an invoice": "Xero ne rattache pas un tel document à une facture",
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
