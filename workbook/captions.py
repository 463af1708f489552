"""What the workbook says by itself, in both languages: the ribbon, the macros' messages, the first sheet."""

from __future__ import annotations

from workbook.layout import STATUSES, Caption

START = Caption("Start", "Accueil")
START_TITLE = Caption("Accounting synchronization", "Synchronisation comptable")
START_LEAD = Caption(
    "If you can read this sheet on opening, the macros of this workbook are disabled. Your figures are here all the "
    "same; only the ribbon “Accounting Sync” is missing.",
    "Si cette feuille s'affiche à l'ouverture, les macros de ce classeur sont désactivées. Vos données sont bien là; "
    "seul l'onglet « Synchronisation comptable » manque.",
)

START_PARTS: tuple[tuple[Caption, tuple[Caption, ...]], ...] = (
    (
        Caption("Enable the macros", "Activer les macros"),
        (
            Caption(
                "A yellow bar says Protected View: press Enable Editing.",
                "Une barre jaune indique « Mode protégé » : cliquez sur Activer la modification.",
            ),
            Caption(
                "A yellow bar says that macros have been disabled: press Enable Content.",
                "Une barre jaune indique que les macros ont été désactivées : cliquez sur Activer le contenu.",
            ),
            Caption(
                "A red bar says that Microsoft has blocked macros: close the workbook, right-click its file, choose "
                "Properties, tick Unblock, press OK, and open it again.",
                "Une barre rouge indique que Microsoft a bloqué les macros : fermez le classeur, faites un clic droit "
                "sur le fichier, choisissez Propriétés, cochez Débloquer, cliquez sur OK, puis rouvrez-le.",
            ),
            Caption(
                "Still nothing: in File > Options > Trust Center > Trust Center Settings > Trusted Locations, add the "
                "folder of the workbook, or ask your administrator to.",
                "Toujours rien : dans Fichier > Options > Centre de gestion de la confidentialité > "
                "Paramètres du Centre de gestion de la confidentialité > "
                "Emplacements approuvés, ajoutez le dossier du classeur, ou demandez-le à votre administrateur.",
            ),
            Caption(
                "On a Mac: choose Enable Macros in the question that Excel asks on opening.",
                "Sur un Mac : choisissez Activer les macros à la question que pose Excel à l'ouverture.",
            ),
        ),
    ),
    (
        Caption("Work without macros", "Travailler sans macros"),
        (
            Caption(
                "Review on the sheets as usual: set statuses, sync references and mappings, then save and close.",
                "Révisez dans les feuilles comme d'habitude : statuts, références de synchronisation, correspondances; "
                "puis enregistrez et fermez.",
            ),
            Caption(
                "Every button of the ribbon is also a command on the closed workbook; “passerelle --help” lists them.",
                "Chaque bouton du ruban est aussi une commande sur le classeur fermé; « passerelle --help » les "
                "énumère.",
            ),
        ),
    ),
    (
        Caption("Good to know", "Bon à savoir"),
        (
            Caption(
                "Yellow cells are yours to fill. The others are locked, without a password, to guide you; what was "
                "transferred is kept in the journal, not in these cells.",
                "Les cellules jaunes sont à vous. Les autres sont verrouillées, sans mot de passe, pour vous guider; "
                "ce qui a été transféré est conservé dans l'historique, pas dans ces cellules.",
            ),
            Caption(
                "Nothing is sent to the accounting system until you press Sync; only a schedule that you set up "
                "yourself sends without it.",
                "Rien n'est envoyé au système comptable tant que vous ne cliquez pas sur Synchroniser; seul un horaire "
                "que vous avez vous-même programmé envoie sans cela.",
            ),
        ),
    ),
)

GROUPS: dict[str, Caption] = {
    "passerelle": Caption("Accounting Sync", "Synchronisation comptable"),
    "group_setup": Caption("Company", "Entreprise"),
    "group_connection": Caption("Connection", "Connexion"),
    "group_records": Caption("Records", "Enregistrements"),
    "group_review": Caption("Review", "Révision"),
    "group_accounts": Caption("Accounts", "Comptes"),
    "group_answers": Caption("Answers", "Réponses"),
    "group_sync": Caption("Sync", "Synchronisation"),
    "group_after": Caption("After", "Après"),
    "group_help": Caption("Help", "Aide"),
}

