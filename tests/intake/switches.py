"""Every rule of the program that decides a case, and the way to switch it off.

A rule is a named function or table of one module; what stands in its place does what a program without the
rule would do. Rules kept as data by staff (mailbox_rules/) are switched off by cutting their row instead.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.doors.envelope import links
from service.doors.envelope.reports import Report
from service.doors.smtp.code_table import CODE_TABLE
from service.incoming.match.items import counted
from service.incoming.match.portions import Owned
from service.office.letter import Flag
from service.office.matter import Group
from tests.intake import test_a_mailbox as a
from tests.intake import test_b_identity as b
from tests.intake import test_c_automatic as c
from tests.intake import test_d_decoding as d
from tests.intake import test_e_wrappers as e
from tests.intake import test_f_content as f
from tests.intake import test_g_trust as g
from tests.intake import test_h_bounces as h
from tests.intake import test_j_parsing as j
from tests.intake import test_k_complaints as k
from tests.intake.counter import Counter
from tests.stories.prescription import new_mail, summary
from tests.stories.sample_office import DATONG, DATONG_AT, SHUOZHOU

NEVER = re.compile(r"(?!)")
NEVER_BYTES = re.compile(rb"(?!)")
ENVELOPE = "service.doors.envelope"
MATCH = "service.incoming.match"
SORT = "service.incoming.sort"


@dataclass(frozen=True)
class Switch:
    """A rule, what is put in the place of it, and the case that must go red."""

    rule: str
    off: Mapping[str, object]  # dotted name → what stands there instead
    case: Callable[..., None]
    args: Mapping[str, Any] = field(default_factory=dict)


def nothing(*args: object, **more: object) -> tuple[()]:
    """A rule that finds nothing."""
    return ()


def empty(*args: object, **more: object) -> str:
    """A rule that says nothing."""
    return ""


def no(*args: object, **more: object) -> bool:
    """A rule that never holds."""
    return False


def yes(*args: object, **more: object) -> bool:
    """A rule that always holds."""
    return True


def done(*args: object, **more: object) -> None:
    """A rule that does nothing."""


def first(value: Any, *args: object, **more: object) -> Any:
    """A rule that changes nothing."""
    return value


def utf8(data: bytes, label: str = "") -> str:
    """What a program that believes in UTF-8 alone would read."""
    return data.decode("utf-8", "replace")


def without(provider: str) -> Callable[[str], str]:
    """The list of providers without one of them."""
    known = links._provider

    def found(url: str) -> str:
        return "" if known(url) == provider else known(url)

    return found


_numbers = itertools.count()


def unlike_any(*args: object) -> str:
    """An identity that no two copies share."""
    return f"{next(_numbers):064d}"


def inline_as_declared(collector: object, node: Any, data: bytes) -> tuple[Flag, ...]:
    """What a program that believes Content-Disposition would do."""
    return (Flag.INLINE,) if node.disposition == "inline" else ()


def as_answered(client: Any, start: int, end: int | None) -> list[int]:
    """The server's answer to SEARCH, believed."""
    return sorted(set(client.search(["UID", f"{start}:{end or '*'}"])))


def guessed_in_turn(facts: Any, reads: Any, *args: Any) -> tuple[Any, ...]:
    """The files of a letter given out in turn to the units that it names."""
    units = (DATONG, SHUOZHOU)
    return tuple(
        Owned(part, units[number % 2], Group.NAME, "猜测") for number, part in enumerate(counted(facts.parts))
    )


def a_mistyped_code_is_named(counter: Counter) -> None:
    """A slip of the finger is told to the clerk who looks; it is no numbered case of its own."""
    code = counter.office.code(DATONG)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    raw = new_mail(
        counter.office, DATONG_AT, f"[{wrong}] 总结", "见附件。", files=[summary(name="总结.docx")]
    )
    letter = counter.take(raw)
    assert "抄错" in letter.outcome


