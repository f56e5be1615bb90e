"""A practice post: the office's mailbox on loopback, and a folder for every unit to read and answer from."""

from __future__ import annotations

import errno
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

from service.doors.safe_names import safe_name
from service.rehearsal.folder import NoRehearsal
from service.rehearsal.mail_server import MailServer, machine_time
from service.rehearsal.practice_folder import PracticePlace, mark_as_practice, practice_place
from service.rehearsal.units.acts import Client
from service.rehearsal.units.clients import Sheet, compose
from service.rehearsal.units.mailbox import Received, received

MAIL_FOLDER = "练习信箱"
ARRIVED, TO_SEND, SENT = "收到", "寄出", "已寄"
WORDS_FILE, RAW_FILE = "信文.txt", "原件.eml"
ANSWER_FILE = "回信.txt"
HOW_TO = """\
每个收到邮件的信箱在这里有一个文件夹：
    收到/    一封邮件一个文件夹：信文.txt、附件、原件.eml
    寄出/    要答复，就把文件放进来（例如填好的登记表）；要写几句话，放一个 回信.txt
             放好几秒钟后，文件会合成一封信寄给办公室，答复最近收到的那封邮件
    已寄/    已经寄走的
"""
LOOK_SECONDS = 1.0
# What is laid into 寄出 goes as one letter; more is a mistake, and no mailbox would take it.
FILES_MAX = 50
BYTES_MAX = 40_000_000

Tell = Callable[[str], None]
_Seen = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class PracticePost:
    """The mail of one practice office while its server runs. Everybody but the office is a folder."""

    place: PracticePlace
    server: MailServer
    tell: Tell
    clock: Callable[[], datetime] = machine_time
    _arriving: SimpleQueue[tuple[str, bytes]] = field(default_factory=SimpleQueue)
    _newest: dict[str, Received] = field(default_factory=dict)
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def open(self) -> None:
        """The office's mailbox, and everything else laid into folders."""
        self.root.mkdir(exist_ok=True)
        (self.root / "说明.txt").write_text(HOW_TO, encoding="utf-8-sig")
        self.server.add_account(self.place.address, self.place.password)
        # Called in the server's thread, before the office hears 250: only noted there, laid out here.
        self.server.outside(lambda sender, rcpt, raw: self._arriving.put((rcpt.lower(), raw)))

    @property
    def root(self) -> Path:
        """The folder of all practice mailboxes."""
        return self.place.folder / MAIL_FOLDER

    def look(self) -> bool:
        """Lay out what arrived and post what was laid down; True when there was anything."""
        has_worked = False
        while True:
            try:
                rcpt, raw = self._arriving.get_nowait()
            except Empty:
                break
            self._lay_out(rcpt, raw)
            has_worked = True
        for box in sorted(each for each in self.root.iterdir() if each.is_dir()):
            has_worked = self._post(box) or has_worked
        return has_worked

    def _lay_out(self, rcpt: str, raw: bytes) -> None:
        box = self.root / safe_name(rcpt)
        (box / TO_SEND).mkdir(parents=True, exist_ok=True)
        (box / ARRIVED).mkdir(exist_ok=True)
        number = 1 + sum(1 for _ in (box / ARRIVED).iterdir())
        mail = received(number, raw)
        folder = box / ARRIVED / safe_name(f"{number:03d} {mail.subject}"[:80])
        folder.mkdir(parents=True, exist_ok=True)
        heads = f"发件人：{mail.sender_name} <{mail.sender}>\n收件人：{rcpt}\n主题：{mail.subject}\n"
        (folder / WORDS_FILE).write_text(f"{heads}\n{mail.text}", encoding="utf-8-sig")
        for name, data in mail.files:
            (folder / safe_name(name)).write_bytes(data)
        (folder / RAW_FILE).write_bytes(raw)
        self._newest[box.name] = mail
        self.tell(f"{rcpt} 收到：{mail.subject}")

    def _post(self, box: Path) -> bool:
        """One letter of everything in 寄出, once nothing there has changed between two looks."""
        tray = box / TO_SEND
        if not tray.is_dir():
            return False
        files = sorted(each for each in tray.iterdir() if each.is_file() and not _is_unfinished(each.name))
        now: _Seen = tuple((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in files)
        was, self._seen[box.name] = self._seen.get(box.name), now
        if not files or was != now:
            return False
        size = sum(each[1] for each in now)
        if len(files) > FILES_MAX or size > BYTES_MAX:
            self.tell(f"{box.name} 的寄出里有 {len(files)} 个文件、{size // 1_000_000} MB，太多，没有寄")
            return False
        self._answer(box, files)
        return True

    def _answer(self, box: Path, files: list[Path]) -> None:
        at = self.clock()
        mail = self._newest.get(box.name) or self._last_arrived(box)
        words = [_text_of(each) for each in files if each.name == ANSWER_FILE]
        papers = tuple((each.name, each.read_bytes()) for each in files if each.name != ANSWER_FILE)
        default = "现将材料报上，请查收。" if papers else "收到。"
        sheet = Sheet(
            sender=mail.to if mail and mail.to else box.name,
            sender_name="",
            to=self.place.address,
            subject="" if mail else "报送材料",
            words=words[0] if words else default,
            at=at,
            files=papers,
            answered=mail,
        )
        raw = compose(sheet, Client.FOXMAIL)
        kept = box / SENT / f"{at:%Y%m%d-%H%M%S-%f}"
        kept.mkdir(parents=True)
        for each in files:
            shutil.move(each, kept / each.name)
        (kept / RAW_FILE).write_bytes(raw)
        self._seen.pop(box.name, None)
        self.server.deliver(self.place.address, raw, at)
        self.tell(f"{box.name} 寄出：{'、'.join(each.name for each in files)}")

    def _last_arrived(self, box: Path) -> Received | None:
        """What arrived before this server was started."""
        originals = sorted((box / ARRIVED).glob(f"*/{RAW_FILE}"))
        return received(len(originals), originals[-1].read_bytes()) if originals else None


def practise(folder: Path, *, is_new: bool, tell: Tell) -> None:
    """The command: mark a folder that was made just now, and serve until told to stop."""
    if is_new:
        mark_as_practice(folder)
        tell(f"已建好练习用的办公文件夹 {folder}")
    place = practice_place(folder)
    stopping = threading.Event()
    with _told_to_stop(stopping):
        serve_practice(place, tell, stopping)


def serve_practice(place: PracticePlace, tell: Tell, stopping: threading.Event) -> None:
    """Serve the practice mailbox until `stopping`; raises NoRehearsal where its ports are taken."""
    server = MailServer(smtp_port=place.smtp_port, imap_port=place.imap_port)
    try:
        server.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise NoRehearsal(
            f"端口 {place.smtp_port} 或 {place.imap_port} 已被占用：是不是已经有一个 practice 在运行？"
        ) from error
    try:
        post = PracticePost(place, server, tell)
        post.open()
        tell(f"练习信箱已开：{post.root}（按 Ctrl+C 结束）")
        while not stopping.wait(LOOK_SECONDS):
            post.look()
        post.look()
    finally:
        server.stop()


@contextmanager
def _told_to_stop(stopping: threading.Event) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the serving in order; their former meaning is put back."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    former = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, meaning in former.items():
            signal.signal(each, meaning)


def _is_unfinished(name: str) -> bool:
    """What Office, WPS or a copying program lays beside a file while it is open or under way."""
    return name.startswith((".", "~")) or name.endswith((".tmp", ".part", ".crdownload"))


def _text_of(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