BUTTONS: dict[str, tuple[Caption, Caption]] = {
    "connect": (
        Caption("Connect", "Se connecter"),
        Caption(
            "Reach the accounting system and show whose books they are.",
            "Joindre le système comptable et montrer à quelle entreprise il appartient.",
        ),
    ),
    "disconnect": (
        Caption("Disconnect", "Se déconnecter"),
        Caption("Let go of the accounting system.", "Fermer la connexion au système comptable."),
    ),
    "authorize": (
        Caption("Authorize…", "Autoriser…"),
        Caption(
            "Sign in to the accounting system and allow this workbook to post to it.",
            "S'authentifier au système comptable et permettre à ce classeur d'y inscrire des documents.",
        ),
    ),
    "pull": (
        Caption("Pull", "Importer"),
        Caption(
            "Bring new and changed records into the sheets. What you typed stays.",
            "Importer dans les feuilles les enregistrements nouveaux ou modifiés. Ce que vous avez inscrit demeure.",
        ),
    ),
    "check": (
        Caption("Check", "Vérifier"),
        Caption(
            "List everything that stands in the way of a transfer, each with its cell and its fix.",
            "Énumérer tout ce qui empêche un transfert, chaque fois avec sa cellule et son correctif.",
        ),
    ),
    "preview": (
        Caption("Preview", "Aperçu"),
        Caption(
            "Show what Sync would do: documents, debits and credits, what is skipped and why. Nothing is sent.",
            "Montrer ce que ferait la synchronisation : documents, débits et crédits, ce qui est laissé de côté et "
            "pourquoi. Rien n'est envoyé.",
        ),
    ),
    "look_at_source": (
        Caption("Look at the source", "Examiner la source"),
        Caption(
            "Guess what each sheet and column of the source's export is, and show it on the Source sheet.",
            "Deviner ce qu'est chaque colonne de l'exportation, et le montrer dans la feuille Source.",
        ),
    ),
    "confirm_source": (
        Caption("Confirm the source", "Confirmer la source"),
        Caption(
            "From now on, read the source as the Source sheet shows it.",
            "Lire désormais la source comme la feuille Source l'indique.",
        ),
    ),
    "mark_to_transfer": (
        Caption("To transfer", "À transférer"),
        Caption(
            "Mark the selected visible rows To Be Transferred.",
            "Marquer « À transférer » les lignes visibles sélectionnées.",
        ),
    ),
    "mark_stand_by": (
        Caption("Stand by", "En attente"),
        Caption(
            "Mark the selected visible rows Stand By.",
            "Marquer « En attente » les lignes visibles sélectionnées.",
        ),
    ),
    "mark_do_not_sync": (
        Caption("Do not sync", "Ne pas synchroniser"),
        Caption(
            "Mark the selected visible rows Do Not Sync.",
            "Marquer « Ne pas synchroniser » les lignes visibles sélectionnées.",
        ),
    ),
    "mark_in_review": (
        Caption("In review", "En revue"),
        Caption(
            "Mark the selected visible rows In Review; an approver then moves them on.",
            "Marquer « En revue » les lignes visibles sélectionnées; un approbateur les fait ensuite avancer.",
        ),
    ),
    "approve": (
        Caption("Approve", "Approuver"),
        Caption(
            "Approve the selected rows that are In Review: each then leaves exactly as it now is.",
            "Approuver les lignes sélectionnées qui sont « En revue » : chacune partira telle qu'elle est maintenant.",
        ),
    ),
    "no_go_before": (
        Caption("No-go before a date…", "Exclure avant une date…"),
        Caption(
            "Mark Do Not Sync every visible row of this sheet that is dated before a day you choose.",
            "Marquer « Ne pas synchroniser » toutes les lignes visibles de cette feuille datées d'avant un jour donné.",
        ),
    ),
    "no_go": (
        Caption("No-go, all sheets…", "Exclure, toutes les feuilles…"),
        Caption(
            "Mark everything dated before a day Do Not Sync, on every sheet but Accounts, once you have seen how much "
            "it is.",
            "Marquer « Ne pas synchroniser » tout ce qui est daté d'avant un jour, dans toutes les feuilles sauf "
            "Comptes, une fois les montants vus.",
        ),
    ),
    "undo_no_go": (
        Caption("Undo no-go", "Annuler l'exclusion"),
        Caption(
            "Give what was marked before a day its former status again.",
            "Redonner à ce qui a été exclu avant une date son statut précédent.",
        ),
    ),
    "start_in_sync": (
        Caption("Start in sync…", "Partir d'un même point…"),
        Caption(
            "Choose the first day to transfer: both sides are compared on its eve, everything before it becomes Do Not "
            "Sync, and you are told whether both sides agree.",
            "Choisir le premier jour à transférer : les deux côtés sont comparés la veille, tout ce qui précède n'est "
            "plus synchronisé, et l'on vous dit si les deux côtés concordent.",
        ),
    ),
    "undo_mark": (
        Caption("Undo mark", "Annuler le marquage"),
        Caption(
            "Give the rows of the last mark their former statuses back.",
            "Redonner aux lignes du dernier marquage leurs statuts précédents.",
        ),
    ),
    "suggest_matches": (
        Caption("Suggest matches", "Suggérer des liens"),
        Caption(
            "Look for each unlinked account among the ledger's customers.",
            "Chercher chaque compte non lié parmi les clients du système comptable.",
        ),
    ),
    "link": (
        Caption("Link", "Lier"),
        Caption(
            "Take the suggested match of the selected accounts as their sync reference.",
            "Prendre la correspondance suggérée des comptes sélectionnés comme référence de synchronisation.",
        ),
    ),
    "link_sure": (
        Caption("Link all sure ones", "Lier les certains"),
        Caption(
            "Link every account that certainly is one customer of the ledger and no other account is. Unlink takes it "
            "back.",
            "Lier chaque compte qui est certainement un client du système comptable et le seul à l'être. « Délier » "
            "l'annule.",
        ),
    ),
    "unlink": (
        Caption("Unlink", "Délier"),
        Caption(
            "Take the links of the selected accounts away again, as far as nothing is booked on them.",
            "Défaire les liens des comptes sélectionnés, tant que rien n'est comptabilisé sur eux.",
        ),
    ),
    "create_new": (
        Caption("Create new", "Nouveau compte"),
        Caption(
            "Say that the selected accounts are new to the ledger.",
            "Indiquer que les comptes sélectionnés sont à créer dans le système comptable.",
        ),
    ),
    "find_in_ledger": (
        Caption("Find in ledger…", "Chercher en comptabilité…"),
        Caption(
            "Search the ledger's customers by name, number or e-mail.",
            "Chercher parmi les clients du système comptable par nom, numéro ou courriel.",
        ),
    ),
    "same_one": (
        Caption("Same one", "C'est le même"),
        Caption(
            "What the ledger has already is the selected record: take it as its transfer, and send nothing.",
            "Ce qui est déjà en comptabilité est l'enregistrement sélectionné : le lier, et ne rien envoyer.",
        ),
    ),
    "second_one": (
        Caption("Second one", "C'en est un autre"),
        Caption(
            "The selected record is another than what the ledger has like it: let it leave at the next Sync.",
            "L'enregistrement sélectionné diffère de ce qui est déjà en comptabilité : le laisser partir à la "
            "prochaine synchronisation.",
        ),
    ),
    "confirm": (
        Caption("Confirm", "Confirmer"),
        Caption(
            "What is asked in the selected rows is right: the sync reference typed, or a record not read again.",
            "Ce qui est demandé dans les lignes sélectionnées est exact : la référence inscrite, ou un enregistrement "
            "qui n'a pas été relu.",
        ),
    ),
    "sync": (
        Caption("Sync", "Synchroniser"),
        Caption(
            "Transfer everything that is To Be Transferred: accounts, documents, payments, journal entries.",
            "Transférer tout ce qui est « À transférer » : comptes, documents, paiements, entrées de journal.",
        ),
    ),
    "auto_sync": (
        Caption("Auto sync", "Synchronisation auto"),
        Caption(
            "Pull and transfer a few documents at a time, for a while.",
            "Importer et transférer quelques documents à la fois, pendant un moment.",
        ),
    ),
    "stop": (
        Caption("Stop", "Arrêter"),
        Caption("End after the document in hand.", "Terminer après le document en cours."),
    ),
    "reconcile": (
        Caption("Reconcile", "Concilier"),
        Caption(
            "Compare what accounts owe in the source and in the ledger, and explain the differences.",
            "Comparer les soldes des comptes dans la source et en comptabilité, et expliquer les écarts.",
        ),
    ),
    "tax_boxes": (
        Caption("Tax boxes", "Lignes de taxes"),
        Caption(
            "Show what goes into the GST, HST and QST returns for the days typed on the Period sheet.",
            "Montrer ce qui va dans les déclarations de TPS, TVH et TVQ pour les jours inscrits à la feuille Période.",
        ),
    ),
    "period_file": (
        Caption("Period's file", "Fichier de période"),
        Caption(
            "Write the period typed on the Period sheet as one workbook for the auditor, beside this one.",
            "Écrire la période inscrite à la feuille Période en un classeur pour l'auditeur, à côté de celui-ci.",
        ),
    ),
    "undo_transfer": (
        Caption("Undo a transfer…", "Annuler un transfert…"),
        Caption(
            "Take the selected document back from the ledger, where it allows that.",
            "Retirer le document sélectionné du système comptable, si celui-ci le permet.",
        ),
    ),
    "undo_run": (
        Caption("Undo the last Sync…", "Annuler la dernière synchronisation…"),
        Caption(
            "Take all that the last Sync transferred back from the ledger; what that means is shown first.",
            "Retirer du système comptable ce que la dernière synchronisation a transféré; l'effet est montré d'abord.",
        ),
    ),
    "open_record": (
        Caption("Open record", "Ouvrir la fiche"),
        Caption(
            "Open the selected record in the source or in the ledger.",
            "Ouvrir l'enregistrement sélectionné dans la source ou en comptabilité.",
        ),
    ),
    "log": (
        Caption("Log", "Historique"),
        Caption("Show what each run did.", "Montrer ce que chaque exécution a fait."),
    ),
    "language": (
        Caption("Français", "English"),
        Caption(
            "Passer le classeur au français. Aucune donnée ne change.",
            "Switch the workbook to English. No data changes.",
        ),
    ),
    "set_up": (
        Caption("Set up", "Configuration"),
        Caption(
            "Open the sheet that says what the company is, where records come from and where they are booked.",
            "Ouvrir la feuille qui dit quelle est l'entreprise, d'où viennent les enregistrements et où ils vont.",
        ),
    ),
    "create_company": (
        Caption("Create company", "Créer l'entreprise"),
        Caption(
            "Make the company that the sheet Set up describes, and connect.",
            "Créer l'entreprise que décrit la feuille Configuration, et se connecter.",
        ),
    ),
    "apply_settings": (
        Caption("Apply settings", "Appliquer"),
        Caption(
            "Take the settings that the sheet Set up says.",
            "Prendre les paramètres que dit la feuille Configuration.",
        ),
    ),
    "give_secret": (
        Caption("Secret…", "Secret…"),
        Caption(
            "Give the client secret or password that the source or the accounting system wants, on a page of its own.",
            "Donner le secret client ou le mot de passe que veut la source ou le système comptable, sur une page à "
            "part.",
        ),
    ),
    "settings": (
        Caption("Settings", "Paramètres"),
        Caption("Open the settings of this company.", "Ouvrir les paramètres de cette entreprise."),
    ),
    "doctor": (
        Caption("Doctor", "Diagnostic"),
        Caption(
            "Check the installation, the connection and this workbook.",
            "Vérifier l'installation, la connexion et ce classeur.",
        ),
    ),
    "guide": (
        Caption("Guide", "Guide"),
        Caption(
            "Read about the selected problem, or about this sheet.",
            "Lire sur le problème sélectionné, ou sur cette feuille.",
        ),
    ),
    "about": (
        Caption("About", "À propos"),
        Caption("Version, licence and company.", "Version, licence et entreprise."),
    ),
}

