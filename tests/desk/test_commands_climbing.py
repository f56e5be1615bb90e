"""Commands of the ladder: phone, urge, circular, and what they refuse."""

from __future__ import annotations

from tests.desk.small_office import DONG, SIGNER, SmallOffice

AFTER = "2024-10-08T10:00"


def test_the_phone_sheet_is_written_where_staff_look(released: SmallOffice) -> None:
    told = released.ask("phone", "small", now=AFTER)
    assert told.exit_code == 0, told.output
    assert "已写出：交换/台账/small/催办电话表.xlsx" in told.stdout
    assert (released.folder / "交换" / "台账" / "small" / "催办电话表.xlsx").is_file()
    assert "要打电话的 0 个单位" in told.stdout, "no notice has gone out, so nobody has failed to answer it"


def test_nobody_is_urged_or_named_while_no_mailbox_has_been_read(released: SmallOffice) -> None:
    for words in (("urge", "small", "--reason", "逾期未报"), ("circular", "small")):
        told = released.ask(*words, now=AFTER)
        assert told.exit_code == 2
        assert "信箱还没有成功读取过，不能断定谁没报" in told.output
    assert not (released.folder / "交换" / "通报草稿").exists()


def test_urging_needs_a_reason_a_signer_and_a_proof(released: SmallOffice) -> None:
    assert "--reason" in released.ask("urge", "small", now=AFTER).output
    half = released.ask("urge", "small", "--reason", "逾期", "--by", SIGNER, now=AFTER)
    assert half.exit_code == 2 and "--digest" in half.output
    unknown = released.ask("urge", "small", "--reason", "逾期", "--unit", "没有这个单位", now=AFTER)
    assert unknown.exit_code == 2 and "没有这个单位" in unknown.output


def test_a_copy_that_nobody_printed_cannot_be_handed_over(released: SmallOffice) -> None:
    words = ("delivered", "small", DONG, "--copy", "--via", "oa", "--on", "2024-10-08", "--by", SIGNER)
    told = released.ask(*words, now=AFTER)
    assert told.exit_code == 2 and "没有要另行送达的抄送件" in told.output
