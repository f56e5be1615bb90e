"""待人工 — everything that waits for a person, with the command that settles it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, tzinfo

from service.followup.report.rows import contact_of
from service.followup.report.rungs import ladder_rows
from service.followup.report.sources import SENT_WORDS, Sources
from service.followup.report.tree import pack_folder
from service.office.board import DeskRow
from service.office.chased import READING
from service.office.dispatch import EVERYTHING, INFORMS, PAUSABLE, Dispatch, DispatchState
from service.office.docket import Docket, DocketState
from service.office.filing import counting
from service.office.letter import Letter, Stage
from service.office.needs.ledger import StumbleRow
from service.office.order import BOOK

# A piece of work is set aside after its third failure; before that it will be tried again by itself.
TRIES_BEFORE_ASIDE = 3
# The stage under which the ledger holds campaigns whose folders have errors (desk/judge.py).
LINT = "lint"

_SETTLED = (DocketState.RETURNED, DocketState.EXEMPT)
_SIGNED = "--reason 理由 --by 姓名"


def desk_rows(sources: Sources, now: datetime) -> tuple[DeskRow, ...]:
    """What needs a person, the kinds in order of urgency, the longest waiting first within each."""
    kinds = (
        _refused(sources),
        _paused(sources),
        _doubtful(sources),
        _review(sources),
        _urgent(sources),
        _asked(sources),
        _asked_beside(sources),
        _by_link(sources, now),
        _undelivered(sources, now),
        _to_be_told(sources),
        _to_be_called(sources),
        ladder_rows(sources, now),
        _held(sources),
        iter(template_rows(sources.stumbles, sources.zone)),
        iter(conflict_rows(sources.stumbles, sources.zone)),
        _set_aside(sources),
    )
    return tuple(row for rows in kinds for row in sorted(rows, key=lambda row: (row.since, row.ref)))


def _letters(sources: Sources, stage: Stage) -> Iterator[Letter]:
    return (each for each in sources.letters if each.stage is stage)


def _dispatches(sources: Sources, state: DispatchState) -> Iterator[Dispatch]:
    return (each for each in sources.dispatches if each.state is state)


def _row(sources: Sources, kind: str, ref: str, unit: str, since: datetime, say: str, remedy: str) -> DeskRow:
    name = sources.unit_name(unit) if unit else ""
    return DeskRow(kind, ref, sources.row.key, name, since.astimezone(sources.zone), say, remedy)


def _letter_row(sources: Sources, letter: Letter, kind: str, say: str, remedy: str) -> DeskRow:
    row = _row(sources, kind, f"来信 {letter.id}", letter.unit or "", letter.received_at, say, remedy)
    row = replace(row, version=letter.stage.value)
    if letter.campaign:
        return row
    # A letter of no campaign stands on every board in the same words, so that a sum shows it once.
    return replace(row, campaign="")


def _review(sources: Sources) -> Iterator[DeskRow]:
    for letter in _letters(sources, Stage.REVIEW):
        why = letter.outcome or "不能确定是哪个单位、哪项材料"
        say = (
            f"{_overdue(sources, letter)}{_from(letter)}：{why}。不是报送的，用 huizhi note {letter.id} 办结"
        )
        yield _letter_row(sources, letter, "待人工", say, _assign(sources, letter))


def _asked(sources: Sources) -> Iterator[DeskRow]:
    for letter in _letters(sources, Stage.ASKED):
        asks = letter.outcome or "来信有询问或请求，请答复"
        say = f"{_overdue(sources, letter)}{_from(letter)}：{asks}；答复后办结"
        yield _letter_row(sources, letter, "询问", say, _note(letter))


def _asked_beside(sources: Sources) -> Iterator[DeskRow]:
    """A return that also asks something was filed; the question still waits for an answer."""
    for letter in sources.letters:
        if letter.id in sources.asked_beside and letter.id not in sources.settled:
            say = f"{_from(letter)}：材料已归档，信里还有询问或请求，请答复；答复后办结"
            yield _letter_row(sources, letter, "询问", say, _note(letter))


def _urgent(sources: Sources) -> Iterator[DeskRow]:
    """What an item calls urgent is put before a person until somebody has seen it."""
    urgent = {item.key: item.name for item in sources.campaign.items if item.is_urgent}
    by_id = {letter.id: letter for letter in sources.letters}
    seen: set[int] = set()
    for filing in counting(sources.filings):
        letter = by_id.get(filing.letter or 0)
        if filing.item not in urgent or letter is None or letter.id in seen | sources.settled:
            continue
        seen.add(letter.id)
        say = f"{_from(letter)}：报来《{urgent[filing.item]}》，请即阅处；看过后办结"
        yield _letter_row(sources, letter, "紧急", say, _note(letter))


def _refused(sources: Sources) -> Iterator[DeskRow]:
    for letter in _letters(sources, Stage.REFUSED):
        if letter.id in sources.settled:
            continue
        # Neither the subject nor any word of the letter: the list itself must not carry the matter on.
        kept = "来信带有密级标志，已单独封存，没有登记、转存或答复"
        say = f"{kept}：请立即按保密规定处理，电话告知来信单位，再办结"
        yield _letter_row(sources, letter, "密级", say, _note(letter))


def _paused(sources: Sources) -> Iterator[DeskRow]:
    """What does not go out, and why; answers to letters go on unless the whole office is held."""
    waiting = sum(
        each.kind in PAUSABLE and each.state in (DispatchState.READY, DispatchState.RETRY)
        for each in sources.dispatches
    )
    for each in sources.pauses:
        if each.campaign not in (EVERYTHING, sources.row.key):
            continue
        who = "" if each.by == "系统" else f"（{each.by}）"
        if each.campaign == EVERYTHING:
            say = f"全部发信已停{who}：{each.why}"
            row = _row(sources, "暂停", "全部发信", "", each.at, say, f"huizhi resume 全部 {_SIGNED}")
            # In the same words on every board, so that a sum shows it once.
            yield replace(row, campaign="")
        else:
            say = f"通知和催办暂停{who}，{waiting} 件没有发出，回执照发：{each.why}。要继续的"
            remedy = f"huizhi resume {_word(sources.row.key)} {_SIGNED}"
            yield _row(sources, "暂停", f"活动 {sources.row.key}", "", each.at, say, remedy)


def _doubtful(sources: Sources) -> Iterator[DeskRow]:
    for each in _dispatches(sources, DispatchState.IN_DOUBT):
        what = SENT_WORDS[each.kind]
        ask = "请看“已发送”文件夹，或打电话问；没有收到的，把 sent 换成 ready 重发"
        known = f"（{each.last_error}）" if each.last_error else ""
        say = f"发给 {each.rcpt} 的{what}在发送中断开，不知对方是否收到{known}：{ask}"
        yield _dispatch_row(sources, each, "存疑", say, "sent")


def _held(sources: Sources) -> Iterator[DeskRow]:
    for each in _dispatches(sources, DispatchState.HELD):
        what = f"写给 {each.rcpt} 的{SENT_WORDS[each.kind]}"
        say = f"{what}停发：{each.last_error}" if each.last_error else f"{what}草稿，等人看过再发"
        yield _dispatch_row(sources, each, "待发草稿", f"{say}。不发的，把 ready 换成 cancelled", "ready")


def _undelivered(sources: Sources, now: datetime) -> Iterator[DeskRow]:
    """Refused dispatches, and units whose notice came back only later."""
    named: set[str] = set()
    for each in _dispatches(sources, DispatchState.DEAD):
        named.add(each.unit)
        why = _refusal(each)
        ask = "请打电话核对邮箱，改正通讯录；邮箱没有错、要重发的，把 cancelled 换成 ready"
        say = f"发给 {each.rcpt} 的{SENT_WORDS[each.kind]}没有送达（{why}）：{ask}"
        yield _dispatch_row(sources, each, "未送达", say, "cancelled")
    items: dict[str, list[str]] = {}
    for docket in sources.dockets:
        if docket.state is DocketState.UNDELIVERED and docket.unit not in named:
            items.setdefault(docket.unit, []).append(docket.item)
    for unit, keys in items.items():
        sent = [each.sent_at for each in sources.dispatches if each.unit == unit and each.sent_at]
        say = "通知没有送到任何一个邮箱：请打电话告知，约定哪天报送，登记为承诺"
        remedy = _record(sources, unit, keys[0], "promise")
        yield _row(sources, "未送达", f"{unit}/{'、'.join(keys)}", unit, max(sent, default=now), say, remedy)


def _may_arrive(dispatch: Dispatch) -> bool:
    return dispatch.state not in (DispatchState.DEAD, DispatchState.CANCELLED)


def _to_be_told(sources: Sources) -> Iterator[DeskRow]:
    """Units without mail: their print pack lies ready, and somebody has to hand it over."""
    written = {each.unit for each in sources.dispatches if each.kind in INFORMS and _may_arrive(each)}
    for unit, pack in sources.packs.items():
        told = sources.delivered.get(unit)
        if unit in written or not sources.row.is_open or (told is not None and told.at >= pack.at):
            continue
        if all(each.state in _SETTLED for each in sources.dockets if each.unit == unit):
            continue
        folder = pack_folder(sources.row.key, sources.unit_name(unit))
        say = f"没有邮箱，打印材料在 交换/{folder}：请用 OA、传真、邮寄或当面送达，再登记"
        what = f"{_word(sources.row.key)} {_word(unit)}"
        remedy = f"huizhi delivered {what} --via oa --on 日期 --by 姓名"
        yield _row(sources, "待送达", unit, unit, pack.at, say, remedy)


def _to_be_called(sources: Sources) -> Iterator[DeskRow]:
    """A chasing step came for a unit that no mail reaches: until it answers or promises, a person calls."""
    for unit, at in sources.calls.items():
        owed = [each for each in sources.dockets if each.unit == unit and each.is_missing]
        if not owed or not sources.row.is_open:
            continue
        names = "、".join(sources.item_name(each.item) for each in owed)
        standing = next((each for each in sources.standings if each.unit.key == unit), None)
        contact = contact_of(standing.unit) if standing else ""
        whom = f"（{contact}）" if contact else ""
        mailed = "邮件催办已到次数上限" if unit in sources.capped else "没有可用的邮箱"
        say = f"还没有报《{names}》，{mailed}：请打电话催办{whom}，约定哪天报送"
        remedy = _record(sources, unit, owed[0].item, "promise")
        yield _row(
            sources, "电话催办", f"{unit}/{'、'.join(each.item for each in owed)}", unit, at, say, remedy
        )


def _refusal(dispatch: Dispatch) -> str:
    """What the server said; where it had taken the letter first, that answer explains nothing."""
    if dispatch.last_code is not None and dispatch.last_code < 400:
        return "对方先收下，后又退回"
    code = f"{dispatch.last_code} " if dispatch.last_code else ""
    return f"{code}{dispatch.last_error}".strip() or "对方拒收"


def _by_link(sources: Sources, now: datetime) -> Iterator[DeskRow]:
    for docket in sources.dockets:
        if docket.state is not DocketState.BY_LINK:
            continue
        since, say = _link_words(sources, docket, now)
        remedy = _record(sources, docket.unit, docket.item, "oa") + " --file 下载的文件"
        yield _row(sources, "链接待取", f"{docket.unit}/{docket.item}", docket.unit, since, say, remedy)


def _link_words(sources: Sources, docket: Docket, now: datetime) -> tuple[datetime, str]:
    name = sources.item_name(docket.item)
    for letter in reversed(sources.letters):
        links = sources.links.get(letter.id, ())
        if letter.unit != docket.unit or not links:
            continue
        files = "、".join(link.name or link.provider or "一个链接" for link in links)
        ends = min((link.expires for link in links if link.expires), default=None)
        until = f"，{_day(ends.astimezone(sources.zone))}失效" if ends else ""
        return (
            letter.received_at,
            f"{name}以超大附件链接报来（来信 {letter.id}：{files}{until}）：请下载后登记",
        )
    return now, f"{name}以超大附件链接报来：请下载后登记"


def _set_aside(sources: Sources) -> Iterator[DeskRow]:
    for each in sources.stumbles:
        if each.tries >= TRIES_BEFORE_ASIDE and each.stage not in (LINT, BOOK):
            yield _aside(each)


def template_rows(stumbles: Iterable[StumbleRow], zone: tzinfo) -> tuple[DeskRow, ...]:
    """Campaigns whose templates or facts have errors, as the watched folder was last judged."""
    return tuple(
        DeskRow(
            "模板有错",
            f"活动 {each.piece}",
            each.piece,
            "",
            each.at.astimezone(zone),
            each.error,
            f"huizhi lint {_word(each.piece)}",
        )
        for each in stumbles
        if each.stage == LINT
    )


def conflict_rows(stumbles: Iterable[StumbleRow], zone: tzinfo) -> tuple[DeskRow, ...]:
    """What staff wrote into a workbook and could not be taken over, until somebody has seen it."""
    return tuple(
        DeskRow(
            "表格冲突",
            each.piece,
            "",
            "",
            each.at.astimezone(zone),
            f"{each.error}。看过后用右边的命令去掉这一行",
            f"huizhi try-again {BOOK} {_word(each.piece)} --by 姓名",
        )
        for each in stumbles
        if each.stage == BOOK
    )


def _aside(stumble: StumbleRow) -> DeskRow:
    say = f"“{stumble.stage}”处理 {stumble.piece} 试了 {stumble.tries} 次都没有成功，已搁置：{stumble.error}"
    remedy = "huizhi doctor"
    if stumble.stage in READING.values() and stumble.piece.isdigit():
        # It may be anybody's answer, so chasing waits for it; and for a person, who must know that [law 5].
        say += (
            f"。可能有关的单位暂不催办，直到这封信办好：改好以后重试；用 huizhi show {stumble.piece} 看过的，"
            f"也可以 assign 登记到单位，或 note 办结"
        )
        remedy = f"huizhi try-again {stumble.stage} {stumble.piece} --by 姓名"
    return DeskRow("搁置", f"{stumble.stage} {stumble.piece}", "", "", stumble.at, say, remedy)


def _dispatch_row(sources: Sources, each: Dispatch, kind: str, say: str, to: str) -> DeskRow:
    remedy = f"huizhi settle {each.id} --to {to} {_SIGNED}"
    row = _row(sources, kind, f"发件 {each.id}", each.unit, each.sent_at or each.due_at, say, remedy)
    return replace(row, version=f"{each.state.value} {each.attempts}")


def _note(letter: Letter) -> str:
    return f"huizhi note {letter.id} {_SIGNED}"


def _overdue(sources: Sources, letter: Letter) -> str:
    """Holding must not become forgetting: what has waited for too long says so first [law 5]."""
    return "【等候已久，请尽快办理】" if letter.id in sources.overdue else ""


def _from(letter: Letter) -> str:
    return f"{letter.sender or '（没有寄件人）'}《{letter.subject or '无主题'}》"


def _assign(sources: Sources, letter: Letter) -> str:
    unit = letter.unit or "单位全称"
    waiting = [
        each.item
        for each in sources.dockets
        if each.unit == letter.unit and each.state is DocketState.IN_REVIEW
    ]
    item = waiting[0] if len(waiting) == 1 else "材料"
    alone = sources.row.key if sources.open_campaigns == 1 else "活动"
    campaign = letter.campaign or alone
    where = f"--unit {_word(unit)} --item {_word(item)} --campaign {_word(campaign)}"
    return f"huizhi assign {letter.id} {where} {_SIGNED}"


def _record(sources: Sources, unit: str, item: str, via: str) -> str:
    what = f"{_word(sources.row.key)} {_word(unit)} {_word(item)}"
    return f"huizhi record {what} --via {via} --on 日期 {_SIGNED}"


def _word(text: str) -> str:
    """A word of a command; what a shell would take apart is quoted."""
    return text if re.fullmatch(r"[\w.@:+/-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def _day(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"
