"""后续 — what comes after the first release: 补发, 补充通知, 更正, 撤回, 催报函, each a release. [条例25]"""

from service.outgoing.amend.news import News
from service.outgoing.amend.orders import Correct, Order, Reissue, Supplement, Urge, Withdraw
from service.outgoing.amend.plan import Bench
from service.outgoing.amend.stage import Amend, Amended, Prepared

__all__ = [
    "Amend",
    "Amended",
    "Bench",
    "Correct",
    "News",
    "Order",
    "Prepared",
    "Reissue",
    "Supplement",
    "Urge",
    "Withdraw",
]
