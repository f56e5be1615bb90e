"""初审 — what is missing or wrong, in sentences one may send back. [条例24]"""

from service.incoming.check.stage import Check, check_letter, filings_that_stand

__all__ = ["Check", "check_letter", "filings_that_stand"]
