"""Release by mail: the signer's own 同意 with the code releases once; anything else releases nothing."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import Message

import pytest

from service.office.assent import ApprovalState
from service.office.dispatch import DispatchKind
from service.office.letter import Stage
from service.outgoing.proof import Proofed
from tests.stories.story import CAMPAIGN, CLERK, DONG, DONG_AT, OFFICE, SIGNER, Story

SIGNER_AT, CLERK_AT = "signer@jia.example", "clerk@jia.example"


def ask(story: Story) -> str:
    """Proof and send to the signer; the code as it stands in the mail."""
    proofed = proof(story)
    asked = story.office.ask_signer.ask(proofed.pack, SIGNER, CLERK, story.now)
    assert asked.is_done, asked.say
    story.work()
    return code_of(story)


def proof(story: Story) -> Proofed:
    drafted = story.office.draft.whole(CAMPAIGN, story.now)
    return story.office.proof.check(CAMPAIGN, story.now, drafted.problems)


def code_of(story: Story, rcpt: str = SIGNER_AT) -> str:
    found = re.findall(r"签发码：(\d{4}-\d{4})", text_of(question(story, rcpt)))
    assert len(found) == 1
    return str(found[0])


def question(story: Story, rcpt: str = SIGNER_AT) -> Message:
    asked = [each for each in mails(story, rcpt) if "【送签】" in str(each["Subject"])]
    return asked[-1]


def mails(story: Story, rcpt: str) -> list[Message]:
    return [message_from_bytes(each.mime, policy=policy.default) for each in story.mails(rcpt)]


def text_of(mail: Message) -> str:
    part = next(each for each in mail.walk() if each.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def say(story: Story, text: str, sender: str = SIGNER_AT, headers: tuple[tuple[str, str], ...] = ()) -> None:
    story.reply(sender, text, to=question(story), headers=headers)
    story.work()


def notices(story: Story) -> int:
    return sum(1 for each in story.ledger.dispatches(CAMPAIGN, kinds=(DispatchKind.NOTICE,)))


def state(story: Story) -> ApprovalState:
    return story.ledger.approvals(CAMPAIGN)[-1].state


def outcome(story: Story) -> str:
    return story.letters()[-1].outcome


def last_subject(story: Story, rcpt: str) -> str:
    return str(mails(story, rcpt)[-1]["Subject"])


def nothing_released(story: Story) -> None:
    assert story.ledger.release(CAMPAIGN) is None
    assert notices(story) == 0
    assert story.mails(DONG_AT) == []


def test_the_signer_gets_the_proof_the_sample_and_a_code(story: Story) -> None:
    code = ask(story)
    mail = question(story)
    text = text_of(mail)
    draft = story.ledger.draft(CAMPAIGN)
    assert draft is not None
    assert draft.digest[:12] in text and "4 个单位，共 5 封" in text and "活动总结" in text
    names = [str(part.get_filename()) for part in mail.walk() if part.get_filename()]
    assert "校样.html" in names and "关于报送质量月活动材料的通知.docx" in names
    assert any(name.startswith(f"样张 {DONG}") for name in names)
    # Nobody who reads the ledger learns the code.
    row = story.ledger.approvals(CAMPAIGN)[0]
    assert code.replace("-", "") not in repr(row)
    assert all(code.replace("-", "") not in repr(each) for each in story.ledger.events(campaign=CAMPAIGN))


@pytest.mark.parametrize(
    "text",
    [
        "同意 {code}",
        "同意　{wide}",
        "{code} 同意",
        "同意签发。\n{bare}\n",
        "您好，同意，谢谢！{code}\n\n签发人甲\n甲市市场监督管理局认证处处长\n电话：0351-7000000\n发自我的iPhone",
    ],
)
def test_a_yes_releases_once(story: Story, text: str) -> None:
    code = ask(story)
    wide = code.translate({ord(str(digit)): ord("０") + digit for digit in range(10)})
    say(story, text.format(code=code, wide=wide, bare=code.replace("-", "")))
    release = story.ledger.release(CAMPAIGN)
    assert release is not None and release.signer == SIGNER
    assert notices(story) == 5 and len(story.mails(DONG_AT)) == 1
    assert state(story) is ApprovalState.AGREED
    letter = story.letters()[-1]
    assert letter.stage is Stage.NOTED and letter.campaign is None and "已签发" in letter.outcome
    # One word each to signer and clerk.
    assert last_subject(story, SIGNER_AT).startswith("【已签发】")
    assert last_subject(story, CLERK_AT).startswith("【已签发】")
    assert len(story.mails(SIGNER_AT)) == 2 and len(story.mails(CLERK_AT)) == 1
    agreed = story.ledger.events(campaign=CAMPAIGN, kind="approval-agreed")
    assert [(each.actor, each.letter) for each in agreed] == [(SIGNER, letter.id)]
    assert story.office.report.board(CAMPAIGN, story.now).unassigned_letters == 0


def test_a_no_says_why_and_releases_nothing(story: Story) -> None:
    code = ask(story)
    say(story, f"退回 {code}\n截止日期改到十月中旬，另请核对西城区的联系人。")
    nothing_released(story)
    assert state(story) is ApprovalState.RETURNED
    letter = story.letters()[-1]
    assert letter.stage is Stage.ASKED and "截止日期改到十月中旬" in letter.outcome
    assert last_subject(story, CLERK_AT).startswith("【已退回】")
    assert "截止日期改到十月中旬" in text_of(mails(story, CLERK_AT)[-1])
    # What was returned cannot be agreed to with the same code.
    say(story, f"同意 {code}")
    nothing_released(story)


@pytest.mark.parametrize(
    "text",
    [
        "同意 {code}，但请把西城区的邮箱改一下",
        "同意 {code}\n请先发给东城区看看",
        "同意 {code}\n退回 {code}",
        "原则同意 {code}",
        "同意 {code}？",
        "同意 {code}\n附件二的日期是否有误",
    ],
)
def test_a_yes_with_something_added_goes_to_the_clerk(story: Story, text: str) -> None:
    code = ask(story)
    say(story, text.format(code=code))
    nothing_released(story)
    assert state(story) is ApprovalState.PENDING
    assert story.letters()[-1].stage is Stage.ASKED
    assert last_subject(story, SIGNER_AT).startswith("【没有签发】")
    # A clear word afterwards still counts.
    say(story, f"同意 {code}")
    assert notices(story) == 5


def test_only_what_the_signer_typed_counts(story: Story) -> None:
    code = ask(story)
    say(story, "收到，我看一下")  # the code stands in the quotation only
    nothing_released(story)
    say(story, "同意")
    nothing_released(story)
    assert "没有写对签发码" in outcome(story) and code not in outcome(story)


def test_somebody_elses_address_counts_for_nothing(story: Story) -> None:
    code = ask(story)
    say(story, f"同意 {code}", sender="wang@jia.example")
    nothing_released(story)
    assert state(story) is ApprovalState.PENDING
    assert "不是签发人" in outcome(story) and story.letters()[-1].stage is Stage.ASKED
    # Nobody answers a stranger.
    assert story.mails("wang@jia.example") == []


def test_a_forwarded_copy_counts_for_nothing(story: Story) -> None:
    ask(story)
    text = "请张处知悉。\n\n---------- 转发邮件 ----------\n" + text_of(question(story))
    story.reply("zhang@jia.example", text, as_new=True, subject="转发：【送签】")
    story.work()
    nothing_released(story)
    assert story.letters()[-1].stage is Stage.ASKED


def test_a_failed_test_of_the_sender_needs_a_person(story: Story) -> None:
    code = ask(story)
    failed = ("Authentication-Results", "mx.jia.example; spf=fail smtp.mailfrom=x@evil.example; dkim=none")
    say(story, f"同意 {code}", headers=(failed,))
    nothing_released(story)
    assert "没有通过发件人验证" in outcome(story) and state(story) is ApprovalState.PENDING
    passed = (
        "Authentication-Results",
        "mx.jia.example; spf=pass smtp.mailfrom=signer@jia.example; dkim=none",
    )
    say(story, f"同意  {code}", headers=(passed,))
    assert notices(story) == 5


def test_a_wrong_code_releases_nothing_and_five_void_it(story: Story) -> None:
    code = ask(story)
    for number in range(5):
        assert state(story) is ApprovalState.PENDING
        say(story, f"同意 1234-000{number}")
        nothing_released(story)
    assert state(story) is ApprovalState.VOID
    say(story, f"同意 {code}")
    nothing_released(story)


def test_a_code_is_used_once(story: Story) -> None:
    code = ask(story)
    say(story, f"同意 {code}")
    assert notices(story) == 5
    accepted = len(story.world.accepted)
    say(story, f"同意：{code}")
    assert notices(story) == 5 and story.ledger.events(campaign=CAMPAIGN, kind="released")[1:] == ()
    assert "没有再作处理" in outcome(story)
    assert len(story.world.accepted) == accepted + 2  # told, both of them
    assert len(story.mails(DONG_AT)) == 1


def test_a_change_in_between_voids_it_and_is_told(story: Story) -> None:
    code = ask(story)
    path = story.folder / "config" / "units.csv"
    path.write_text(path.read_text().replace("nancheng@post.example", "ncjg@post.example"))
    say(story, f"同意 {code}")
    nothing_released(story)
    assert state(story) is ApprovalState.VOID
    said = text_of(mails(story, SIGNER_AT)[-1])
    assert "南城区市场监督管理局 邮箱 nancheng@post.example → ncjg@post.example" in said
    assert said == text_of(mails(story, CLERK_AT)[-1])
    assert last_subject(story, CLERK_AT).startswith("【没有签发】")


def test_a_newer_proof_supersedes_the_older_question(story: Story) -> None:
    first = ask(story)
    second = ask_again(story)
    assert first != second
    story.reply(SIGNER_AT, f"同意 {first}", to=mails(story, SIGNER_AT)[0])
    story.work()
    nothing_released(story)
    say(story, f"同意 {second}")
    assert notices(story) == 5


def ask_again(story: Story) -> str:
    story.clock.set(story.now.replace(minute=30))
    asked = story.office.ask_signer.ask(proof(story).pack, SIGNER, CLERK, story.now)
    assert asked.is_done
    story.work()
    return code_of(story)


def test_an_automatic_reply_that_quotes_the_code_is_no_answer(story: Story) -> None:
    code = ask(story)
    story.reply(
        SIGNER_AT,
        f"同意 {code}",
        to=question(story),
        headers=(("Auto-Submitted", "auto-replied"),),
        subject="自动回复：【送签】",
    )
    story.work()
    nothing_released(story)
    assert story.letters()[-1].stage is Stage.IGNORED and state(story) is ApprovalState.PENDING


def test_a_code_expires(story: Story) -> None:
    code = ask(story)
    story.until("2024-08-23 18:00")  # asked on Tuesday; three working days
    say(story, f"同意 {code}")
    nothing_released(story)
    assert state(story) is ApprovalState.VOID and "过期" in outcome(story)


def test_a_release_on_the_command_line_ends_the_question(story: Story) -> None:
    code = ask(story)
    draft = story.ledger.draft(CAMPAIGN)
    assert draft is not None
    done = story.office.release.sign(
        CAMPAIGN, SIGNER, draft.digest, draft.inputs_sha256, story.now, really=True
    )
    assert done.is_done
    story.work()
    say(story, f"同意 {code}")
    assert notices(story) == 5 and len(story.mails(DONG_AT)) == 1
    assert state(story) is ApprovalState.SUPERSEDED


def test_a_signer_who_uses_the_offices_own_mailbox(story: Story) -> None:
    config = story.folder / "config" / "office.yaml"
    config.write_text(config.read_text().replace(SIGNER_AT, OFFICE))
    story.restart()
    proofed = proof(story)
    assert story.office.ask_signer.ask(proofed.pack, SIGNER, CLERK, story.now).is_done
    story.work()
    # Our own copy lies in the same mailbox, with the code in it; another server may have cut our header.
    own = story.mails(OFFICE)[0].mime
    story.world.deliver(own, story.now)
    cut = re.sub(rb"X-Huizhi-Dispatch: [^\r\n]*\r\n", b"", own)
    story.world.deliver(cut.replace(b"Auto-Submitted: auto-generated\r\n", b""), story.now)
    story.work()
    nothing_released(story)
    code = code_of(story, OFFICE)
    story.reply(OFFICE, f"同意 {code}", to=question(story, OFFICE))
    story.work()
    assert notices(story) == 5


def test_a_signer_is_asked_only_about_a_clean_proof_and_only_a_signer(story: Story) -> None:
    proofed = proof(story)
    assert "不是签发人" in story.office.ask_signer.ask(proofed.pack, CLERK, CLERK, story.now).say
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    path.write_text(path.read_text().replace("on: 2024-09-28, carries_over: true", "on: 2024-09-28"))
    faulty = proof(story)
    assert "还有错误" in story.office.ask_signer.ask(faulty.pack, SIGNER, CLERK, story.now).say
    story.work()
    assert story.world.accepted == []
