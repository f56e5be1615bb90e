"""What servers answer and what is done about it: one row a meaning, the first that fits decides.

Sources: [mail 7] the providers' own lists as gathered in 2026, which promise nothing; [QQ] QQ's own account
of its frequency answers; [RFC 5321], [RFC 3463] the standards; [seen] words of Postfix, Exchange, Coremail,
QQ, Sina and Gmail. Wherever two readings were possible the milder one stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from service.doors.smtp.phase import ACCOUNT_PHASES, Phase


class Action(Enum):
    """What a row does; each leads to exactly one kind of outcome."""

    LATER = "later"  # this letter again later
    LATER_DOMAIN = "later-domain"  # this letter later, and its recipient's whole domain rests meanwhile
    LATER_ACCOUNT = "later-account"  # the whole account rests; no fault of the letter
    FRESH = "fresh"  # a new connection, and fewer letters on each
    TOMORROW = "tomorrow"  # the day's cap: the account goes on after the office's next midnight
    FIX_ACCOUNT = "fix-account"  # a mistake in the settings: one alarm, the account rests, letters wait
    STOP_CAMPAIGN = "stop-campaign"  # the content is refused: the campaign pauses for a person
    ASK = "ask"  # this letter waits for a person
    GONE = "gone"  # no such mailbox: the address is retired
    NEVER = "never"  # not to this address
    TOO_LARGE = "too-large"  # not at this size


@dataclass(frozen=True, slots=True)
class Row:
    """Empty `codes`, `text` or `phases` fit everything; a code of one or two digits fits all that begin so.

    `minutes` is the pause of the letter, `rest` that of the account (of the domain for LATER_DOMAIN).
    `why` is said to staff, before the server's own words.
    """

    provider: str
    codes: tuple[str, ...]
    text: str
    phases: tuple[Phase, ...]
    action: Action
    why: str
    source: str
    minutes: float = 0.0
    rest: float = 0.0


ANY: tuple[Phase, ...] = ()
_SIZES = (Phase.SENDER, Phase.DATA, Phase.CONTENT)
_TO_ADDRESS = (Phase.RCPT, Phase.CONTENT)

_LOGIN_REFUSED = "登录被拒绝，请更新授权码并确认已开启 SMTP 服务"
_SENDER_REFUSED = "发件人必须与登录账户相同，请核对设置"
_DAY_IS_FULL = "当天发信已达上限，明天接着发"
TOO_LARGE_SAY = "邮件太大，请减小附件，或把附件拆成几封较小的发"

_NO_SUCH_MAILBOX = (
    r"5\.1\.(1|10)\b|user unknown|unknown (local )?(user|recipient)|no such (user|recipient|mailbox|address)"
    r"|(user|account|mailbox|recipient|address)( address)? ((does not|doesn'?t|not) exist|not found)"
    r"|invalid (recipient|mailbox)|(用户|收件人|邮箱|帐号|账号)不存在|没有此用户"
)
_FREQUENCY = r"(ip|domain|sender|connection|user) frequency limited|too (many|frequent)|频繁|frequency"
_POLICY = r"5\.7\.|spam|policy|block|black|reject|denied|拒|垃圾"
_SPAM = r"\bspam\b|垃圾邮件|5\.7\.1\b.*(content|spam)|DT:SPM"

CODE_TABLE: tuple[Row, ...] = (
    # NetEase: 163, 126, yeah.net
    Row(
        "163",
        ("421",),
        r"HL:(REP|ICC|IFC|MEP)",
        ANY,
        Action.LATER_ACCOUNT,
        "服务商认为本账户发信异常，停发一小时",
        "mail 7",
        60,
        60,
    ),
    Row("163", ("45",), r"MI:DMC|RP:DRC", ANY, Action.FRESH, "这一次连接上的邮件已够多", "mail 7", 1),
    Row("163", ("451",), r"MI:SFQ", ANY, Action.LATER_ACCOUNT, "15 分钟内发信已达上限", "mail 7", 16, 16),
    Row("163", ("451",), r"DT:SPM", ANY, Action.LATER_ACCOUNT, "服务商要求稍后再发", "mail 7", 3, 3),
    Row(
        "163",
        ("45",),
        r"DT:RBL|MI:CEL|MI:CCL",
        ANY,
        Action.FIX_ACCOUNT,
        "服务商限制了本单位的网络地址或帐号",
        "mail 7",
        0,
        60,
    ),
    Row("163", ("55",), r"MI:STC", ANY, Action.TOMORROW, _DAY_IS_FULL, "mail 7"),
    Row(
        "163",
        ("55",),
        r"DT:SPM",
        ANY,
        Action.STOP_CAMPAIGN,
        "邮件内容被判为垃圾邮件，已停止本账户发信一小时",
        "mail 7",
        0,
        60,
    ),
    Row("163", ("55",), r"DT:SUM", ANY, Action.FIX_ACCOUNT, _SENDER_REFUSED, "mail 7", 0, 60),
    # Credentials and senders: a mistake in the settings, which no repetition mends
    Row("any", ("530", "534", "535", "538"), r"", ANY, Action.FIX_ACCOUNT, _LOGIN_REFUSED, "mail 7", 0, 12),
    Row("163", ("550",), r"user has no permission", ANY, Action.FIX_ACCOUNT, _LOGIN_REFUSED, "mail 7", 0, 12),
    Row(
        "163, qq, exmail",
        ("501", "553"),
        r"same as authori|must equal|local user only",
        ANY,
        Action.FIX_ACCOUNT,
        _SENDER_REFUSED,
        "mail 7",
        0,
        60,
    ),
    # QQ and Exmail: temporary by their own account, in spite of the 550
    Row(
        "qq, exmail",
        ("550", "554"),
        _FREQUENCY,
        ANY,
        Action.LATER_ACCOUNT,
        "服务商限制了发信频率，稍后自动再发",
        "QQ",
        30,
        30,
    ),
    Row(
        "qq, exmail",
        ("550",),
        r"mailbox unavailable or access denied",
        ANY,
        Action.LATER_DOMAIN,
        "对方服务器暂时不收",
        "QQ",
        30,
        5,
    ),
    Row(
        "qq, exmail",
        ("550",),
        r"\bSPF\b",
        ANY,
        Action.FIX_ACCOUNT,
        "本单位域名的 SPF 记录未通过检查",
        "mail 7",
        0,
        30,
    ),
    # Gmail, Microsoft 365
    Row("gmail", ("55",), r"5\.4\.5", ANY, Action.TOMORROW, _DAY_IS_FULL, "mail 7"),
    Row("gmail, m365", ("421", "432"), r"", ANY, Action.LATER_ACCOUNT, "服务器要求放慢", "mail 7", 10, 10),
    Row(
        "m365",
        ("550",),
        r"5\.7\.515",
        ANY,
        Action.ASK,
        "对方要求发件域名先通过验证（SPF、DKIM、DMARC）",
        "mail 7",
    ),
    # The letter
    Row("any", ("552", "523"), r"", _SIZES, Action.TOO_LARGE, TOO_LARGE_SAY, "RFC 1870 §6"),
    Row(
        "any",
        ("5",),
        r"5\.3\.4|size (limit|exceed)|too (large|big)",
        ANY,
        Action.TOO_LARGE,
        TOO_LARGE_SAY,
        "RFC 3463",
    ),
    Row(
        "any",
        ("5",),
        _SPAM,
        (Phase.DATA, Phase.CONTENT),
        Action.STOP_CAMPAIGN,
        "邮件内容被判为垃圾邮件",
        "seen",
    ),
    # The recipient
    Row("any", ("5",), _NO_SUCH_MAILBOX, _TO_ADDRESS, Action.GONE, "对方没有这个邮箱", "seen"),
    Row("any", ("552",), r"", (Phase.RCPT,), Action.NEVER, "对方邮箱已满", "RFC 5321 §4.2.3"),
    Row(
        "any",
        ("452", "422"),
        r"5\.2\.2|4\.2\.2|full|quota|满",
        (Phase.RCPT,),
        Action.LATER,
        "对方邮箱已满，过些时候再试",
        "RFC 3463",
        60,
    ),
    Row("any", ("5",), _POLICY, ANY, Action.ASK, "对方或服务商按规则拒收", "seen"),
    Row("any", ("5",), r"", (Phase.RCPT,), Action.NEVER, "收件人被拒绝", "RFC 5321 §4.2.1"),
    # Everything else
    Row(
        "any",
        ("4",),
        r"",
        ACCOUNT_PHASES,
        Action.LATER_ACCOUNT,
        "服务器暂时不接受本账户",
        "RFC 5321 §4.2.1",
        10,
        10,
    ),
    Row("any", ("4",), r"", ANY, Action.LATER, "服务器要求稍后再试", "RFC 5321 §4.2.1", 15),
    Row(
        "any", ("5",), r"", ACCOUNT_PHASES, Action.FIX_ACCOUNT, "服务器不接受本账户", "RFC 5321 §4.2.1", 0, 12
    ),
    Row("any", ("5",), r"", ANY, Action.ASK, "服务器不接受这封邮件", "RFC 5321 §4.2.1"),
    Row("any", (), r"", ANY, Action.LATER, "服务器的回答无法理解", "–", 15),
)
