"""办理 — what a person settles: assign, record, extend, exempt; each an event with reason and name."""

from service.desk.decide.chasing import strike, unstrike
from service.desk.decide.delivery import CHANNEL_WORDS, Channel, copied, delivered
from service.desk.decide.dockets import VIA_WORDS, Via, exempt, extend, record, reopen
from service.desk.decide.ending import close
from service.desk.decide.extending import extend_group
from service.desk.decide.letters import assign, note
from service.desk.decide.outbox import settle_dispatch, try_again
from service.desk.decide.pauses import pause, resume
from service.desk.decide.reassigning import reassign, undo
from service.desk.decide.remarks import remark
from service.desk.decide.scans import Given, record_scan
from service.desk.decide.senders import forget
from service.desk.decide.splitting import split
from service.desk.decide.word import Decided

__all__ = [
    "CHANNEL_WORDS",
    "VIA_WORDS",
    "Channel",
    "Decided",
    "Given",
    "Via",
    "assign",
    "close",
    "copied",
    "delivered",
    "exempt",
    "extend",
    "extend_group",
    "forget",
    "note",
    "pause",
    "reassign",
    "record",
    "record_scan",
    "remark",
    "reopen",
    "resume",
    "settle_dispatch",
    "split",
    "strike",
    "try_again",
    "undo",
    "unstrike",
]
