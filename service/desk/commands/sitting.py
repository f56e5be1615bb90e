"""The desk settled one thing after another: what it is, what it may be, one key for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer
from rich.console import Group
from rich.text import Text

from service.desk.commands.seat import clock_of
from service.desk.commands.speech import cell, show, tell
from service.desk.sitting import END_KEY, SKIP_KEY, TEXT_KEY, TEXT_LINES_MAX, Case, case_of
from service.desk.tools import Refused
from service.journey import Office
from service.office.board import DeskRow


def settle_all(
    office: Office, rows: Sequence[DeskRow], by: str, key: Callable[[], str] = typer.getchar
) -> None:
    """Every row in its order, until the last or until somebody has had enough."""
    if office.policy.person(by) is None:
        raise Refused(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
    done = 0
    for number, row in enumerate(rows, start=1):
        now = clock_of(office)
        case = case_of(office, row, by, now)
        _present(case, number, len(rows))
        said = _asked(case, key)
        if said == END_KEY:
            break
        choice = next((each for each in case.choices if each.key == said), None)
        if choice is None:
            tell("　跳过。")
            continue
        decided = choice.do()
        done += decided.is_done
        tell(f"　{'✓' if decided.is_done else '✗'} {decided.say}")
    tell(f"办了 {done} 件。" if rows else "没有需要人工处理的事。")


def _present(case: Case, number: int, total: int) -> None:
    row = case.row
    head = Text(f"\n{number}/{total} {row.kind}　{row.ref}　", style="bold")
    head.append_text(cell(row.unit))
    lines: list[Text] = [head, cell(f"  {row.say}")]
    lines += [cell(f"  │ {each}") for each in case.words[:TEXT_LINES_MAX]]
    if len(case.words) > TEXT_LINES_MAX:
        lines.append(
            Text(f"  │ ……还有 {len(case.words) - TEXT_LINES_MAX} 行，按 {TEXT_KEY} 看全文", style="dim")
        )
    if case.files:
        lines.append(cell(f"  附件：{'　'.join(case.files)}"))
    if not case.choices:
        lines += [Text("  这件事要用命令办：", style="dim"), cell(f"  {row.remedy}")]
    lines += [cell(f"  [{each.key}] {each.say}") for each in case.choices]
    lines.append(Text(f"  [{SKIP_KEY}] 跳过　[{END_KEY}] 结束", style="dim"))
    show(Group(*lines), soft=True)


def _asked(case: Case, key: Callable[[], str]) -> str:
    """A key that means something here; a closed input ends the sitting."""
    known = {SKIP_KEY, END_KEY, *(each.key for each in case.choices)}
    while True:
        try:
            said = key().lower()
        except (EOFError, KeyboardInterrupt):
            return END_KEY
        if said in known:
            return said
        if said == TEXT_KEY and case.words:
            show(Group(*(cell(f"  │ {each}") for each in case.words)), soft=True)
        elif said in {"", "\x03", "\x04"}:
            return END_KEY
        else:
            tell(f"　没有这个键。可按：{'、'.join(sorted(known))}")
