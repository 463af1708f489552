"""One file per released change of the tables; a released file is never edited."""
