"""The Book over a closed .xlsm: only the cells meant to change are rewritten."""
