"""登记 — which campaign, unit and item a letter answers, how surely, and why (hits and misses). [条例24]"""

from service.incoming.match.stage import Match, match_letter

__all__ = ["Match", "match_letter"]
