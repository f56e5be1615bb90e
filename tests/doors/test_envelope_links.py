"""Oversize attachments of every provider: name, size, expiry; and nothing is fetched."""

from __future__ import annotations

import html

import pytest

from service.office.letter import Link
from tests.doors.test_envelope import HEAD
from tests.letter_reading import read_letter

PROVIDERS = {
    "http://mail.qq.com/cgi-bin/ftnExs_download?k=1a&t=exs_ftn_download&code=9f": "qq",
    "https://wx.mail.qq.com/ftn/download?func=3&key=1a&code=9f": "qq",
    "https://njc-download.ftn.qq.com/ftn_handler/1a": "qq",
    "https://exmail.qq.com/cgi-bin/ftnExs_download?k=1a&code=9f": "exmail",
    "https://mail.163.com/large-attachment-download/index.html?file=1a": "163",
    "https://mail.163.com/large-attachment-download/index.html?p=1a": "163",
    "http://fs.163.com/fs/display/?file=1a": "163",
    "https://dashi.163.com/html/cloud-attachment-download/?key=1a": "netease-dashi",
    "https://edisk.qiye.163.com/api/biz/attachment/download?identity=1a": "163-enterprise",
    "http://mail.sina.com.cn/filecenter/download.php?id=1a": "sina",
    "https://download.cloud.189.cn/v5/downloadFile.action?downloadRequest=1a": "189",
    "https://pan.baidu.com/s/1a?pwd=9f": "baidu",
    "https://www.aliyundrive.com/s/1a": "aliyundrive",
    "https://www.123pan.com/s/1a": "123pan",
    "https://1drv.ms/u/s!1a": "onedrive",
    "https://drive.google.com/file/d/1a/view": "google-drive",
}
SHOWN = (
    "<p>材料见附件。</p><div><a href='{url}'>质量月总结.zip</a> (65.38M, 2026年8月17日 0:49 到期)"
    "<a href='{url}'>下载</a></div><a class='bigattach-mailmaster-download' href='https://u.163.com/x'>推广</a>"
)


ALL_KNOWN = ("质量月总结.zip", "65.38M", "2026-08-17T00:49:00+08:00")
TYPED = "材料如下：\r\n质量月总结.zip (65.38M, 2026-08-17 00:49 到期)\r\n{url}\r\n"


def known(link: Link) -> tuple[str, str, str]:
    return link.name, link.size, link.expires.isoformat() if link.expires else ""


def links(kind: str, body: str) -> tuple[Link, ...]:
    head = HEAD + f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    return read_letter(head + body.encode()).links


@pytest.mark.parametrize("url", PROVIDERS)
def test_a_link_in_html_is_told_once_with_all_that_is_known(url: str) -> None:
    (link,) = links("text/html", SHOWN.format(url=html.escape(url)))
    assert (link.provider, link.url, link.name, link.size) == (
        PROVIDERS[url],
        url,
        "质量月总结.zip",
        "65.38M",
    )
    assert link.expires is not None and link.expires.isoformat() == "2026-08-17T00:49:00+08:00"


@pytest.mark.parametrize("url", PROVIDERS)
def test_a_link_in_plain_text_is_told(url: str) -> None:
    (link,) = links(
        "text/plain", f"材料如下：\r\n质量月总结.zip (65.38M, 2026-08-17 00:49 到期)\r\n{url}\r\n"
    )
    assert (link.provider, link.url, link.name, link.size) == (
        PROVIDERS[url],
        url,
        "质量月总结.zip",
        "65.38M",
    )
    assert link.expires is not None and link.expires.isoformat() == "2026-08-17T00:49:00+08:00"


@pytest.mark.parametrize(
    "url", ["https://u.163.com/abc", "https://www.unit.example/s/1a", "https://mail.qq.com/"]
)
def test_other_links_are_none(url: str) -> None:
    assert links("text/html", SHOWN.replace("https://u.163.com/x", url).format(url=url)) == ()
