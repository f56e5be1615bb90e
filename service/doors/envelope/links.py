"""Oversize attachments that came as links: provider, name, size, expiry."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta, timezone

from service.doors.envelope.limits import HTML_CHARS_MAX, LINKS_MAX
from service.doors.envelope.quotes import quote_in_markup
from service.office.letter import Link

_PROVIDERS: tuple[tuple[str, str], ...] = (
    ("exmail", r"exmail\.qq\.com/(?:cgi-bin/ftnExs_download|ftn/download|s\?k=)"),
    ("qq", r"(?:wx\.)?mail\.qq\.com/(?:cgi-bin/ftnExs_download|ftn/download|s\?k=)"),
    ("qq", r"[\w.-]*ftn\.qq\.com/"),
    ("163", r"(?:[\w-]+\.)?mail\.(?:163|126|yeah)\.(?:com|net)/large-attachment-download/"),
    ("163", r"(?:fs|bigfile\w*)\.(?:mail\.)?163\.com/"),
    ("163", r"(?:[\w-]+\.)?mail\.(?:163|126|yeah)\.(?:com|net)/(?:filehub|bigattach)"),
    ("netease-dashi", r"dashi\.163\.com/html/cloud-attachment-download/"),
    ("163-enterprise", r"edisk\.qiye\.163\.com/api/biz/attachment/download"),
    ("163-enterprise", r"(?:[\w-]+\.)*qiye\.163\.com/[^\s\"'<>]*(?:attachment|netdisk)"),
    ("sina", r"(?:[\w-]+\.)*mail\.sina\.com(?:\.cn)?/filecenter/download"),
    ("189", r"download\.cloud\.189\.cn/|cloud\.189\.cn/(?:t/|web/share)"),
    ("139", r"(?:caiyun|yun)\.139\.com/|[\w.-]*mail\.10086\.cn/[^\s\"'<>]*(?:bigAttach|largeAttach|disk)"),
    ("aliyun-mail", r"(?:[\w-]+\.)*(?:mail|qiye)\.aliyun\.com/[^\s\"'<>]*(?:attachment|bigattach|netdisk)"),
    ("baidu", r"(?:pan|yun)\.baidu\.com/(?:s/|share/)"),
    ("aliyundrive", r"(?:www\.)?(?:aliyundrive|alipan)\.com/s/"),
    ("quark", r"pan\.quark\.cn/s/"),
    ("123pan", r"(?:www\.)?123(?:pan|684|865|912)\.(?:com|cn)/s/"),
    ("weiyun", r"share\.weiyun\.com/"),
    ("lanzou", r"[\w-]+\.lanzou\w?\.com/"),
    ("wenshushu", r"(?:www\.)?(?:wenshushu\.cn|wss1?\.cn)/"),
    ("onedrive", r"1drv\.ms/|[\w-]+\.sharepoint\.c(?:om|n)/:|onedrive\.live\.com/"),
    ("google-drive", r"drive\.google\.com/(?:file|open|drive)"),
)
# Drives that anybody may link to, against blocks that a mail program writes for its own large files.
_DRIVES = {
    "189", "139", "baidu", "aliyundrive", "quark", "123pan", "weiyun", "lanzou", "wenshushu", "onedrive",
    "google-drive",
}  # fmt: skip
_KNOWN = re.compile("|".join(f"(?P<p{index}>{shape})" for index, (_, shape) in enumerate(_PROVIDERS)), re.I)
_URL = re.compile(r"https?://[^\s\"'<>，。；）】》]{4,1500}", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b([^>]{1,4000})>(.{0,2000}?)</a\s*>", re.IGNORECASE | re.DOTALL)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]{4,2000})\"|'([^']{4,2000})'|([^\s>]{4,2000}))", re.IGNORECASE)
_PROMOTION = re.compile(r"u\.163\.com|bigattach-mailmaster-download", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,3000}>")
_NOT_A_NAME = re.compile(
    r"^(?:点击|点此|进入|立即|去|在线)?(?:下载|打开|预览|查看|转存|保存|下载附件|下载页面|download|open|here)?(?:此处|这里)?$|^https?://",
    re.I,
)
_SIZE = re.compile(
    r"(?<![\w.])(\d{1,5}(?:[.,]\d{1,3})?\s?(?:[KMGT]i?B?|字节|bytes?))(?![A-Za-z])", re.IGNORECASE
)
_YMD_CN = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?\s*(?:(\d{1,2})\s*[:：时]\s*(\d{1,2})?)?"
)
_YMD = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2}))?")
_FILE_NAME = re.compile(
    r"([^\s/\\:*?\"<>|（(，,；;]{1,120}\.(?:docx?|xlsx?|pptx?|pdf|ofd|wps|et|zip|rar|7z|jpe?g|png|mp4|mov|avi|"
    r"tiff?|mp3))",
    re.I,
)
_BEIJING = timezone(timedelta(hours=8))
# How far around a link its name, size and expiry stand: QQ's own block spans some 900 characters of text.
_AROUND = 300


def find_links(markup: str, text: str, reply: str) -> tuple[Link, ...]:
    """Every oversize attachment named in the HTML or the plain text, each once.

    A mail program puts its own block anywhere, below the quotation too; a drive's link counts only among the
    sender's words, as our quoted notice may hold one of ours. A bare forward has no words: all of it counts.
    """
    markup = markup[:HTML_CHARS_MAX]
    cut = quote_in_markup(markup) if reply.strip() else len(markup)
    spoken = [*_in_html(markup[:cut]), *_in_text(reply if reply.strip() else text)]
    anywhere = [link for link in (*_in_html(markup), *_in_text(text)) if link.provider not in _DRIVES]
    found: dict[str, Link] = {}
    for link in (*spoken, *anywhere):
        key = _key(link.url)
        known = found.get(key)
        if known is None:
            if len(found) < LINKS_MAX:
                found[key] = link
        else:
            found[key] = Link(
                known.provider,
                known.name or link.name,
                known.size or link.size,
                known.expires or link.expires,
                known.url,
            )
    return tuple(found.values())


def _key(url: str) -> str:
    return re.sub(r"^https?://", "", url).rstrip("/")


def _provider(url: str) -> str:
    bare = re.sub(r"^https?://", "", url)
    if _PROMOTION.search(bare[:200]):
        return ""
    known = _KNOWN.match(bare)
    if not known or known.lastgroup is None:
        return ""
    return _PROVIDERS[int(known.lastgroup[1:])][0]


def _in_html(markup: str) -> list[Link]:
    if "href" not in markup.lower():
        return []
    links: list[Link] = []
    anchors = list(_ANCHOR.finditer(markup))
    for anchor in anchors:
        href = _HREF.search(anchor.group(1))
        if not href or _PROMOTION.search(anchor.group(1)):
            continue
        url = html.unescape(next(group for group in href.groups() if group)).strip()
        provider = _provider(url)
        if not provider:
            continue
        name = _words(anchor.group(2))
        around = _words(_reach(markup, anchor.start(), anchor.end()))
        links.append(_link(provider, "" if _NOT_A_NAME.match(name) else name, around, url))
    return links


def _reach(markup: str, start: int, end: int) -> str:
    """The markup around an anchor in which its size and expiry may stand, not beyond the next file's link."""
    after = markup[end : end + 4 * _AROUND]
    stop = re.search(r"<a\b[^>]{0,2000}href", after, re.IGNORECASE)
    following = after if stop is None else after[: max(stop.start(), 0)]
    before = markup[max(0, start - 4 * _AROUND) : start].rpartition("</a>")[2]
    return f"{following} \n {before}"


