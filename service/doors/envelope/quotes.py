"""What the sender wrote: quoted mail and the marks of mobile programs cut away, line by line.

The whole text is always kept beside it: in a forwarded mail the summary may stand below the cut.
"""

from __future__ import annotations

import re

from service.doors.envelope.limits import TEXT_CHARS_MAX

_MARK = r"^[ \t]*[>|]?[ \t]*"
# (a) a dashed line that names an original or forwarded mail.
_DASHED = re.compile(
    _MARK + r"[-－—–=_*~][-－—–=_*~ ]+(?:&nbsp;\s*)?(?:begin\s+)?"
    r"(?:原始邮件|原邮件|原始郵件|原郵件|回复的原邮件|回复的邮件|邮件原件|邮件原文|转发邮件信息|转发的邮件|"
    r"转发邮件|"
    r"轉寄郵件|原信件|original(?: message)?|forwarded (?:message|mail|by.{0,60})|reply message|mail original|"
    r"urspr\S{1,3}ngliche (?:nachricht|e-?mail)|original-?nachricht|weitergeleitete nachricht|"
    r"mensaje original|"
    r"mensaje reenviado|message d.origine|message original|message transf\S{1,3}r\S{1,3}|messaggio originale|"
    r"messaggio inoltrato|mensagem original|mensagem encaminhada|oorspronkelijk bericht|doorgestuurd bericht|"
    r"ursprungligt meddelande|original ?meddelande|opprinnelig melding|videresendt melding|"
    r"oprindelig meddelelse|"
    r"alkuper\S{1,3}inen viesti|wiadomo\S{1,3} oryginalna|oryginalna wiadomo\S{1,3}|"
    r"p\S{1,2}vodn\S{1,2} zpr\S{1,2}va|"
    r"исходное сообщение|пересылаемое сообщение|orijinal ileti|オリジナルメッセージ|元のメッセージ|"
    r"원본 메시지)"
    r"\s*(?:&nbsp;\s*)?(?:[-－—–=_*~ :：]{2,}.*)?$",
    re.IGNORECASE,
)
# The same without dashes: Apple's forwarded mail, and the line that help desks ask people to write above.
_BARE_HEAD = re.compile(
    _MARK + r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|"
    r"début du (?:message|courriel) transféré|inicio del mensaje reenviado|inizio messaggio inoltrato|"
    r"início da mensagem encaminhada|begin doorgestuurd bericht|vidarebefordrat brev|videresendt besked|"
    r"(?:下面|以下)是(?:被)?转发的邮件|开始转发的邮件|開始轉寄郵件)\s*[:：]?\s*$|"
    r"^\W{0,8}(?:please )?(?:type your )?reply above (?:this|the) line\W{0,8}$|"
    r"^\W{0,8}请?在(?:此|本)(?:行|线)(?:之上|以上|上方)(?:回复|填写|输入).{0,8}$",
    re.IGNORECASE,
)
# (b)–(e) somebody wrote on some day: the verb, with a date or an address in the same sentence.
_WROTE = re.compile(
    r"写道|寫道|\bwrote\b|\bwrites\b|\bschrieb\b|\bschreef\b|\bgeschreven\b|a écrit|\bescribió\b|"
    r"\bescreveu\b|"
    r"ha scritto|\bskrev\b|napisał|написал|пишет|\bpíše\b|napsal|kirjoitti|yazdı|kirjutas|a scris|írta|"
    r"\bpisze\b|כתב|كتب|작성|"
    r"님이 작성|のメッセージ|のメール|viết|пише\b|написав|писал|έγραψε|kirjutas",
    re.IGNORECASE,
)
_WROTE_END = re.compile(
    r"(?:(?:写道|寫道)\s*[:：]?|[:：]|\b(?:wrote|schrieb)\s*-{2,}|geschreven\s*[:：]?|"
    r"napisał\(a\)\s*[:：]?)\s*$",
    re.I,
)
_WROTE_START = re.compile(
    _MARK
    + r"(?:-{2,}\s*)?(?:on|at|am|op|den|le|el|em|il|dnia|dne|pe|kl|在|於|于|\d|[“\"'<]?[\w.\u4e00-\u9fff]|"
    r"[а-я])",
    re.I,
)
_DAY = re.compile(
    r"(?<![\d.])\d{1,4}\s*[-/.年년]\s*\d{1,2}\s*[-/.月월]\s*\d{1,4}(?!\.?\d)|(?<![\d.])\d{1,2}[:.]\d{2}(?![.\d])|"
    r"\d{1,2}\.?\s+(?:de\s+)?[^\W\d]{3,9}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d]{3,9}\.?\s+\d{1,2},?\s+(?:at|\d{4})",
    re.I,
)
_YEAR_AND_HOUR = re.compile(r"\b(?:19|20)\d{2}\b.*\d{1,2}[:.]\d{2}")
_ADDRESS = re.compile(r"\S@\S")
# Japanese, Russian and old Gmail heads have no verb: a year, a time, an address in brackets and a colon.
_DATED_ADDRESS = re.compile(
    r"^(?=.*\d{4})(?=.*\d{1,2}[:.]\d{2}).{0,200}<[^<>\s]{1,200}@[^<>\s]{1,20"
    r"0}>\)?\s*[:：]$"
)
# A head and the quotation that follows in the same line, as Yahoo's mobile program writes.
_WROTE_INLINE = re.compile(
    r"^(?=.{0,120}\d{4}).{0,160}<[^<>\s]{1,200}@[^<>\s]{1,200}>\s*(?:\bwrote|写道|寫道|a écrit|schrieb|"
    r"escribió|escreveu|ha scritto)\s*[:：]\s",
    re.IGNORECASE,
)
# Gmail before 2012: a day, a name, an address, and at once the quotation.
_DATED_BARE = re.compile(
    _MARK + r"\d{4}[-/]\d{1,2}[-/]\d{1,2}\s+\S.{0,80}<[^<>\s]{1,200}@[^<>\s]{1,200}>\s*$"
)
# Old Gmail heads a quote by date and name alone: “2016-03-03 17:21 GMT+01:00 Some One”.
_DATED_NAME = re.compile(
    _MARK + r"\d{4}[-/]\d{2}[-/]\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}(?::?\d{2})?\s+\S.{0,120}$"
)
# (f) Outlook's and NetEase's header block.
_FROM_WORDS = (
    r"发件人|发信人|寄件者|寄件人|發件人|from|von|de|od|da|van|från|fra|lähettäjä|от|kimden|expéditeur|"
    r"remitente|"
    r"mittente|afzender|avsändare|差出人|보낸 사람"
)
_SENT_WORDS = (
    r"发送时间|发送日期|发件时间|发信日期|日期|时间|寄件日期|傳送時間|寄送日期|收件人|收件者|sent|date|to|"
    r"reply-to|"
    r"gesendet|datum|an|enviado(?: el| em)?|fecha|data|para|envoyé(?: le)?|à|verzonden|aan|inviato|skickat|"
    r"sendt|til|"
    r"till|dato|wysłano|do|lähetetty|дата|отправлено|кому|gönderme|tarih|送信日時|日時|보낸 날짜|subject|"
    r"betreff|"
    r"asunto|主题"
)
_FROM_LINE = re.compile(_MARK + rf"\*?(?:{_FROM_WORDS})\s*\*?\s*[:：|]\s*\*?\s*\S", re.IGNORECASE)
_FROM_ALONE = re.compile(_MARK + rf"\*?(?:{_FROM_WORDS})\s*\*?\s*[:：|]?\s*\|?\s*$", re.IGNORECASE)
_SENT_LINE = re.compile(_MARK + rf"\*?(?:{_SENT_WORDS})\s*\*?\s*[:：|]", re.IGNORECASE)
# Quoted by a sign: “>”, or initials before it as old programs write.
_QUOTED = re.compile(r"^[ \t]*(?:[A-Z]{1,3})?>")
_RULE = re.compile(r"^[ \t]*(?:[-_=*#~+·•—–] ?){2,}[ \t]*$|^[ \t]*[ᐧ\u200b\ufeff]+[ \t]*$")
_SIGNATURE_RULE = re.compile(r"^(?:--|—|——|_{5,}|-- )[ \t]*$")
_MOBILE = re.compile(
    r"^\W{0,3}(?:发自|發自)\s*我的\s*.{1,24}$|"
    r"^\W{0,3}(?:发自|來自|来自|發自|寄自|从|從|由|通过|使用)\s*(?:我的)?.{0,6}(?:iphone|ipad|outlook|foxmail|"
    r"手机|手機|网易邮箱|网易|qq邮箱|新浪邮箱|阿里邮箱|邮箱大师|华为|小米|荣耀|android).{0,12}$|"
    r"^\W{0,3}(?:sent|someone)\s+(?:(?:from|via|with|by|using)\b|on the)"
    r"(?!.{0,60}\b(?:is|are|was|were)\b).{0,120}$|"
    r"^\W{0,3}from my \w.{0,40}$|^\W{0,3}via (?:my )?(?:iphone|ipad|android|mobile|blackberry)\W*$|"
    r"^\W{0,3}(?:envoyé|verzonden|verstuurd|sendt|skickat|enviado|inviato|gesendet|lähetetty|wysłane|"
    r"отправлено|odesláno)\b.{0,80}$|"
    r"^\W{0,3}von meinem .{0,60}gesendet\W*$|^diese nachricht wurde .{0,80}gesendet\W*$|"
    r"^.{0,30}(?:から送信|에서 보냄|gönderildi)\W*$|"
    r"^\W{0,3}get \[?outlook for.{0,80}$|^\W{0,3}(?:获取|下载)\s*\[?(?:适用于.{0,12})?outlook.{0,80}$",
    re.IGNORECASE,
)
_QUOTE_IN_HTML = re.compile(
    r"<blockquote|原始邮件|回复的原邮件|class=[\"']?gmail_quote|isReplyContent|isForwardContent|"
    r"type=[\"']?cite|<b>\s*(?:发件人|From)\s*[:：]",
    re.IGNORECASE,
)
# A signature is short; what is longer below two dashes is text.
_SIGNATURE_LINES_MAX, _SIGNATURE_CHARS_MAX = 14, 600
# Nor does a signature tell anything: a rule between two sections of a summary is no end of it.
_TELLS = re.compile(r"[一二三四五六七八九十]{1,3}、|^\s*[(（][一二三四五六七八九十\d]{1,3}[)）]|\S{8}[。；]")
_JOIN_LINES_MAX, _JOIN_CHARS_MAX = 7, 400


