"""What a simulated person does: which mail they answer, with what words, papers and program."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Client(Enum):
    """The mail program a person writes with; each has its own idiom."""

    FOXMAIL = "Foxmail"
    QQ_WEB = "QQ 邮箱网页"
    NETEASE = "163 邮箱网页"
    OUTLOOK = "Outlook"
    PHONE = "手机"


@dataclass(frozen=True, slots=True)
class Filled:
    """The blank form that came with the mail, filled in: label as printed → answer."""

    answers: tuple[tuple[str, str], ...]
    name: str = ""  # the file's new name; empty: as it came


@dataclass(frozen=True, slots=True)
class Report:
    """A Word document the person wrote: headings with their text, and pictures inside."""

    name: str
    title: str
    sections: tuple[tuple[str, str], ...]
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph, told from others by its name."""

    name: str


Paper = Filled | Report | Photo


@dataclass(frozen=True, slots=True)
class Write:
    """One mail.

    `answers`: words in the subject or text of the mail to be answered; the newest such is taken, and without
    one the person cannot act. `to_first_sender`: the answered mail was passed on, and the answer goes
    to the address quoted in it. `forward_to`: pass the mail on, with its files, instead of answering.
    `from_website`: written anew, with the form and the address found on the office's web page.
    """

    words: str
    client: Client = Client.FOXMAIL
    answers: str = ""
    papers: tuple[Paper, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()  # `标签：答案` typed into the mail
    forward_to: str = ""
    to_first_sender: bool = False
    from_website: bool = False
    subject: str = ""  # only for a mail written anew
    has_raw_names: bool = False  # file names as bare GBK bytes, as old programs write them


@dataclass(frozen=True, slots=True)
class AwayNote:
    """A mailbox that answers every first mail of a sender by itself, as QQ's holiday reply does."""

    words: str


class CannotAct(Exception):
    """The person has not received what they were to answer; says who waits for what."""
