"""An export as another system wrote it: looked at, guessed, confirmed by a person, and then read as tables of ours."""
