"""设置 — one frozen office, or every fault with its line and remedy; secrets only from outside the file."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.office.calendar import WorkCalendar
from service.office.policy import StaffRole
from service.settings import Security, Settings, SettingsRefused, load_settings
from service.settings.sections import AfterFiling

ROOT = Path(__file__).parents[1]

SMALL = """\
name: 认证处
staff:
  - {name: 张三, address: zhang3＠bureau.example, role: signer}
  - {name: 李四, address: li4@bureau.example, role: clerk}
accounts:
  - name: main
    profile: qq
    address: rzc@bureau.example
    smtp: {}
    imap: {first_since: 2024-08-01}
"""


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("HUIZHI_"):
            monkeypatch.delenv(name)


def office(tmp_path: Path, text: str = SMALL) -> Path:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "office.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def refused(folder: Path) -> list[str]:
    with pytest.raises(SettingsRefused) as caught:
        load_settings(folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_the_sample_office_opens() -> None:
    settings = load_settings(ROOT)
    assert settings.accounts[0].smtp.host == "mail.example"
    assert {person.role for person in settings.staff} == {StaffRole.CLERK, StaffRole.SIGNER}
    assert all(person.address.text.endswith(".example") for person in settings.staff)
    assert settings.exchange_folder == ROOT / "交换"


def test_the_smallest_office_has_every_default(tmp_path: Path) -> None:
    settings = load_settings(office(tmp_path, "name: 认证处\n"))
    assert str(settings.time_zone) == "Asia/Shanghai"
    assert (settings.hours.start, settings.hours.end) == (time(8, 30), time(17, 30))
    assert settings.archive_folder == tmp_path / "state/archive"
    assert settings.code_key_path == tmp_path / "state/code.key"
    assert settings.database == f"sqlite:///{tmp_path.resolve() / 'state/huizhi.sqlite3'}"
    assert settings.receipts_resend_in_doubt is False
    assert settings.watching.value == "auto"
    assert settings.limits.letter_bytes_max == 80_000_000
    assert settings.accounts == ()


def test_how_templates_are_watched_is_one_of_three_words(tmp_path: Path) -> None:
    assert load_settings(office(tmp_path, "name: 认证处\nwatching: polling\n")).watching.value == "polling"
    (said,) = refused(office(tmp_path, "name: 认证处\nwatching: poling\n"))
    assert "第 2 行" in said and "poling" in said and "polling" in said


def test_a_provider_profile_fills_what_is_not_written(tmp_path: Path) -> None:
    account = load_settings(office(tmp_path)).accounts[0]
    assert (account.smtp.host, account.smtp.port, account.smtp.security) == (
        "smtp.qq.com",
        465,
        Security.SSL,
    )
    assert (account.smtp.pace_seconds, account.smtp.per_connection, account.smtp.per_day) == (20, 10, 150)
    assert account.smtp.username == "rzc@bureau.example"
    assert account.imap is not None
    assert (account.imap.host, account.imap.port) == ("imap.qq.com", 993)
    assert account.imap.folders == ("INBOX", "Junk")
    assert account.imap.sent_folder == "Sent Messages"
    assert account.imap.first_since == date(2024, 8, 1)


def test_what_is_written_wins_over_the_profile(tmp_path: Path) -> None:
    text = SMALL.replace(
        "smtp: {}", "smtp: {host: relay.example, security: starttls, per_day: 9, username: u}"
    )
    smtp = load_settings(office(tmp_path, text)).accounts[0].smtp
    assert (smtp.host, smtp.port, smtp.security, smtp.per_day, smtp.username) == (
        "relay.example",
        587,
        Security.STARTTLS,
        9,
        "u",
    )


def test_an_account_may_only_send(tmp_path: Path) -> None:
    text = SMALL.replace("    imap: {first_since: 2024-08-01}\n", "")
    assert load_settings(office(tmp_path, text)).accounts[0].imap is None


def test_the_environment_wins_and_reaches_into_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZHI_EXCHANGE", "共享")
    monkeypatch.setenv("HUIZHI_LIMITS__QUIET_MINUTES", "0")
    monkeypatch.setenv("HUIZHI_DATABASE_URL", "postgresql+psycopg://u:p@db.example/huizhi")
    settings = load_settings(office(tmp_path))
    assert settings.exchange_folder == tmp_path / "共享"
    assert settings.limits.quiet_minutes == 0
    assert settings.limits.blind_hours == 2
    assert settings.database == "postgresql+psycopg://u:p@db.example/huizhi"


def test_the_office_variable_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHI_OFFICE", "/elsewhere")
    monkeypatch.setenv("HUIZHI_VENV", "/elsewhere")
    assert load_settings(office(tmp_path)).office == tmp_path


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHI_LIMITS__QUIET_MINUTES", "soon")
    assert refused(office(tmp_path)) == [
        "环境变量 HUIZHI_LIMITS__QUIET_MINUTES：“quiet_minutes”应当是整数，现在写的是“soon”"
    ]


def test_a_table_in_the_environment_must_be_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHI_STAFF", "张三")
    assert "office.yaml" in refused(office(tmp_path))[0]


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "secrets/mail_password_main",
        "secrets/mail_password",
        "secrets/MAIL_PASSWORD_MAIN.txt",
        "config/secrets/password_main",
        "config/secrets/HUIZHI_PASSWORD_MAIN",
    ],
)
def test_a_password_lies_in_a_file(tmp_path: Path, name: str) -> None:
    folder = office(tmp_path)
    put(folder, name, "\ufeffabcd efgh\r\n")
    password = load_settings(folder).accounts[0].password
    assert password is not None
    assert password.get_secret_value() == "abcd efgh"


def test_a_password_comes_from_a_variable_or_the_file_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = office(tmp_path)
    put(folder, "secrets/mail_password", "from-folder")
    put(folder, "elsewhere/pass", "from-file\n")
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN_FILE", str(folder / "elsewhere/pass"))
    account = load_settings(folder).accounts[0]
    assert account.password is not None
    assert account.password.get_secret_value() == "from-file"
    monkeypatch.delenv("HUIZHI_PASSWORD_MAIN_FILE")
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN", "direct")
    account = load_settings(folder).accounts[0]
    assert account.password is not None
    assert account.password.get_secret_value() == "direct"


def test_a_folder_of_secrets_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = office(tmp_path)
    put(folder, "secrets/mail_password", "not-this")
    put(folder, "vault/mail_password", "this")
    monkeypatch.setenv("HUIZHI_SECRETS_DIR", "vault")
    password = load_settings(folder).accounts[0].password
    assert password is not None
    assert password.get_secret_value() == "this"


def test_the_shared_file_serves_one_account_only(tmp_path: Path) -> None:
    second = "  - {name: second, address: b@bureau.example, smtp: {host: mail.example}}\n"
    folder = office(tmp_path, SMALL + second)
    put(folder, "secrets/mail_password", "whose")
    settings = load_settings(folder)
    assert [account.password for account in settings.accounts] == [None, None]
    assert [problem.key for problem in settings.secret_problems()] == ["main", "second"]
    assert "secrets/mail_password_main" in settings.secret_problems()[0].sentence()
    assert "HUIZHI_PASSWORD_MAIN" in settings.secret_problems()[0].sentence()


def test_a_secret_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN", "s3cret-word")
    monkeypatch.setenv("HUIZHI_DATABASE_URL", "postgresql://u:s3cret-word@db.example/x")
    settings = load_settings(office(tmp_path))
    for words in (repr(settings), str(settings), repr(settings.accounts)):
        assert "s3cret" not in words


def test_a_secret_is_not_shown_when_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN", "s3cret-word")
    folder = office(tmp_path, SMALL.replace("profile: qq", "profile: qqq"))
    assert "s3cret" not in "".join(refused(folder))


@pytest.mark.parametrize("text", ["", "one\ntwo\n", "x" * 5000])
def test_a_secret_file_holds_one_line(tmp_path: Path, text: str) -> None:
    folder = office(tmp_path)
    put(folder, "secrets/mail_password", text)
    assert "只有一行" in refused(folder)[0]


def test_both_ways_at_once_and_a_lost_file_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = office(tmp_path)
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN_FILE", "nowhere")
    assert refused(folder)[0].startswith("环境变量 HUIZHI_PASSWORD_MAIN_FILE：无法读取密码文件")
    monkeypatch.setenv("HUIZHI_PASSWORD_MAIN", "x")
    assert any("只能设置一个" in sentence for sentence in refused(folder))


def test_a_password_for_nobody_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHI_PASSWORD_MIAN", "x")
    assert refused(office(tmp_path)) == [
        "环境变量 HUIZHI_PASSWORD_MIAN：office.yaml 里没有这个帐号，是不是 HUIZHI_PASSWORD_MAIN？"
    ]


def test_every_fault_is_told_at_once_in_order(tmp_path: Path) -> None:
    text = """\