def quote_in_markup(markup: str) -> int:
    """Where the quoted mail begins in HTML; its length where nothing is quoted."""
    quote = _QUOTE_IN_HTML.search(markup)
    return quote.start() if quote and quote.start() > 0 else len(markup)


def own_words(text: str) -> str:
    """The text above the first quoted mail; where nothing stands above it, the unquoted text below."""
    lines = text[:TEXT_CHARS_MAX].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line.rstrip() for line in lines]
    cut = _first_quote(lines)
    if cut is None:
        return _trim(_without_edge_quotes(lines))
    start, end = cut
    above = _trim(lines[:start])
    if above and _is_answered_between(lines, end):
        return _trim(_without_edge_quotes(lines[:start] + lines[end:]))
    if above:
        return above
    return _trim([line for line in _below(lines[end:]) if not _QUOTED.match(line)])


def _below(lines: list[str]) -> list[str]:
    """What follows a quotation that stands first: only text after lines quoted by a sign is the sender's."""
    last = max((index for index, line in enumerate(lines) if _QUOTED.match(line)), default=None)
    return [] if last is None else lines[last + 1 :]


def _first_quote(lines: list[str]) -> tuple[int, int] | None:
    """The lines [start, end) that head the first quoted mail."""
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if len(line) < 200 and any(shape.match(line) for shape in (_DASHED, _BARE_HEAD, _DATED_NAME)):
            return index, index + 1
        if len(line) < 300 and _DATED_BARE.match(line) and _is_quoted_next(lines, index):
            return index, index + 1
        if _WROTE_INLINE.match(line[:_JOIN_CHARS_MAX]):
            return index, index + 1
        if len(line) < 300 and _is_header_block(line, _following(lines, index)):
            return index, index + 1
        end = _wrote(lines, index)
        if end:
            return index, end
    return None


