"""催办 — chasing only the missing, and saying who they are."""