nam: 认证处
time_zone: Asia/Shanghia
office_hours: {start: "17:30", end: "8:30"}
staff:
  - {name: 张三, address: zhang3, role: boss}
accounts:
  - name: 主帐号
    address: rzc@bureau.example
    smtp: {host: mail.example, port: 99999, securty: ssl, pace_seconds: 快}
    imap: {host: mail.example, folders: INBOX, first_since: 昨天}
    password: abc
limits: {letter_bytes_max: 很大, quiet_minutes: -1}
receipts_resend_in_doubt: 也许
"""
    sentences = refused(office(tmp_path, text))
    assert sentences == [
        "config/office.yaml 第 1 行：缺少必填的键“name”",
        "config/office.yaml 第 1 行：不认识的键“nam”，是不是“name”？",
        "config/office.yaml 第 2 行：“time_zone”：不认识的时区“Asia/Shanghia”，是不是“Asia/Shanghai”？",
        "config/office.yaml 第 3 行：“office_hours”：上班时间必须早于下班时间",
        "config/office.yaml 第 5 行：“address”：“zhang3”不是有效的邮箱地址（缺少 @）",
        "config/office.yaml 第 5 行：“role”：不认识的写法“boss”，可用的有：clerk、signer",
        "config/office.yaml 第 7 行：“name”只能用英文字母、数字、“-”和“_”，以字母或数字开头，最多 32 个，"
        "现在写的是“主帐号”",
        "config/office.yaml 第 9 行：“port”不能大于 65535，现在写的是“99999”",
        "config/office.yaml 第 9 行：“pace_seconds”应当是数字，现在写的是“快”",
        "config/office.yaml 第 9 行：不认识的键“securty”，是不是“security”？",
        "config/office.yaml 第 10 行：“folders”应当是列表：每项以“- ”开头，或写成 [甲, 乙]，"
        "现在写的是“INBOX”",
        "config/office.yaml 第 10 行：“first_since”：应当是日期，例如 2024-08-20，现在写的是“昨天”",
        "config/office.yaml 第 11 行：密码不能写在这里：请写入 secrets/ 下的文件，见 config/README.md",
        "config/office.yaml 第 12 行：“letter_bytes_max”：应当是大小，例如 80MB，现在写的是“很大”",
        "config/office.yaml 第 12 行：“quiet_minutes”不能小于 0，现在写的是“-1”",
        "config/office.yaml 第 13 行：“receipts_resend_in_doubt”只能写 true（是）或 false（否），"
        "现在写的是“也许”",
    ]


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("name: 甲\nname: 乙\n", "第 2 行：键“name”在第 1 行已经写过"),
        ("name：认证处\n", "第 1 行：键后面的冒号是全角“：”"),
        ("name: 甲\n\tstaff: []\n", "第 2 行：行首用了制表符"),
        ("name: !!python/object/apply:os.system [x]\n", "第 1 行：不支持“!”标记"),
        ("name: &a 甲\nexchange: *a\n", "不支持“&”“*”引用"),
        ("- name: 甲\n", "应当是一行一个“键: 值”"),
        ("name: '甲\n", "引号没有成对"),
        ("name: 甲\naccounts: [\n", "没有成对"),
        ("name: 甲\nstaff: 张三\n", "第 2 行：“staff”应当是列表"),
        ("name: 甲\nstaff: [张三]\n", "第 2 行：“staff”下面应当是缩进的“键: 值”"),
        ("name: 甲\nlimits: 80\n", "第 2 行：“limits”下面应当是缩进的“键: 值”"),
        ("name: [甲]\n", "第 1 行：“name”只能写一个值"),
        ("name: 甲\nexchange: ../交换\n", "第 2 行：“exchange”不能用“..”"),
        (
            "name: 甲\ndatabase_url: postgresql://u:p@db.example/x\n",
            "第 2 行：带密码的数据库地址不能写在这里",
        ),
        ("name: \x01甲\n", "第 1 行：有看不见的控制字符"),
        ("name: 甲\n" + "x: " + "[" * 3000 + "\n", "config/office.yaml"),
        ("name: 甲\n# " + "x" * 600_000, "超过 512 KB"),
        (
            "name: 甲\nstaff:\n- {name: 张三, address: a@b.example, role: clerk}\n"
            "- {name: 张三, address: a@b.example, role: signer}\n",
            "第 4 行：这个名称在前面已经写过",
        ),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, say: str) -> None:
    assert any(say in sentence for sentence in refused(office(tmp_path, text)))


def test_no_office_here_says_what_to_do(tmp_path: Path) -> None:
    assert "用 init 建立一个" in refused(tmp_path)[0]


def test_notepads_encodings_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config/office.yaml").write_bytes(SMALL.replace("\n", "\r\n").encode(encoding))
        assert load_settings(tmp_path).name == "认证处"


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load_settings(office(tmp_path))
    with pytest.raises(ValidationError):
        settings.name = "别处"
    with pytest.raises(ValidationError):
        settings.accounts[0].smtp.port = 1


def test_the_stages_are_told_what_they_need(tmp_path: Path) -> None:
    text = SMALL + "limits: {quiet_minutes: 5, reply_bytes_told: 20MB}\n"
    policy = load_settings(office(tmp_path, text)).policy(WorkCalendar(), b"key")
    assert (policy.account, policy.sender) == ("main", "rzc@bureau.example")
    assert policy.sender_name == "认证处"
    assert policy.own_addresses == {"rzc@bureau.example"}
    assert policy.quiet == timedelta(minutes=5)
    assert policy.reply_size_words == "20MB"
    assert [(each.name, each.role) for each in policy.staff] == [
        ("张三", StaffRole.SIGNER),
        ("李四", StaffRole.CLERK),
    ]
    assert policy.is_open(datetime(2024, 8, 28, 1, 0, tzinfo=UTC))


def test_clerks_have_the_digest_unless_they_say_otherwise(tmp_path: Path) -> None:
    rules = load_settings(office(tmp_path)).policy(WorkCalendar({}), b"k")
    assert [each.wants_digest for each in rules.staff] == [False, True]
    assert rules.digest_at == time(8, 20)
    turned = re.sub(r"role: clerk", "role: clerk, digest: false", SMALL)
    turned = re.sub(r"role: signer", "role: signer, digest: true", turned) + 'digest_at: "07:50"\n'
    rules = load_settings(office(tmp_path, turned)).policy(WorkCalendar({}), b"k")
    assert [each.wants_digest for each in rules.staff] == [True, False]
    assert rules.digest_at == time(7, 50)


def test_every_default_is_written_in_the_sample() -> None:
    """The sample names every limit with its default, so that staff need no other list."""
    sample = load_settings(ROOT).limits
    assert sample == type(sample)()
    text = (ROOT / "config/office.yaml").read_text(encoding="utf-8")
    assert all(f"{key}:" in text for key in type(sample).model_fields)
    assert isinstance(load_settings(ROOT), Settings)


def test_what_happens_in_the_mailbox_at_night_and_after_filing_is_stated(tmp_path: Path) -> None:
    plain = load_settings(office(tmp_path))
    (account,) = plain.accounts
    assert account.imap is not None
    assert (account.imap.sweep, account.imap.after_filing, plain.sweep_at) == (
        True,
        AfterFiling.LEAVE,
        time(2, 0),
    )
    rules = plain.policy(WorkCalendar({}), b"k")
    assert (rules.canary_every, rules.canary_to) == (timedelta(hours=4), "rzc@bureau.example")
    # Answers that go where nothing is read here prove nothing by coming back here.
    elsewhere = load_settings(office(tmp_path, SMALL + "reply_to: other@bureau.example\n"))
    assert elsewhere.policy(WorkCalendar({}), b"k").canary_to == ""


def test_the_night_begins_at_the_stated_hour_of_the_office(tmp_path: Path) -> None:
    rules = load_settings(office(tmp_path)).policy(WorkCalendar({}), b"k")
    before, after = (datetime.fromisoformat(f"2024-09-10T0{hour}:30:00+08:00") for hour in (1, 2))
    assert rules.last_night(before) == datetime.fromisoformat("2024-09-09T02:00:00+08:00")
    assert rules.last_night(after) == datetime.fromisoformat("2024-09-10T02:00:00+08:00")