def _in_text(text: str) -> list[Link]:
    links: list[Link] = []
    for url in _URL.finditer(text):
        address = html.unescape(url.group(0)).rstrip(".,;)")
        provider = _provider(address)
        if provider:
            before = text[max(0, url.start() - _AROUND) : url.start()]
            before = before[max(0, before.rfind("http")) :] if "http" in before else before
            around = before + " " + text[url.end() : url.end() + _AROUND // 2]
            links.append(_link(provider, "", around, address))
    return links


def _link(provider: str, name: str, around: str, url: str) -> Link:
    if not name:
        named = _FILE_NAME.search(around)
        name = named.group(1) if named else ""
    size = _SIZE.search(around)
    return Link(provider, name[:200], size.group(1).strip() if size else "", _expiry(around), url[:2000])


def _expiry(around: str) -> datetime | None:
    for shape in (_YMD_CN, _YMD):
        for found in shape.finditer(around):
            near = around[max(0, found.start() - 20) : found.end() + 20]
            if not re.search(r"到期|过期|有效|失效|截止|expire|until", near, re.IGNORECASE):
                continue
            year, month, day, hour, minute = (int(part or 0) for part in found.groups())
            try:
                return datetime(year, month, day, hour, minute, tzinfo=_BEIJING)
            except ValueError:
                continue
    return None


def _words(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())