CONNECTED = Caption("Connected", "Connecté")
NOT_CONNECTED = Caption("Not connected", "Non connecté")

MESSAGES: dict[str, Caption] = {
    "read_only": Caption(
        "This column comes from the source or from Passerelle: it was put back as it was.",
        "Cette colonne vient de la source ou de Passerelle : elle a été remise comme elle était.",
    ),
    "connected": Caption("Connected to {company}", "Connecté à {company}"),
    "not_connected": NOT_CONNECTED,
    "until": Caption("until {date}", "jusqu'au {date}"),
    "marked": Caption("Rows marked “{status}”: {n}.", "Lignes marquées « {status} » : {n}."),
    "undone": Caption("Rows given their former status back: {n}.", "Lignes ayant retrouvé leur statut : {n}."),
    "no_rows": Caption(
        "No visible record is concerned. Nothing was changed.",
        "Aucun enregistrement visible n'est visé. Rien n'a été modifié.",
    ),
    "mark_failed": Caption(
        "The rows could not all be marked. Undo mark takes back those that were. ({detail})",
        "Les lignes n'ont pas toutes pu être marquées. Annuler le marquage défait celles qui l'ont été. ({detail})",
    ),
    "nothing_to_undo": Caption("There is no mark to undo.", "Il n'y a aucun marquage à annuler."),
    "not_a_review_sheet": Caption(
        "Select rows on Accounts, Invoices, Payments or Journal entries first. Nothing was changed.",
        "Sélectionnez d'abord des lignes dans Comptes, Factures, Paiements ou Entrées de journal. Rien n'a été "
        "modifié.",
    ),
    "no_dates_here": Caption(
        "Accounts have no date; choose Invoices, Payments or Journal entries. Nothing was changed.",
        "Les comptes n'ont pas de date; choisissez Factures, Paiements ou Entrées de journal. Rien n'a été modifié.",
    ),
    "no_go_date": Caption(
        "Do not synchronize what is dated before (yyyy-mm-dd):",
        "Ne pas synchroniser ce qui est daté d'avant le (aaaa-mm-jj) :",
    ),
    "start_date": Caption(
        "The first day that is transferred (yyyy-mm-dd):", "Le premier jour à transférer (aaaa-mm-jj) :"
    ),
    "search": Caption(
        "Name, number, e-mail or telephone to look for among the ledger's customers:",
        "Nom, numéro, courriel ou téléphone à chercher parmi les clients du système comptable :",
    ),
    "not_a_date": Caption(
        "This is not a date of the form 2026-12-31. Nothing was changed.",
        "Ce n'est pas une date de la forme 2026-12-31. Rien n'a été modifié.",
    ),
    "column_missing": Caption(
        "A column that marking needs was deleted from this sheet. Press Ctrl+Z, or make a new workbook and Pull.",
        "Une colonne nécessaire au marquage a été supprimée de cette feuille. Faites Ctrl+Z, ou créez un nouveau "
        "classeur et importez.",
    ),
    "stopping": Caption(
        "Stopping after the document in hand.",
        "Arrêt après le document en cours.",
    ),
    "starting": Caption("Passerelle is starting…", "Passerelle démarre…"),
    "program_missing": Caption(
        "The program behind this button was not found on this machine. Run “passerelle doctor” once, which notes where "
        "it is, or ask your administrator to install Passerelle.",
        "Le programme derrière ce bouton est introuvable sur cet ordinateur. Lancez une fois "
        "«\u00a0passerelle doctor\u00a0», qui note où il se trouve, ou demandez à votre administrateur d'installer "
        "Passerelle.",
    ),
    "python_missing": Caption(
        "The program behind this button did not start, or did not end well. The next Check shows what it did. Run "
        "“passerelle doctor”, or ask your administrator. ({detail})",
        "Le programme derrière ce bouton n'a pas démarré, ou s'est mal terminé. La prochaine vérification montrera ce "
        "qu'il a fait. Lancez «\u00a0passerelle doctor\u00a0», ou demandez à votre administrateur. ({detail})",
    ),
}

