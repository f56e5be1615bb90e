"""A private PostgreSQL for the tests: never as root, on a unix socket only, gone with them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A server says this in English when its locale is C.
_READY = b"database system is ready to accept connections"
_USER = "huizhi"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_REVISION = "SELECT version_num FROM alembic_version"
_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
"""
_LOOKS = (_TABLES, _REVISION, _TRIGGERS)
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_RESTART_NUMBERS = """
    SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public'
"""


class NoPostgres(Exception):
    """There can be no server here; the message says why."""


def find_binaries() -> Path:
    """The folder that holds initdb and postgres; raises NoPostgres."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda each: float(each.parent.name), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql/*/bin")


@dataclass(slots=True)
class PostgresServer:
    """A running instance. `folder` holds its data and its socket."""

    folder: Path
    binaries: Path
    user: int | None
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """Where a database of this server is."""
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def sql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements outside a transaction."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def empty(self, database: str, like: str) -> bool:
        """Take every row out of a database again; False when its tables are no longer those of `like`.

        Nor its triggers: without those that keep the journal, the next test's rebuilding finds nothing.
        """
        import psycopg

        with psycopg.connect(self.url(like), autocommit=True) as model:
            expected = [model.execute(each).fetchall() for each in _LOOKS]
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            if [connection.execute(each).fetchall() for each in _LOOKS] != expected:
                return False
            # Without the triggers that forbid taking events away: those hold for the program.
            connection.execute("SET session_replication_role = replica")
            names = [name for (name,) in expected[0] if name != "alembic_version"]
            connection.execute(";".join(f"DELETE FROM {name}" for name in names).encode())
            connection.execute(_RESTART_NUMBERS)
        return True

    def crash(self) -> None:
        """Stop at once, as in a power cut, and start again."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        self.process = _start(self.folder, self.binaries, self.user)

    def stop(self) -> None:
        """End by its own process number, and clear away."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres() -> PostgresServer:
    """Make and start an instance; raises NoPostgres."""
    binaries = find_binaries()
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="huizhi-pg-", dir=_open_folder()))
    try:
        if user is not None:
            os.chown(folder, user, -1)
        made = subprocess.run(
            [
                binaries / "initdb",
                *("-D", folder / "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            user=user,
            cwd=folder,
            env=_environment(),
            capture_output=True,
            check=False,
        )
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr.decode(errors='replace').strip()}")
        return PostgresServer(folder, binaries, user, _start(folder, binaries, user))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start(folder: Path, binaries: Path, user: int | None) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        # Tests may lose their data in a power cut.
        "fsync": "off",
        "full_page_writes": "off",
        "shared_buffers": "32MB",
        "max_connections": "60",
        "autovacuum": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    log = (folder / "log").open("ab")
    seen = log.tell()
    with log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *options],
            user=user,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    _wait_until_ready(process, folder, seen)
    return process


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, seen: int) -> None:
    for _ in range(300):
        said = (folder / "log").read_bytes()[seen:]
        if _READY in said:
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    process.kill()
    raise NoPostgres(f"the server did not start: {said.decode(errors='replace')[-500:]}")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _unprivileged() -> int | None:
    """Whom root becomes: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise NoPostgres("the tests run as root, and there is neither a user postgres nor nobody")


def _open_folder() -> str:
    """A folder that any user can walk into; pytest's own are for one user only."""
    for name in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        path = Path(name).resolve()
        # A unix socket's path may hold 107 bytes.
        if len(str(path)) < 60 and all(each.stat().st_mode & 0o001 for each in (path, *path.parents)):
            return str(path)
    raise NoPostgres("no temporary folder that another user can walk into")