SWITCHES: tuple[Switch, ...] = (
    Switch(
        "ID after login",
        {"imapclient.IMAPClient.id_": done},
        a.test_case_01_a_server_that_wants_an_introduction_gets_one,
    ),
    Switch(
        "IDLE only where offered",
        {"imapclient.IMAPClient.has_capability": yes},
        a.test_case_02_without_idle_the_box_is_polled_and_idle_never_sent,
    ),
    Switch(
        "IDLE renewed in time",
        {"service.doors.imap.idling.IDLE_SECONDS_MAX": 3600.0},
        a.test_case_03_idle_wakes_within_seconds_and_is_renewed,
    ),
    Switch(
        "UIDs filtered here",
        {"service.doors.imap.reading.searched": as_answered},
        a.test_case_07_the_last_letter_named_again_is_not_taken_twice,
    ),
    Switch(
        "SEARCH not believed",
        {"service.doors.imap.reading.searched": as_answered},
        a.test_case_08_a_search_that_lies_changes_nothing,
        {"how": "ignores"},
    ),
    Switch(
        "one row a content",
        {f"{ENVELOPE}.reading.Reading._identity": unlike_any},
        a.test_case_09_a_new_uidvalidity_is_a_rescan_without_doubles,
    ),
    Switch(
        "pause after a refused login",
        {"service.doors.imap.restraint.LoginRestraint.refuse": done},
        a.test_case_12_a_dead_credential_is_one_alarm_and_no_hammering,
    ),
    Switch(
        "identity by content",
        {f"{ENVELOPE}.reading.Reading._identity": lambda self, *_: self._sha256},
        b.test_case_15_the_same_letter_by_another_route_is_one,
    ),
    Switch(
        "ids learned from Sent",
        {"service.outgoing.send.stage.Send.read_sent": done},
        b.test_case_16_an_id_learned_from_sent_is_matched,
    ),
    Switch(
        "witness: thread",
        {f"{MATCH}.witnesses._threads": lambda *_: []},
        b.test_case_17_the_code_below_stacked_prefixes_is_enough_without_a_thread,
    ),
    Switch(
        "witness: sender",
        {f"{MATCH}.witnesses._senders": lambda *_: []},
        b.test_case_18_the_sender_alone_is_a_proposal_that_staff_confirm,
    ),
    Switch(
        "a what and a who",
        {f"{MATCH}.judge._thin": empty},
        b.test_case_18_the_sender_alone_is_a_proposal_that_staff_confirm,
    ),
    Switch(
        "no contradiction",
        {f"{MATCH}.judge._contradiction": empty},
        b.test_case_19_one_units_code_from_another_units_address_goes_to_neither,
    ),
    Switch(
        "witness: form",
        {f"{MATCH}.witnesses._forms": lambda *_: []},
        b.test_case_20_a_body_on_no_roster_hands_in_a_work_of_its_own,
    ),
    Switch(
        "third parties",
        {f"{MATCH}.form_names.is_open_item": no},
        b.test_case_20_a_body_on_no_roster_hands_in_a_work_of_its_own,
    ),
    Switch(
        "witness: name",
        {f"{MATCH}.witnesses._names": lambda *_: []},
        b.test_case_21_a_colleague_forwards_it_and_the_sender_is_on_record,
    ),
    Switch("odd codes", {f"{MATCH}.stage.odd_codes": nothing}, a_mistyped_code_is_named),
    Switch(
        "weak signals together",
        {f"{SORT}.judging.automatic_reasons": nothing},
        c.test_case_23_out_of_office_of_outlook,
        {"headers": [("X-Auto-Response-Suppress", "All"), ("Return-Path", "<>")]},
    ),
    Switch("delayed is not failed", {f"{SORT}.judging.is_delay": no}, c.test_case_24_delayed_is_not_failed),
    Switch(
        "delivery reports",
        {f"{ENVELOPE}.reading.read_report": lambda *_: Report()},
        c.test_case_25_a_bounce_of_qq_names_its_address_in_prose_only,
    ),
    Switch(
        "reports without a report part",
        {f"{ENVELOPE}.reading.read_report": lambda *_: Report()},
        c.test_case_26_a_bounce_of_coremail_in_plain_gbk,
    ),
    Switch(
        "our own copy",
        {f"{SORT}.judging._own": empty},
        c.test_case_30_our_own_copy_is_ignored,
        {"how": "its own address"},
    ),
    Switch(
        "the brake",
        {"service.incoming.acknowledge.Acknowledge._brake": empty},
        c.test_case_31_two_robots_are_stopped_by_the_brake,
    ),
    Switch(
        "raw headers guessed", {f"{ENVELOPE}.heads.guess": utf8}, d.test_case_32_raw_gbk_in_subject_and_from
    ),
    Switch(
        "gb2312 means gb18030",
        {f"{ENVELOPE}.reading.decode": utf8},
        d.test_case_33_labelled_gb2312_but_more_than_that,
        {"words": "朱镕基题词与李喆"},
    ),
    Switch(
        "odd labels",
        {f"{ENVELOPE}.reading.decode": utf8},
        d.test_case_34_an_odd_label_still_reads,
        {"label": "x-gbk"},
    ),
    Switch(
        "names guessed",
        {f"{ENVELOPE}.heads.guess": utf8},
        d.test_case_35_one_name_in_every_spelling,
        {"form": "raw-gbk"},
    ),
    Switch(
        "percent-written names",
        {f"{ENVELOPE}.heads._PERCENT": NEVER},
        d.test_case_35_one_name_in_every_spelling,
        {"form": "percent"},
    ),
    Switch(
        "safe names",
        {f"{ENVELOPE}.collect.safe_name": lambda name, fallback: name or fallback},
        d.test_case_36_a_hostile_name_is_stored_safely_and_kept_as_sent,
        {"as_sent": "CON.docx", "stored": "_CON.docx"},
    ),
    *(
        Switch(
            f"links of {name}",
            {f"{ENVELOPE}.links._provider": without(links._provider(e.LINKS[name][1]))},
            e.test_case_38_a_large_file_that_came_as_a_link,
            {"provider": name},
        )
        for name in e.LINKS
    ),
    Switch(
        "expiry of links",
        {f"{ENVELOPE}.links._expiry": done},
        e.test_case_38_a_large_file_that_came_as_a_link,
        {"provider": "qq"},
    ),
    Switch("drives", {f"{ENVELOPE}.links._provider": without("baidu")}, e.test_case_39_a_drive_with_its_code),
    Switch(
        "attached letters",
        {f"{ENVELOPE}.reading.Reading._attached_letter": done},
        e.test_case_41_an_attached_mail_gives_its_form_once,
    ),
    Switch("archives opened", {f"{ENVELOPE}.collect.UNPACKED": set()}, e.test_case_42_a_zip_with_gbk_names),
    Switch(
        "GBK names in zips",
        {f"{ENVELOPE}.archives._zip_name": lambda info: info.filename},
        e.test_case_42_a_zip_with_gbk_names,
    ),
    Switch(
        "depth of archives",
        {f"{ENVELOPE}.collect.ARCHIVE_DEPTH_MAX": 99},
        e.test_case_42_deeper_than_that_is_kept_and_said,
    ),
    Switch("zip bombs", {f"{ENVELOPE}.archives.promise": done}, e.test_case_42_a_bomb_is_refused),
    Switch(
        "dangerous files held",
        {"service.incoming.check.stage.DANGEROUS": frozenset()},
        e.test_case_43_dangerous_files_are_quarantined_and_the_return_waits,
        {"kind": "vba"},
    ),
    Switch(
        "programs by content",
        {f"{ENVELOPE}.sniff._EXECUTABLE_TYPES": set()},
        e.test_case_43_dangerous_files_are_quarantined_and_the_return_waits,
        {"kind": "exe"},
    ),
    Switch(
        "workbooks by content",
        {f"{ENVELOPE}.sniff._OPEN_XML": ()},
        e.test_case_44_every_kind_of_file_is_kept_under_its_true_type,
        {"ending": "xlsx"},
    ),
    Switch(
        "old Office by content",
        {f"{ENVELOPE}.sniff._OLE": ()},
        e.test_case_44_every_kind_of_file_is_kept_under_its_true_type,
        {"ending": "doc"},
    ),
    Switch(
        "a summary in the body",
        {f"{MATCH}.items.BODY_CHARACTERS_AT_LEAST": 1_000_000},
        f.test_case_45_a_summary_that_stands_only_in_the_body,
    ),
    Switch(
        "quotations cut",
        {f"{ENVELOPE}.reading.own_words": first},
        f.test_case_45_a_summary_that_stands_only_in_the_body,
    ),
    Switch(
        "our blank form, by its bytes and its emptiness",
        {f"{MATCH}.stage._mark_ours": first, f"{MATCH}.items.filled": lambda *_: 9},
        f.test_case_46_our_own_blank_form_is_no_return,
        {"words": ""},
    ),
    Switch("HTML read", {f"{ENVELOPE}.reading.to_text": empty}, f.test_case_47_only_html_is_read),
    Switch(
        "logos by size",
        {f"{ENVELOPE}.collect.is_decoration": no},
        f.test_case_48_logos_are_no_pictures_of_the_summary,
    ),
    Switch(
        "logos by name",
        {f"{MATCH}.stage._mark_logo": first},
        f.test_case_48_a_signature_picture_that_is_attached_is_none_either,
    ),
    Switch(
        "entries known by title",
        {"service.incoming.file._entry": lambda title, brought, item, known: len(known) + 1},
        f.test_case_51_a_corrected_form_keeps_its_entry,
    ),
    Switch(
        "senders disbelieved",
        {f"{MATCH}.replay.is_refuted": no},
        g.test_case_52_a_sender_our_own_provider_disbelieves_is_held,
        {"said": "spf=fail; dkim=none; dmarc=fail"},
    ),
    Switch(
        "what a refusal means",
        {"service.doors.smtp.verdicts.CODE_TABLE": CODE_TABLE[-1:]},
        g.test_case_54_554_spm_opens_the_breaker,
    ),
    Switch(
        "words of refusals", {f"{SORT}.bounces.PHRASES": ()}, h.test_case_57_judged_as_spam_retires_no_address
    ),
    Switch(
        "ids that reports name",
        {f"{ENVELOPE}.reports.returned_ids": nothing},
        h.test_case_59_coremails_id_without_brackets_ties_it_to_our_notice,
    ),
    Switch(
        "the part header's charset",
        {f"{ENVELOPE}.reading.decode": utf8},
        h.test_case_61_the_part_header_wins_over_the_pages_own_word,
    ),
    Switch(
        "Chinese words of refusals",
        {f"{SORT}.bounces.PHRASES": ()},
        h.test_case_65_temporary_soft_and_hard,
        {"reason": "550 Ip frequency limited", "wanted": "soft", "is_gone": False},
    ),
    Switch(
        "unknown charsets",
        {f"{ENVELOPE}.reading.decode": lambda data, label="": data.decode(label or "utf-8")},
        j.test_case_75_a_charset_python_does_not_know,
        {"label": "x-martian"},
    ),
    Switch(
        "uuencode",
        {f"{ENVELOPE}.reading._UU_BLOCK": NEVER_BYTES},
        j.test_case_76_a_uuencoded_file_in_the_text,
    ),
    Switch(
        "boundaries guessed",
        {f"{ENVELOPE}.structure._GUESSED_BOUNDARY": NEVER_BYTES},
        j.test_case_77_every_readable_file_of_a_broken_letter_is_kept,
        {"how": "wrong boundary"},
    ),
    Switch("Big5", {f"{ENVELOPE}.charset._big5": done}, j.test_case_79_big5, {"label": ""}),
    Switch(
        "raw names",
        {f"{ENVELOPE}.heads.guess": utf8},
        j.test_case_82_raw_names_in_the_idioms_of_programs,
        {"program": "foxmail", "codec": "gbk"},
    ),
    Switch(
        "letters of several units",
        {f"{MATCH}.stage.portions": nothing},
        k.test_case_84_one_mail_for_several_units_is_split_by_item,
    ),
    Switch(
        "every file surely one unit's",
        {f"{MATCH}.portions._owned": guessed_in_turn},
        k.test_case_84_what_does_not_say_whose_it_is_is_filed_under_none_by_guess,
    ),
    Switch(
        "checks of a form",
        {"service.incoming.check.stage.check_fields": nothing},
        k.test_case_85_a_later_worse_version_does_not_replace_the_good_one,
    ),
    Switch(
        "inline is attached",
        {f"{ENVELOPE}.collect.Collector._inline": inline_as_declared},
        k.test_case_89_a_required_file_marked_inline_is_an_attachment,
    ),
    Switch(
        "密级 in a document",
        {f"{MATCH}.stage._with_file_words": first},
        k.test_case_90_a_mark_of_secrecy_is_refused_and_staff_are_told,
        {"where": "document"},
    ),
    Switch(
        "paths in names",
        {f"{ENVELOPE}.collect.safe_name": lambda name, fallback: name or fallback},
        k.test_case_91_a_path_in_a_file_name_leads_nowhere,
        {"name": "../../etc/宣传周总结.docx"},
    ),
    Switch(
        "the whole text",
        {f"{ENVELOPE}.reading.Reading._whole": lambda self, own: own},
        k.test_case_93_a_forwarded_letter_with_form_and_summary_is_read_whole,
    ),
)
