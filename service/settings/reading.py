"""Where each setting comes from: the environment, secret files, config/office.yaml, in this order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from service.doors.staff_files.page import Cell, Rows, Table, Word, at_line, read_page
from service.doors.staff_files.section import nearest
from service.office.finding import Problem
from service.settings.complaints import complaints, line_of
from service.settings.model import Settings
from service.settings.sections import OFFICE_FILE, PREFIX, password_variable

# Looked through in this order unless the office names its own; the last is where containers mount secrets.
SECRET_FOLDERS = ("secrets", "config/secrets", "/run/secrets")
SECRET_BYTES_MAX = 4096


class SettingsRefused(Exception):
    """The office cannot open as configured; `problems` holds every reason with its line and remedy."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.sentence() for problem in problems))
        self.problems = problems


def load_settings(office: Path) -> Settings:
    """Read config/office.yaml and the environment of an office folder; raises SettingsRefused."""
    table = _read_file(office)
    secrets = _Secrets(office, table, dict(os.environ))
    values = _values(table)
    values.update(secrets.found())
    problems = list(secrets.problems)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems.extend(complaints(error, table, secrets.environment))
        raise SettingsRefused(_ordered(problems)) from error
    except SettingsError as error:
        problems.append(Problem("环境变量", PREFIX + "…", "列表和表格要写成 JSON，请改在 office.yaml 里填写"))
        raise SettingsRefused(_ordered(problems)) from error
    problems.extend(_cross_checks(settings, table))
    if problems:
        raise SettingsRefused(_ordered(problems))
    settings.stand_in(office)
    return settings


def _read_file(office: Path) -> Table:
    path = office / OFFICE_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        say = (
            f"{office} 里没有这个文件：请确认 --office 指的是办公文件夹，或用 init 建立一个"
            if isinstance(error, FileNotFoundError)
            else f"无法读取（{error.strerror}），请检查权限"
        )
        raise SettingsRefused((Problem(OFFICE_FILE, "", say, code="no-file"),)) from error
    table, problems = read_page(data, OFFICE_FILE)
    if table is None or problems:
        raise SettingsRefused(problems)
    return table


def _values(table: Table) -> dict[str, object]:
    """The file as plain values; a key with nothing after it is a key not written."""
    plain = {key: _plain(entry.cell) for key, entry in table.entries.items()}
    return {key: value for key, value in plain.items() if value is not None}


def _plain(cell: Cell) -> object:
    if isinstance(cell, Word):
        return None if cell.is_empty else cell.text
    if isinstance(cell, Rows):
        return tuple(_plain(row) for row in cell.rows)
    return _values(cell)


