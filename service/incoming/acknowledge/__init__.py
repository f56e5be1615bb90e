"""答复 — the receipt: what came, when, its fingerprints, what is still missing, until when. [条例24]"""

from service.incoming.acknowledge.corrected import Untrue
from service.incoming.acknowledge.stage import ANSWERS, Acknowledge

__all__ = ["ANSWERS", "Acknowledge", "Untrue"]
