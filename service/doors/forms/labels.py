"""Labels as people print and retype them, and values that are none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from service.office.campaign import FieldKind, FormField
from service.office.day import day_of_serial

_DROPPED = re.compile(r"[\s:：*＊()（）【】\[\]「」《》“”\"'_﹡·.。]")
_IN_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_NUMBERING = re.compile(
    r"^\s*(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]?[、.．)）]|[(（](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]|[-*•●◆])\s*"
)
# What our own blank forms and Word's own controls show where nothing has been filled in.
_PLACEHOLDERS = frozenset(
    [
        "请填写",
        "请选择",
        "请选择日期",
        "请选择或填写日期",
        "请输入",
        "请在此填写",
        "请在此处填写",
        "选择一项",
        "选择日期",
        "单击此处输入文字",
        "单击或点击此处输入文字",
        "点击或点击此处输入文字",
        "单击或点击以输入日期",
        "单击此处输入日期",
        "点击此处输入文字",
        "单击以输入文字",
        "Clickortapheretoentertext",
        "Clickheretoentertext",
        "Chooseanitem",
        "Clickortaptoenteradate",
    ]
)
_INVITED = re.compile(r"^请(?:填写|选择或填写日期|选择日期)\s*|\s*请(?:填写|选择或填写日期|选择日期)$")
_INVITES = re.compile(r"^[（(【\[]?(请|单击|点击|选择|在此|Click|Choose|Tap|Enter)")
# 请选择：视频／图文／其他 — our own list of choices, as a control shows it before one is chosen.
_CHOICES = re.compile(r"^请选择[：:][^／]{1,40}(?:／[^／]{1,40}){1,20}$")
# With 请选择： one line of a narrow cell; a printed second line would mix with its neighbour.
_CHOICES_SHOWN_MAX = 6
_BLANKS = re.compile(r"^[\s_＿—－\-/／.。…　]*$")
_TICKED = "☑☒■▣⊠√✓✔●◉✅"
_UNTICKED = "☐□○〇▢◯"
_TYPED_TICK = re.compile(rf"[(（\[【]\s*[{_TICKED}vVxX×]\s*[)）\]】]")
_TYPED_BOX = re.compile(r"[(（\[【]\s*[)）\]】]")
_BOX = re.compile(rf"[{_TICKED}{_UNTICKED}]")
_MARKED = re.compile(rf"([{_TICKED}{_UNTICKED}])\s*([^{_TICKED}{_UNTICKED}]*)")
_MARKED_AFTER = re.compile(rf"([^{_TICKED}{_UNTICKED}]*?)\s*([{_TICKED}{_UNTICKED}])")


# What stands in a tick's place: typed by hand, or a sheet's own true and false.
_YES_OR_NO = {word: "是" for word in ("是", "v", "y", "yes", "true", "1", "对", "对勾")} | {
    word: "否" for word in ("否", "n", "no", "false", "0")
}


# The same labels stand in every unit's form, and folding them was a tenth of the reading.
@lru_cache(maxsize=4096)
def label_key(text: str) -> str:
    """The bare words of a label, in plain forms: `1、联 系　人：` → 联系人."""
    folded = unicodedata.normalize("NFKC", text)
    folded = "".join(ch for ch in folded if unicodedata.category(ch) != "Cf")
    return _DROPPED.sub("", _NUMBERING.sub("", folded)).lower()


def known_labels(fields: Iterable[FormField]) -> dict[str, str]:
    """Every way of writing each field's label, with its key; the first to claim a label has it."""
    return dict(_known_labels(tuple(fields)))


@lru_cache(maxsize=64)
def _known_labels(fields: tuple[FormField, ...]) -> dict[str, str]:
    known: dict[str, str] = {}
    for field in fields:
        for label in (field.label, *field.synonyms):
            for form in (label, _IN_BRACKETS.sub("", label)):
                if label_key(form):
                    known.setdefault(label_key(form), field.key)
    return known


def find_label(text: str, known: Mapping[str, str]) -> str | None:
    """The key of the field that a cell's whole text is the label of."""
    if len(text) > 60:
        return None
    return known.get(label_key(text)) or known.get(label_key(_IN_BRACKETS.sub("", text)))


def bookmark_of(key: str) -> str:
    """The name of the bookmark on a field's label; Word allows letters, digits, underscore, 40 in all."""
    return "ncf_" + re.sub(r"\W", "_", key)[:36]


def invitation(field: FormField) -> str:
    """What stands in a field's place until it is answered; on paper and telephones it shows the choices."""
    match field.kind:
        case FieldKind.CHOICE:
            choices = "／".join(field.choices)
            return f"请选择：{choices}" if 0 < len(choices) <= _CHOICES_SHOWN_MAX else "请选择"
        case FieldKind.DATE:
            return "请选择或填写日期"
        case _:
            return "请填写"


def has_boxes(text: str) -> bool:
    """Whether a text offers boxes to tick."""
    return bool(_BOX.search(text) or _TYPED_BOX.search(text))


def is_placeholder(text: str, is_shown_as_one: bool = False) -> bool:
    """Whether a text only invites; `is_shown_as_one`: the control itself says that it is unfilled."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text))
    if plain in _PLACEHOLDERS or _BLANKS.match(text) or _CHOICES.match(re.sub(r"\s", "", text)):
        return True
    return is_shown_as_one and bool(_INVITES.match(text.strip()))


def tidy_value(text: str) -> str:
    """A value without the blanks and rules around it, empty where it is a placeholder."""
    value = "\n".join(line.strip(" \t\u3000_＿") for line in text.split("\n"))
    value = value.strip().strip("\u200b\ufeff\a")
    # On a telephone one often types beside the invitation, which then stays.
    if (beside := _INVITED.sub("", value)) != value and beside.strip():
        value = beside.strip()
    return "" if is_placeholder(value) else value


def settle(value: str, field: FormField | None) -> str:
    """The value with its boxes read: the ticked choices, 是 or 否, or nothing where no box is ticked."""
    value = tidy_value(value)
    kind = field.kind if field else FieldKind.TEXT
    if kind is FieldKind.DATE and (serial := day_of_serial(value)):
        return serial.isoformat()
    if kind is FieldKind.CHECKBOX and value.lower() in _YES_OR_NO:
        return _YES_OR_NO[value.lower()]
    boxed = _TYPED_BOX.sub("☐", _TYPED_TICK.sub("☑", value))
    if not _BOX.search(boxed) or len(value) > (80 if kind is FieldKind.TEXT else 500):
        return value
    ticked = _ticked(boxed)
    is_bare = not re.sub(rf"[{_TICKED}{_UNTICKED}\s]", "", boxed)
    if is_bare or (
        kind is FieldKind.CHECKBOX and not any(label_key(each) in ("是", "否", "有", "无") for each in ticked)
    ):
        return "是" if re.search(f"[{_TICKED}]", boxed) else "否"
    choices = {label_key(choice): choice for choice in (field.choices if field else ())}
    return "、".join(choices.get(label_key(each), each) for each in ticked)


def _ticked(boxed: str) -> list[str]:
    """The words beside ticked boxes; boxes stand before their words, or after where a word comes first."""
    if _BOX.match(boxed.lstrip()):
        pairs = [(mark, words) for mark, words in _MARKED.findall(boxed)]
    else:
        pairs = [(mark, words) for words, mark in _MARKED_AFTER.findall(boxed)]
    return [words.strip(" \t\n\u3000；;，,、/") for mark, words in pairs if mark in _TICKED]
