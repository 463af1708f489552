"""The words of a fault in a company that works in French.

Recorded, from Canada: the beginnings of 6140 and 6240, and that 6140 still names ``DocNumber=`` and ``TxnType=``.
Assumption: every other fault is translated too, and keeps its code and the names and ids that its English words hold.
"""

from __future__ import annotations

import re

MESSAGES = {
    "610": "Objet introuvable",
    "620": "Impossible de lier l'opération",
    "2040": "Chaîne non valide",
    "2050": "La longueur de la chaîne n'est pas celle que permet la spécification",
    "2210": "Format d'adresse courriel non valide",
    "2250": "Lignes manquantes",
    "2500": "Numéro de référence non valide",
    "4000": "Erreur d'analyse de la requête",
    "4001": "Requête non valide",
    "5010": "Objet périmé",
    "6000": "Une erreur de validation est survenue pendant le traitement de votre demande",
    "6140": "Numéro de document en double",
    "6190": "État d'entreprise non valide",
    "6200": "Exercice clos",
    "6210": "Exercice clos, mot de passe requis",
    "6240": "Le nom indiqué existe déjà",
}
DETAILS = {
    "610": "Un élément que vous essayez d'utiliser a été désactivé. Vérifiez les comptes, clients et articles.",
    "6140": "Vous devez spécifier un numéro différent. Ce numéro a déjà été utilisé.",
    "6240": "Un autre client, fournisseur ou employé utilise déjà ce nom.",
}
NAMED = re.compile(r"DocNumber=.*|\b(?:Accounts|Items|Names|\w+) element id \S+", re.DOTALL)
"""What a translation keeps as it is."""


def in_french(error: dict[str, str]) -> dict[str, str]:
    """An error of a fault, with its words in French where there are any."""
    code, kept = error["code"], NAMED.search(error["Detail"])
    if code not in MESSAGES:
        return error
    said = DETAILS.get(code, MESSAGES[code])
    detail = f"{MESSAGES[code]} : {said} {kept[0] if kept else ''}".rstrip()
    return {**error, "Message": MESSAGES[code], "Detail": detail}
