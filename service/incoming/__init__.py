"""收文 — from a letter in the mailbox to a filed, acknowledged return."""
