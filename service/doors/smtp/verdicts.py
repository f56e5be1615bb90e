"""What a server's refusal means, as a table: a code alone says little, and a 5xx is not always for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from service.office.outcome import AskAPerson, Never, TryAgain


class Phase(Enum):
    """How far a conversation came."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RCPT = "rcpt"
    DATA = "data"  # DATA was said, no byte of the letter was asked for yet
    CONTENT = "content"  # the letter's bytes had begun


class Act(Enum):
    """The three failures of the world [house: style]."""

    TRY_AGAIN = "try-again"
    NEVER = "never"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the table. Empty `codes`, `text` or `phases` fit everything.

    A code of one or two digits stands for all that begin with it. `after_minutes` is the pause of the letter,
    `rest_minutes` that of the whole account. `is_fresh` asks for a new connection and fewer letters on each.
    `is_gone`: the mailbox does not exist.
    """

    codes: tuple[str, ...]
    text: str
    phases: tuple[Phase, ...]
    act: Act
    why: str
    after_minutes: float = 0.0
    rest_minutes: float = 0.0
    is_fresh: bool = False
    is_gone: bool = False

    def fits(self, phase: Phase, code: int, text: str) -> bool:
        return (
            (not self.codes or str(code).startswith(self.codes))
            and (not self.phases or phase in self.phases)
            and re.search(self.text, text, re.IGNORECASE) is not None
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to tell the office, and what the account does meanwhile."""

    outcome: TryAgain | Never | AskAPerson
    rest_minutes: float = 0.0
    is_fresh: bool = False


# What is refused here is the account, whoever the letter is for.
ACCOUNT_PHASES = (Phase.CONNECT, Phase.LOGIN, Phase.SENDER)

HALF_A_DAY = 12 * 60.0
LOGIN_REFUSED = "登录被拒绝，请更新授权码并确认已开启 SMTP 服务"
SENDER_REFUSED = "发件人必须与登录账户相同，请核对设置"
TOO_LARGE = "邮件太大，请减小附件"

# Of the mailbox itself, in the words of Postfix, Exchange, Coremail, QQ, Sina and Gmail.
NO_SUCH_MAILBOX = (
    r"5\.1\.(1|10)\b|user unknown|unknown (local )?(user|recipient)|no such (user|recipient|mailbox|address)"
    r"|(user|account|mailbox|recipient|address)( address)? ((does not|doesn'?t|not) exist|not found)"
    r"|invalid (recipient|mailbox)|(用户|收件人|邮箱|帐号|账号)不存在|没有此用户"
)

FREQUENCY = r"(ip|domain|sender|connection|user) frequency limited|too (many|frequent)|频繁|frequency"