class _Secrets:
    """Passwords and the database's URL, from variables or files; never from office.yaml."""

    def __init__(self, office: Path, table: Table, environment: Mapping[str, str]) -> None:
        self.office, self.table, self.environment = office, table, environment
        self.problems: list[Problem] = []

    def found(self) -> dict[str, object]:
        """The accounts with their passwords, and the database's URL where one is stated outside the file."""
        found: dict[str, object] = {}
        plain = _values(self.table)
        accounts = plain.get("accounts")
        if isinstance(accounts, tuple):
            self._refuse_written()
            found["accounts"] = tuple(self._with_password(each, len(accounts)) for each in accounts)
            self._look_for_strays([str(each.get("name")) for each in accounts if isinstance(each, dict)])
        url = self._secret(PREFIX + "DATABASE_URL", ("database_url", "huizhi_database_url"))
        if url is not None:
            found["database_url"] = url
        elif "@" in str(plain.get("database_url", "")):
            line = line_of(self.table, ("database_url",))
            say = "带密码的数据库地址不能写在这里，请写入文件 secrets/database_url"
            say += f" 或环境变量 {PREFIX}DATABASE_URL"
            self.problems.append(at_line(OFFICE_FILE, line, say, key="database_url", code="secret"))
        return found

    def _with_password(self, account: object, how_many: int) -> object:
        if not isinstance(account, dict) or not isinstance(account.get("name"), str):
            return account
        name = account["name"]
        account = {key: value for key, value in account.items() if key != "password"}
        files = [f"mail_password_{name}", f"password_{name}", password_variable(name)]
        if how_many == 1:
            files.append("mail_password")
        password = self._secret(password_variable(name), files)
        return account if password is None else {**account, "password": password}

    def _refuse_written(self) -> None:
        cell = self.table.entries["accounts"].cell
        for row in cell.rows if isinstance(cell, Rows) else ():
            if isinstance(row, Table) and (entry := row.entries.get("password")):
                say = "密码不能写在这里：请写入 secrets/ 下的文件，见 config/README.md"
                self.problems.append(at_line(OFFICE_FILE, entry.line, say, key="password", code="secret"))

    def _secret(self, variable: str, files: Iterable[str]) -> str | None:
        direct, named = self.environment.get(variable), self.environment.get(f"{variable}_FILE")
        if direct and named:
            say = f"与 {variable}_FILE 只能设置一个，请去掉其中之一"
            self.problems.append(Problem("环境变量", variable, say, code="secret"))
        if direct:
            return direct
        if named:
            return self._read(self.office / named, f"{variable}_FILE")
        wanted = {name.lower() for name in files}
        for folder in self._folders():
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                # Editors of Windows like to add .txt; a README beside the secrets does no harm.
                if path.name.lower().removesuffix(".txt") in wanted and path.is_file():
                    return self._read(path, "")
        return None

    def _folders(self) -> list[Path]:
        stated = self.environment.get(PREFIX + "SECRETS_DIR") or _values(self.table).get("secrets_dir")
        return [self.office / each for each in ((str(stated),) if stated else SECRET_FOLDERS)]

    def _read(self, path: Path, variable: str) -> str | None:
        shown = Problem("环境变量", variable, "") if variable else Problem(str(path), "", "")
        try:
            with path.open("rb") as file:
                secret = file.read(SECRET_BYTES_MAX + 1).decode("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "不是文本文件"
            say = f"无法读取密码文件 {path}（{reason}），请检查路径和权限"
            self.problems.append(Problem(shown.file, shown.place, say, code="secret"))
            return None
        if not secret or len(secret) > SECRET_BYTES_MAX or "\n" in secret:
            say = f"密码文件 {path} 应当只有一行密码（授权码）"
            self.problems.append(Problem(shown.file, shown.place, say, code="secret"))
            return None
        return secret

    def _look_for_strays(self, names: list[str]) -> None:
        # A password under a misspelt name would only show as a refused login, days later.
        known = {password_variable(name): name for name in names}
        start = password_variable("")
        for variable in sorted(self.environment):
            bare = variable.removesuffix("_FILE")
            if variable.startswith(start) and bare not in known:
                like = nearest(bare, known)
                say = "office.yaml 里没有这个帐号" + (f"，是不是 {like}？" if like else "，请删去这个变量")
                self.problems.append(Problem("环境变量", variable, say, code="unknown-key"))


def _cross_checks(settings: Settings, table: Table) -> Iterable[Problem]:
    for key, names in (
        ("accounts", [password_variable(each.name) for each in settings.accounts]),
        ("staff", [each.name for each in settings.staff]),
    ):
        for index in range(len(names)):
            if names[index] in names[:index]:
                line = line_of(table, (key, index, "name"))
                say = "这个名称在前面已经写过，名称不能重复（帐号不分大小写，也不分“-”和“_”）"
                yield at_line(OFFICE_FILE, line, say, key=key, code="duplicate")
    for key in ("archive", "exchange", "code_key_file"):
        written = Path(str(getattr(settings, key)))
        if not written.is_absolute() and ".." in written.parts:
            line = line_of(table, (key,))
            yield at_line(OFFICE_FILE, line, f"“{key}”不能用“..”，请写办公文件夹里的位置或完整路径", key=key)


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0))