def _is_quoted_next(lines: list[str], index: int) -> bool:
    following = next((each for each in lines[index + 1 : index + 4] if each.strip()), "")
    return bool(_QUOTED.match(following))


def _following(lines: list[str], index: int) -> list[str]:
    return [each for each in lines[index + 1 : index + 8] if each.strip(" \t|-")][:3]


def _is_header_block(line: str, following: list[str]) -> bool:
    """A sender's line with another header field soon below, or three fields of which one is a sender's."""
    if _FROM_LINE.match(line) or _FROM_ALONE.match(line):
        return any(_SENT_LINE.match(each) for each in following)
    if not _SENT_LINE.match(line) or len(following) < 2:
        return False
    fields = [each[:300] for each in following[:2]]
    senders = sum(1 for each in fields if _FROM_LINE.match(each))
    return senders > 0 and all(_FROM_LINE.match(each) or _SENT_LINE.match(each) for each in fields)


def _wrote(lines: list[str], index: int) -> int | None:
    """Where a “… wrote:” sentence that begins in this line ends, or None."""
    if len(lines[index]) > _JOIN_CHARS_MAX or not _WROTE_START.match(lines[index]):
        return None
    joined = ""
    for step, line in enumerate(lines[index : index + _JOIN_LINES_MAX]):
        # A head may be wrapped; over an empty line only where a year and an hour stand in it already.
        if not line.strip() and (_WROTE.search(joined) or not _YEAR_AND_HOUR.search(joined)):
            return None
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > _JOIN_CHARS_MAX:
            return None
        if step < 2 and _DATED_ADDRESS.match(joined):
            return index + step + 1
        if not _WROTE.search(joined):
            # A sentence of its own that ends here is no head of a quotation, unless a day stands in it.
            if not _DAY.search(joined) and not _ADDRESS.search(joined):
                return None
            continue
        if _WROTE_END.search(joined):
            is_head = _DAY.search(joined) or _ADDRESS.search(joined)
            return index + step + 1 if is_head else None
    return None


