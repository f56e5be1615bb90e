"""The mailboxes of the rehearsal: accounts, folders and mails in an embedded pymap, spoken to by IMAP."""

from __future__ import annotations

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proxyprotocol.sock import SocketInfoLocal
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Event, Subsystem
from pymap.config import BackendCapability
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.parsing.specials.flag import Flag, Seen
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

FOLDERS = ("INBOX", "Junk", "Sent")

# One command line may hold a long UID set; the library's own default of 64 KB is too short for it.
STREAM_LIMIT = 2**20


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail as a mailbox holds it."""

    uid: int
    at: datetime
    raw: bytes
    is_seen: bool


@dataclass(frozen=True, slots=True)
class LoginTry:
    """One attempt to log in by IMAP or SMTP, as the server saw it."""

    at: datetime
    protocol: str  # imap | smtp
    address: str
    is_good: bool


class _Config(Config):
    """pymap's settings, told whether to offer IDLE."""

    has_idle = True

    @property
    def greeting(self) -> bytes:
        # pymap's own greeting asks the resolver for this machine's name at every connection.
        return b"rehearsal ready"

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=self.has_idle, object_id=True, multi_append=True)


class _Login(Login):
    """pymap's login, which also tells of every attempt."""

    def __init__(self, config: Config, told: Callable[[str, bool], None]) -> None:
        super().__init__(config)
        self._told = told

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        try:
            identity = await super().authenticate(credentials)
        except InvalidAuth:
            self._told(credentials.authcid, False)
            raise
        self._told(credentials.authcid, True)
        return identity


class _Folder(MailboxData):
    """A folder whose IDLE also tells what came just before it; pymap's own waits for the next change."""

    async def update_selected(
        self, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        has_changed = selected.mod_sequence != self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if has_changed else wait_on)


class _Folders(MailboxSet):
    """The folders of one account."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = self._folder()
        for name in FOLDERS[1:]:
            self.add(name)

    def add(self, name: str) -> None:
        self._set[name] = self._folder()

    def _folder(self) -> _Folder:
        return _Folder(self._content_cache, self._thread_cache)


class MailBoxes:
    """Mailboxes for any number of accounts. All coroutines belong to the one event loop that serves them."""

    def __init__(
        self,
        told: Callable[[str, bool], None],
        *,
        has_idle: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`told(address, is_good)` hears of every attempt to log in; with `tls`, STARTTLS is offered."""
        self._config = _Config(
            Namespace(),
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            tls_enabled=tls is not None,
            # A rehearsal's passwords protect nothing, and a slow hash would cost every login a second.
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            ssl_context=tls or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            proxy_protocol=ProxyProtocolVersion.NOOP.value,
            invalid_user_sleep=0.0,
        )
        self._config.has_idle = has_idle
        self._login = _Login(self._config, told)
        self._imap = IMAPServer(self._login, self._config)
        self._folders: dict[str, _Folders] = {}
        self._connections: set[asyncio.Task[None]] = set()

    # accounts and folders

    async def add_account(self, address: str, password: str) -> None:
        """Open an account, or give an existing one a new password. Its name is the address in lower case."""
        name = address.lower()
        user = UserMetadata(self._config, name, password=password)
        self._login.users_dict[name] = user
        self._folders.setdefault(name, _Folders())
        self._config.set_cache[name] = (self._folders[name], FilterSet())

    async def add_folder(self, address: str, folder: str) -> None:
        self._folders[address.lower()].add(folder)

    def knows(self, address: str) -> bool:
        return address.lower() in self._login.users_dict

    def is_password(self, address: str, password: str) -> bool:
        user = self._login.users_dict.get(address.lower())
        return user is not None and user.password == password

    # mails

    async def deliver(
        self, address: str, folder: str, raw: bytes, at: datetime, *, is_seen: bool = False
    ) -> int:
        """Append one mail with `at` as its INTERNALDATE; returns its UID."""
        box = await self._box(address, folder)
        flags: frozenset[Flag] = frozenset({Seen}) if is_seen else frozenset()
        return (await box.append(AppendMessage(raw, at, flags), recent=True)).uid

    async def mails(self, address: str, folder: str) -> tuple[StoredMail, ...]:
        box = await self._box(address, folder)
        found = []
        async for message in box.messages():
            content = await message.load_content(FetchRequirement.CONTENT)
            raw = bytes(content.get_body(None))
            is_seen = Seen in message.permanent_flags
            found.append(StoredMail(message.uid, message.internal_date, raw, is_seen))
        return tuple(found)

    async def delete(self, address: str, folder: str, uid: int) -> None:
        await (await self._box(address, folder)).delete([uid])

    async def renumber(self, address: str, folder: str, uidvalidity: int) -> None:
        """Give a folder another UIDVALIDITY, as a server does after it lost its index."""
        (await self._box(address, folder))._uid_validity = uidvalidity

    # connections

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One IMAP connection from greeting to end."""
        task = asyncio.current_task()
        assert task is not None
        # The event loop holds tasks weakly: without this set a garbage collection cuts connections on 3.13.
        self._connections.add(task)
        try:
            await self._imap(reader, writer, SocketInfoLocal(writer))
        except (ConnectionError, asyncio.CancelledError):
            writer.close()
        finally:
            self._connections.discard(task)

    async def hang_up(self) -> None:
        """End every open connection at once."""
        tasks = tuple(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _box(self, address: str, folder: str) -> MailboxData:
        return await self._folders[address.lower()].get_mailbox(folder)
