"""What the browser shows here: the page that takes what is pasted, and what it comes back to, which repeats nothing."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Passerelle</title>
<style>body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}</style>
</head>
<body>
<p>{en}</p>
<p lang="fr">{fr}</p>
<script>setTimeout(function () {{ window.close() }}, 4000)</script>
</body>
</html>
"""

_PASTE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Passerelle</title>
<style>body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 8vh auto; padding: 0 1rem }}
textarea {{ width: 100%; font: inherit }} button {{ font: inherit }} .again {{ color: #a00 }}</style>
</head>
<body>
{again}
<ol>
<li><p><a href="{consent}" target="_blank" rel="noreferrer">{label}</a>: sign in there and allow the access.</p>
<p lang="fr"><a href="{consent}" target="_blank" rel="noreferrer">{label}</a> : ouvrez-y une session et autorisez
l'accès.</p></li>
<li><p>You then come to a page whose address holds the word code. Copy its whole address, and paste it here.</p>
<p lang="fr">Vous arrivez ensuite à une page dont l'adresse contient le mot code. Copiez toute l'adresse et collez-la
ici.</p></li>
</ol>
<form method="post" autocomplete="off">
<p><textarea name="pasted" rows="4" aria-label="Address, adresse" required></textarea></p>
<p><button>Go on · Continuer</button></p>
</form>
</body>
</html>
"""

_AGAIN = """<p class="again">That is not the address of this consent. Open the page of step 1 once more.</p>
<p class="again" lang="fr">Ce n'est pas l'adresse de cette autorisation. Rouvrez la page de l'étape 1.</p>"""


def paste_page(label: str, consent: str, *, again: bool = False) -> str:
    """The page that leads to a consent at ``label`` and takes what is pasted; ``again`` where it was not that."""
    return _PASTE.format(label=escape(label), consent=escape(consent), again=_AGAIN if again else "")


THANKS = _PAGE.format(
    en="Thank you. You can close this page and go back to Passerelle.",
    fr="Merci. Vous pouvez fermer cette page et revenir à Passerelle.",
)
FAILED = _PAGE.format(
    en="This is not the answer that Passerelle is waiting for. Go back to Passerelle and sign in again from there.",
    fr="Ce n'est pas la réponse que Passerelle attend. Revenez à Passerelle et autorisez de nouveau à partir de là.",
)
