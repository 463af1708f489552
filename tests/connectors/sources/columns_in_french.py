"""What the page of the source's columns says in French; the names of files and columns are the same in both."""

FRENCH = {
    # headings and what a column holds
    "column": "colonne",
    "French heading": "titre en français",
    "holds": "contient",
    "value": "valeur",
    "meaning": "sens",
    "required": "obligatoire",
    "empty": "vide",
    "in": "dans",
    "and": "et",
    "A row is named by": "Une ligne se reconnaît à",
    "text": "texte",
    "text, also of several lines": "texte, aussi de plusieurs lignes",
    "code": "code",
    "rate": "taux",
    "yes, no, sent or draft": "oui, non, envoyée ou brouillon",
    "codes joined by +": "codes unis par +",
    "amount": "montant",
    "number": "nombre",
    "whole number": "nombre entier",
    "date": "date",
    "yes or no": "oui ou non",
    "currency": "devise",
    "choice: kind": "choix : type",
    "choice: way": "choix : sens",
    "choice: origin": "choix : origine",
    "choice: direction": "choix : direction",
    "choice: rounding": "choix : arrondi",
    "choice: category": "choix : catégorie",
    "Choices": "Choix",
    "choice": "choix",
    "written as": "s'écrit",
    "stands for": "veut dire",
    "kind": "type",
    "way": "sens",
    "origin": "origine",
    "direction": "direction",
    "rounding": "arrondi",
    "category": "catégorie",
    "yes": "oui",
    "no": "non",
    # tables
    "Who is billed, or bills us: companies, and persons below them.": (
        "Qui est facturé, ou nous facture : des entreprises, et des personnes sous elles."
    ),
    "Invoices, credits, supplier invoices, sales receipts and refunds; amounts are positive on every kind.": (
        "Factures, crédits, factures de fournisseurs, reçus de vente et remboursements; les montants sont "
        "positifs pour chaque type."
    ),
    "The lines of the documents.": "Les lignes des documents.",
    "What each tax amounts to on a document.": "Le montant de chaque taxe d'un document.",
    "Money received, paid to a supplier, or returned by the bank; what is not allocated stays on account.": (
        "L'argent reçu, payé à un fournisseur, ou retourné par la banque; ce qui n'est pas imputé reste au "
        "crédit du compte."
    ),
    "Which invoices a payment pays; one payment may pay several.": (
        "Quelles factures un paiement règle; un même paiement peut en régler plusieurs."
    ),
    "Entries made by hand.": "Les écritures faites à la main.",
    "The lines of the journal entries: a debit or a credit each.": (
        "Les lignes des entrées de journal : chacune un débit ou un crédit."
    ),
    "Revenue received in advance: which line of which invoice becomes revenue over which months.": (
        "Les revenus perçus d'avance : quelle ligne de quelle facture devient un revenu, et sur quels mois."
    ),
    "The general ledger accounts the source uses.": "Les comptes de grand livre dont la source se sert.",
    "Products and services.": "Les produits et services.",
    "Single taxes.": "Les taxes, une à une.",
    "Payment terms.": "Les modalités de paiement.",
    "Payment methods.": "Les modes de paiement.",
    "Classes (departments, projects).": "Les classes (services, projets).",
    # columns
    "The record's own identifier; never changes, never comes back for another": (
        "L'identifiant propre à l'enregistrement; ne change jamais et ne resservira pas pour un autre"
    ),
    "The number people read": "Le numéro que les gens lisent",
    "Date": "Date",
    "Currency (ISO 4217); empty means the company's": "Devise (ISO 4217); vide veut dire celle de l'entreprise",
    "E-mail address that the document is sent to": "Adresse de courriel à laquelle le document est envoyé",
    "Number that the processor or the bank gave it; may come later": (
        "Numéro donné par le processeur ou la banque; peut venir plus tard"
    ),
    "Of a foreign currency: units of the home currency for one of it": (
        "D'une devise étrangère : ce qu'en vaut une unité dans la monnaie de l'entreprise"
    ),
    "The day that the rate is of": "Jour du taux",
    "Who says the rate, such as a central bank": "Qui dit le taux, comme une banque centrale",
    "Taken off besides, because it was paid early": "Déduit en plus, parce que payé tôt",
    "Note that goes along to the ledger": "Note qui accompagne le document dans le système comptable",
    "Payment method": "Mode de paiement",
    "The ledger's code of the account the money went to, or came from": (
        "Code comptable du compte où l'argent est allé, ou d'où il est venu"
    ),
    "The ledger's reference, if transferred before": "La référence comptable, s'il a déjà été transféré",
    "Page of the record in its own system": "Page de l'enregistrement dans son propre système",
    "The code other files use": "Le code dont se servent les autres fichiers",
    "Name people read; empty means the code": "Le nom que les gens lisent; vide veut dire le code",
    "Whether it may still be used": "S'il peut encore servir",
    "Name of the company, or full name of the person": "Nom de l'entreprise, ou nom complet de la personne",
    "A person, not a company": "Une personne, et non une entreprise",
    "A supplier, that bills us": "Un fournisseur, qui nous facture",
    "First name of a person": "Prénom d'une personne",
    "Last name of a person": "Nom de famille d'une personne",
    "Whom to speak to": "À qui s'adresser",
    "E-mail address": "Adresse de courriel",
    "Telephone": "Téléphone",
    "Mobile telephone": "Téléphone cellulaire",
    "Fax": "Télécopieur",
    "Website": "Site Web",
    "Street of the billing address; may hold several lines": (
        "Rue de l'adresse de facturation; peut avoir plusieurs lignes"
    ),
    "Street of the shipping address; may hold several lines": (
        "Rue de l'adresse de livraison; peut avoir plusieurs lignes"
    ),
    "City": "Ville",
    "Province or state": "Province ou État",
    "Postal code": "Code postal",
    "Country, two letters (ISO 3166)": "Pays, deux lettres (ISO 3166)",
    "Key of the account above this one": "Clé du compte au-dessus de celui-ci",
    "In whose care mail is sent: an account's key, or a name": "Aux soins de qui va le courrier : clé de compte ou nom",
    "Code of the payment terms": "Code des modalités de paiement",
    "Pays no tax": "Ne paie pas de taxes",
    "Why it pays no tax": "Pourquoi il ne paie pas de taxes",
    "Notes": "Notes",
    "What the document is": "Ce qu'est le document",
    "Due date": "Échéance",
    "Key of the account": "Clé du compte",
    "Sum of the lines, before tax": "Somme des lignes, avant taxes",
    "Sum of the taxes": "Somme des taxes",
    "Subtotal and tax": "Sous-total et taxes",
    "What is left to pay, after every payment and credit": "Ce qui reste à payer, après tout paiement et tout crédit",
    "In whose care it is sent: an account's key, or a name": "Aux soins de qui il va : clé d'un compte, ou nom",
    "What raised it": "Ce qui lui a donné lieu",
    "Sent to the account; a draft is not": "Envoyé au compte; un brouillon ne l'est pas",
    "Key of the one invoice it pays": "Clé de la seule facture qu'il règle",
    "Returned payments: key of the payment that came back": "Paiements retournés : clé du paiement qui est revenu",
    "What a processor or the bank charged for it, taken off its account": (
        "Ce que l'intermédiaire ou la banque en a pris, retiré de son compte"
    ),
    "Cancelled": "Annulé",
    "Credit notes, vendor credits and refunds: key of the document they are for": (
        "Notes de crédit, crédits de fournisseurs et remboursements : clé du document qu'ils visent"
    ),
    "Sales receipts and refunds: code of the payment method": (
        "Reçus de vente et remboursements : code du mode de paiement"
    ),
    "Sales receipts and refunds: the ledger's code of the account": (
        "Reçus de vente et remboursements : code comptable du compte"
    ),
    "Key of the document": "Clé du document",
    "Line number on the document": "Numéro de la ligne dans le document",
    "What is sold": "Ce qui est vendu",
    "Quantity": "Quantité",
    "Unit price; empty means the amount if quantity is 1": "Prix unitaire; vide : le montant, si la quantité est 1",
    "Amount before tax; negative for a discount": "Montant avant taxes; négatif pour un rabais",
    "Code of the product or service": "Code du produit ou du service",
    "Code of the general ledger account": "Code du compte de grand livre",
    "Code of the tax group": "Code du groupe de taxes",
    "Code of the class": "Code de la classe",
    "Tax of this line": "Taxe de cette ligne",
    "Code of the tax": "Code de la taxe",
    "Amount of the tax": "Montant de la taxe",
    "Amount it was computed on": "Montant sur lequel elle a été calculée",
    "Key of the account that paid, or was paid": "Clé du compte qui a payé, ou qui a été payé",
    "Which way the money went; empty means as what it pays, or its account, says": (
        "Dans quel sens l'argent est allé; vide : comme le dit ce qu'il règle, ou son compte"
    ),
    "Amount of the payment": "Montant du paiement",
    "Which way it travels": "Dans quel sens il va",
    "Key of the payment": "Clé du paiement",
    "Key of the invoice": "Clé de la facture",
    "The part that goes to this invoice": "La part qui va à cette facture",
    "Key of the document it belongs to": "Clé du document auquel elle appartient",
    "Key of the journal entry": "Clé de l'entrée de journal",
    "Line number in the entry": "Numéro de la ligne dans l'entrée",
    "Debit": "Débit",
    "Credit": "Crédit",
    "Key of the account, on a receivable": "Clé du compte, sur un compte client",
    "First day of the first month": "Premier jour du premier mois",
    "Number of months": "Nombre de mois",
    "Amount over all months": "Montant pour l'ensemble des mois",
    "GL account it was billed to": "Compte de grand livre où il a été facturé",
    "GL account of the revenue": "Compte de grand livre du revenu",
    "What sort of account": "Quelle sorte de compte",
    "Code of its general ledger account": "Code de son compte de grand livre",
    "Rate in percent": "Taux en pourcentage",
    "Our registration number": "Notre numéro d'inscription",
    "Codes of the taxes": "Codes des taxes",
    "How the tax is rounded": "Comment la taxe est arrondie",
    "Province of supply, two letters (QC, ON)": "Province de la fourniture, deux lettres (QC, ON)",
    "Taxes that apply together to a line.": "Taxes qui s'appliquent ensemble à une ligne.",
    "What it is in a return; empty: taxed with a rate, zero-rated with rates of 0, exempt without taxes": (
        "Ce qu'il est dans une déclaration; vide : taxé avec un taux, détaxé avec des taux de 0, exonéré sans taxes"
    ),
}