# Ordered; the first row that fits decides. Sources: the providers' own lists as gathered in 2026, which
# promise nothing; wherever two readings were possible the milder one stands here.
VERDICTS: tuple[Verdict, ...] = (
    # NetEase: 163, 126, yeah.net
    Verdict(
        ("421",),
        r"HL:(REP|ICC|IFC|MEP)",
        (),
        Act.TRY_AGAIN,
        "服务商认为本账户发信异常",
        60,
        60,
        is_fresh=True,
    ),
    Verdict(("45",), r"MI:DMC|RP:DRC", (), Act.TRY_AGAIN, "这一次连接上的邮件已够多", 1, is_fresh=True),
    Verdict(("451",), r"MI:SFQ", (), Act.TRY_AGAIN, "15 分钟内发信已达上限", 16, 16),
    Verdict(("451",), r"DT:SPM", (), Act.TRY_AGAIN, "服务商要求稍后再发", 3, 3),
    Verdict(("45",), r"DT:RBL|MI:CEL|MI:CCL", (), Act.ASK, "服务商限制了本单位的网络地址或邮件内容", 0, 60),
    Verdict(("55",), r"MI:STC", (), Act.TRY_AGAIN, "当天发信已达上限", HALF_A_DAY, HALF_A_DAY),
    Verdict(("55",), r"DT:SPM", (), Act.ASK, "邮件内容被判为垃圾邮件，已停止本账户发信一小时", 0, 60),
    Verdict(("55",), r"DT:SUM", (), Act.ASK, SENDER_REFUSED, 0, 60),
    # Credentials and senders: a mistake in the settings, which no repetition mends
    Verdict(("530", "534", "535", "538"), r"", (), Act.ASK, LOGIN_REFUSED, 0, 12),
    Verdict(("550",), r"user has no permission", (), Act.ASK, LOGIN_REFUSED, 0, 12),
    Verdict(
        ("501", "553"), r"same as authori|must equal|local user only", (), Act.ASK, SENDER_REFUSED, 0, 60
    ),
    # QQ and Exmail: temporary by their own account, in spite of the 550
    Verdict(("550", "554"), FREQUENCY, (), Act.TRY_AGAIN, "服务商限制了发信频率", 30, 30),
    Verdict(
        ("550",), r"mailbox unavailable or access denied", (), Act.TRY_AGAIN, "对方服务器暂时不收", 30, 5
    ),
    Verdict(("550",), r"\bSPF\b", (), Act.ASK, "本单位域名的 SPF 记录未通过检查", 0, 30),
    # Gmail, Microsoft 365
    Verdict(("550",), r"5\.4\.5", (), Act.TRY_AGAIN, "当天发信已达上限", HALF_A_DAY, HALF_A_DAY),
    Verdict(("421", "432"), r"", (), Act.TRY_AGAIN, "服务器要求放慢", 10, 10),
    # The letter
    Verdict(("552", "523"), r"", (Phase.SENDER, Phase.DATA, Phase.CONTENT), Act.NEVER, TOO_LARGE),
    Verdict(("5",), r"5\.3\.4|size (limit|exceed)|too (large|big)", (), Act.NEVER, TOO_LARGE),
    # The recipient
    Verdict(
        ("5",),
        NO_SUCH_MAILBOX,
        (Phase.RCPT, Phase.CONTENT),
        Act.NEVER,
        "对方没有这个邮箱",
        is_gone=True,
    ),
    Verdict(("552",), r"", (Phase.RCPT,), Act.NEVER, "对方邮箱已满"),
    Verdict(
        ("5",), r"5\.7\.|spam|policy|block|black|reject|denied|拒|垃圾", (), Act.ASK, "对方或服务商按规则拒收"
    ),
    Verdict(("5",), r"", (Phase.RCPT,), Act.NEVER, "收件人被拒绝"),
    # Everything else
    Verdict(("4",), r"", ACCOUNT_PHASES, Act.TRY_AGAIN, "服务器暂时不接受本账户", 10, 10),
    Verdict(("4",), r"", (), Act.TRY_AGAIN, "服务器要求稍后再试", 15),
    Verdict(("5",), r"", ACCOUNT_PHASES, Act.ASK, "服务器不接受本账户", 0, 12),
    Verdict(("5",), r"", (), Act.ASK, "服务器不接受这封邮件"),
    Verdict((), r"", (), Act.TRY_AGAIN, "服务器的回答无法理解", 15),
)


def judge(phase: Phase, code: int, text: str) -> Judgement:
    """What a refusal means. `Never` carries 550 only where the mailbox does not exist: send retires on it."""
    verdict = next(each for each in VERDICTS if each.fits(phase, code, text))
    why = f"{verdict.why}（服务器说：{code} {text}）"
    outcome: TryAgain | Never | AskAPerson
    match verdict.act:
        case Act.TRY_AGAIN:
            outcome = TryAgain(timedelta(minutes=verdict.after_minutes), why, code)
        case Act.NEVER:
            outcome = Never(why, 550 if verdict.is_gone else None if code == 550 else code)
        case Act.ASK:
            outcome = AskAPerson(why, code, is_account=phase in ACCOUNT_PHASES)
    return Judgement(outcome, verdict.rest_minutes, verdict.is_fresh)
