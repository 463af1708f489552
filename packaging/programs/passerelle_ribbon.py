"""What a ribbon button of the installed product starts; it has no console."""

from addin.ribbon import main

main()