CONNECT_FIRST = Caption("Press Connect, then Pull.", "Cliquez sur Se connecter, puis sur Importer.")
PULL_NEXT = Caption("Press Pull.", "Cliquez sur Importer.")
OVERVIEW_ROWS: tuple[tuple[Caption, Caption | None], ...] = (
    (Caption("Company", "Entreprise"), None),
    (Caption("Accounting system", "Système comptable"), NOT_CONNECTED),
    (Caption("Next step", "Prochaine étape"), CONNECT_FIRST),
)
"""The Dashboard of a new workbook; ``None`` stands for the company's name."""

CHOOSE = Caption("Choose from the list.", "Choisissez dans la liste.")
READ_ONLY = Caption(
    "This column comes from the source or from Passerelle. It is only read here.",
    "Cette colonne vient de la source ou de Passerelle. Elle ne fait que se lire ici.",
)
NOT_IN_LEDGER = Caption(
    "This code is not among the ledger's own, as last pulled.",
    "Ce code ne figure pas parmi ceux du système comptable, tels qu'importés.",
)


def texts() -> dict[str, Caption]:
    """Every text that the macros look up, by its key in ``tblTexts``."""
    return {
        **{f"ribbon.{key}": caption for key, caption in GROUPS.items()},
        **{f"ribbon.{key}": label for key, (label, _) in BUTTONS.items()},
        **{f"ribbon.{key}.tip": tip for key, (_, tip) in BUTTONS.items()},
        **{f"status.{code}": caption for code, caption in STATUSES.items()},
        **{f"message.{key}": caption for key, caption in MESSAGES.items()},
    }
