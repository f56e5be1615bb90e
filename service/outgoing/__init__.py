"""发文 — from a campaign's facts to mail that has left the house."""