def _is_answered_between(lines: list[str], end: int) -> bool:
    """Whether the quotation is marked by signs and the sender wrote on between or below it."""
    rest = _cut_signature(lines[end:])
    following = [line for line in rest if line.strip()]
    if not following or not _QUOTED.match(following[0]):
        return False
    return any(
        not _QUOTED.match(line) and not _RULE.match(line) and not _MOBILE.match(line) for line in following
    )


def _without_edge_quotes(lines: list[str]) -> list[str]:
    """Quoted lines at the beginning and the end taken away; between the sender's own words they stay."""
    kept = _cut_signature(lines)
    first, last = 0, len(kept)
    while last > 0 and (not kept[last - 1].strip() or _is_dressing(kept[last - 1])):
        last -= 1
    while first < last and (not kept[first].strip() or _QUOTED.match(kept[first])):
        first += 1
    return kept[first:last]


def _is_dressing(line: str) -> bool:
    return bool(_QUOTED.match(line) or _RULE.match(line) or _MOBILE.match(line))


def _cut_signature(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if not _SIGNATURE_RULE.match(line):
            continue
        rest = [each for each in lines[index + 1 :] if each.strip()]
        is_text_below = any(_QUOTED.match(each) or _TELLS.search(each) for each in rest)
        if (
            len(rest) <= _SIGNATURE_LINES_MAX
            and sum(map(len, rest)) <= _SIGNATURE_CHARS_MAX
            and not is_text_below
        ):
            return lines[:index] if any(each.strip() for each in lines[:index]) else lines
    return lines


def _trim(lines: list[str]) -> str:
    kept = _cut_signature(lines)
    last = len(kept)
    while last > 0 and (
        not kept[last - 1].strip() or _RULE.match(kept[last - 1]) or _MOBILE.match(kept[last - 1].strip())
    ):
        last -= 1
    first = 0
    while first < last and not kept[first].strip():
        first += 1
    return "\n".join(kept[first:last])
