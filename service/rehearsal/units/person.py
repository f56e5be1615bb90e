"""A person of a unit: reads their mailbox, finds what is asked, and truly answers by mail."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from service.rehearsal.units.acts import AwayNote, CannotAct, Filled, Paper, Photo, Report, Write
from service.rehearsal.units.clients import Sheet, compose
from service.rehearsal.units.mailbox import Mailbox, Received
from service.rehearsal.units.papers import fill_form, photo, words_of, write_report

_FIRST_SENDER = re.compile(r"发件人[：:][^<\n]*<([^<>\s]+@[^<>\s]+)>")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9.-]+\.[A-Za-z]{2,}")
# What blank forms call themselves in their file names.
_FORM = re.compile(r"登记表|申报表|推荐表|报名表|回执表")


@dataclass(frozen=True, slots=True)
class Website:
    """The office's public page: the files one may download there."""

    files: tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class Person:
    """Somebody with a mailbox."""

    name: str
    mailbox: Mailbox
    website: Website = field(default_factory=lambda: Website(()))

    def write(self, act: Write, at: datetime) -> str:
        """Do what the act says and send it; returns the address written to. Raises CannotAct."""
        if act.from_website:
            files = self.website.files
            sheet = self._new(act, files, at)
        else:
            sheet = self._answer(act, self._find(act.answers), at)
        self.mailbox.send(sheet.to, compose(sheet, act.client))
        return sheet.to

    def _find(self, words: str) -> Received:
        """The newest mail that speaks of this."""
        mails = [each for each in self.mailbox.read() if words in each.subject or words in each.text]
        if not mails:
            raise CannotAct(f"{self.name}（{self.mailbox.address}）没有收到写有“{words}”的邮件，无从答复")
        return mails[-1]

    def _answer(self, act: Write, mail: Received, at: datetime) -> Sheet:
        is_forward = bool(act.forward_to)
        to = act.forward_to or (_first_sender(mail) if act.to_first_sender else mail.sender)
        files = mail.files if is_forward else self._papers(act, self._blank_form(mail))
        return Sheet(
            self.mailbox.address,
            self.name,
            to,
            "",
            _words(act),
            at,
            files,
            mail,
            is_forward,
            act.has_raw_names,
        )

    def _new(self, act: Write, files: tuple[tuple[str, bytes], ...], at: datetime) -> Sheet:
        printed = [_ADDRESS.search(words_of(data)) for name, data in files if name.endswith(".docx")]
        to = next((found[0].replace("＠", "@") for found in printed if found), "")
        if not to:
            raise CannotAct(f"{self.name}在公开的通知里没有找到可以报送的邮箱")
        papers = self._papers(act, next((each for each in files if _FORM.search(each[0])), None))
        return Sheet(self.mailbox.address, self.name, to, act.subject, _words(act), at, papers)

    def _blank_form(self, mail: Received) -> tuple[str, bytes] | None:
        """The form that came along; where the answered mail has none, the newest one received."""
        mails = [mail, *reversed(self.mailbox.read())]
        return next((file for each in mails for file in each.files if _FORM.search(file[0])), None)

    def _papers(self, act: Write, blank: tuple[str, bytes] | None) -> tuple[tuple[str, bytes], ...]:
        return tuple(self._paper(paper, blank) for paper in act.papers)

    def _paper(self, paper: Paper, blank: tuple[str, bytes] | None) -> tuple[str, bytes]:
        match paper:
            case Filled():
                if blank is None:
                    raise CannotAct(f"{self.name}没有收到空白登记表")
                return paper.name or blank[0], fill_form(blank[1], paper.answers)
            case Report():
                return paper.name, write_report(paper)
            case Photo():
                return paper.name, photo(paper.name)


def _words(act: Write) -> str:
    lines = "\n".join(f"{label}：{answer}" for label, answer in act.lines)
    return "\n".join(each for each in (act.words, lines) if each)


def _first_sender(mail: Received) -> str:
    found = _FIRST_SENDER.search(mail.text)
    if found is None:
        raise CannotAct(f"转来的邮件“{mail.subject}”里看不出原来的发件人")
    return found[1]


@dataclass(slots=True)
class Robot:
    """A mailbox on holiday: answers the first mail of every sender with words and nothing else.

    Without any of the standard marks of automatic mail, as QQ sends it to QQ: only the subject tells.
    """

    name: str
    mailbox: Mailbox
    note: AwayNote
    seen: int = 0
    answered: set[str] = field(default_factory=set)

    def look(self, at: datetime) -> int:
        """Answer what is new; returns how many answers were sent."""
        sent = 0
        for mail in self.mailbox.read(self.seen):
            self.seen = mail.uid
            if mail.sender in self.answered:
                continue
            self.answered.add(mail.sender)
            self.mailbox.send(mail.sender, self._reply(mail, at))
            sent += 1
        return sent

    def _reply(self, mail: Received, at: datetime) -> bytes:
        subject = base64.b64encode(f"自动回复: {mail.subject}".encode()).decode()
        name = base64.b64encode(self.name.encode()).decode()
        page = base64.b64encode(f"<div>{self.note.words}</div>".encode()).decode()
        heads = (
            f"From: =?utf-8?B?{name}?= <{self.mailbox.address}>",
            f"To: {mail.sender}",
            f"Subject: =?utf-8?B?{subject}?=",
            f"Date: {format_datetime(at)}",
            f"Message-ID: <tencent_AUTO{mail.uid:08d}@{self.mailbox.address.rpartition('@')[2]}>",
            f"In-Reply-To: {mail.message_id}",
            "MIME-Version: 1.0",
            'Content-Type: text/html; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
        )
        return "\r\n".join([*heads, "", page, ""]).encode()
