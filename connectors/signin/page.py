"""What the browser shows when it comes back; nothing of what it came with is repeated there."""

from __future__ import annotations

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

THANKS = _PAGE.format(
    en="Thank you. You can close this page and go back to Passerelle.",
    fr="Merci. Vous pouvez fermer cette page et revenir à Passerelle.",
)
FAILED = _PAGE.format(
    en="This is not the answer that Passerelle is waiting for. Go back to Passerelle and sign in again from there.",
    fr="Ce n'est pas la réponse que Passerelle attend. Revenez à Passerelle et autorisez de nouveau à partir de là.",
)
