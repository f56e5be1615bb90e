"""催办 — only the missing, only when due, recomputed at the moment of sending. [条例25]"""

from service.followup.remind.foresee import Foreseen, Outlook
from service.followup.remind.neutral import Offered
from service.followup.remind.stage import Remind

__all__ = ["Foreseen", "Offered", "Outlook", "Remind"]
