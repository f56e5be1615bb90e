"""An office over the checkout's own config: the Shanxi sample campaign, forty units, copied per case."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

from service.doors.staff_files import StaffFilesDoor
from service.office.docket import Docket
from tests.fakes import PlainWorkbook, World
from tests.stories.story import ROOT, Story, at

SHANXI = "shanxi-2024-quality-weeks"
SPRING = "shanxi-2024-spring"  # an earlier campaign of the same units, still open
SIGNER = "郝清源"
CLERK = "乔雁北"
OFFICE = "rzc@mail.example"

DATONG, DATONG_AT = "大同市市场监督管理局", "rzjg@datong-scjg.example"
SHUOZHOU, SHUOZHOU_AT = "朔州市市场监督管理局", "rzjg@shuozhou-scjg.example"
TAIYUAN, TAIYUAN_AT = "太原市市场监督管理局", "rzjg@taiyuan-scjg.example"
TAIYUAN_LUO_AT = "luost@taiyuan-scjg.example"
JINZHONG, JINZHONG_AT = "晋中市市场监督管理局", "rzjg@jinzhong-scjg.example"
YUNCHENG, YUNCHENG_AT = "运城市市场监督管理局", "rzjg@yuncheng-scjg.example"
ZONE, ZONE_AT = "山西转型综改示范区市场监督管理局", "panxh@zgq-scjg.example"
YUHE, YUHE_AT = "大同御河计量检测有限公司", "zlb@yuhe.example"
JINZHI, JINZHI_AT = "山西晋质认证有限公司", "rz@jinzhi.example"
# One person answers for three.
THREE_AT = "chaihd@sanjia-jc.example"
PINGSHUI, YANHU, HEFEN = (
    "临汾平水检验检测有限公司",
    "运城盐湖化工检测有限公司",
    "山西河汾特种设备检测有限公司",
)


def sample_folder(folder: Path) -> Path:
    """The checkout's config and rules with the Shanxi campaign, and a spring campaign made after it."""
    folder.mkdir(parents=True)
    for name in ("config", "mailbox_rules", "templates/letters", f"templates/{SHANXI}"):
        shutil.copytree(ROOT / name, folder / name)
    spring = folder / "templates" / SPRING
    shutil.copytree(ROOT / "templates" / SHANXI, spring)
    # Its page alone says what it is; the twin would go on saying what the other campaign is.
    (spring / "活动.xlsx").unlink()
    text = (spring / "campaign.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("关于开展2024年度质量认证系列宣传周活动的通知", "关于做好2024年世界认可日宣传工作的通知"),
        ("有机产品认证宣传周、服务认证体验周、绿色产品认证与标识宣传周", "认可日主题宣传"),
        ("〔2024〕209号", "〔2024〕88号"),
        ("signed_on: 2024-08-20", "signed_on: 2024-05-20"),
        ("on: 2024-08-28", "on: 2024-10-16"),
        ("on: 2024-09-28", "on: 2024-10-18"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (spring / "campaign.yaml").write_text(text, encoding="utf-8")
    return folder


@dataclass
class SampleOffice(Story):
    """The same process, its questions put to the sample campaign."""

    def sign(self, campaign: str) -> None:
        """Draft, proof and sign one campaign."""
        drafted = self.office.draft.whole(campaign, self.now)
        assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
        proofed = self.office.proof.check(campaign, self.now, drafted.problems)
        assert proofed.may_be_signed, [each.sentence() for each in proofed.problems]
        signed = self.office.release.sign(
            campaign, SIGNER, proofed.digest, drafted.inputs_sha256, self.now, really=True
        )
        assert signed.is_done, signed.say

    def notice_of(self, unit: str, campaign: str = SHANXI) -> Message:
        """The notice that a unit received."""
        code = self.code(unit, campaign)
        for each in self.world.accepted:
            mail = message_from_bytes(each.mime, policy=policy.default)
            if str(mail["Subject"]).startswith(f"[{code}]"):
                return mail
        raise AssertionError(f"no notice to {unit}")

    def code(self, unit: str, campaign: str = SHANXI) -> str:
        """The unit's code in a campaign."""
        standing = self.ledger.standing(campaign, unit)
        assert standing is not None, unit
        return standing.code

    def blank(self, unit: str, campaign: str = SHANXI) -> bytes:
        """The blank form that a unit received."""
        for part in self.notice_of(unit, campaign).walk():
            if "登记表" in str(part.get_filename() or ""):
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                return payload
        raise AssertionError(f"no form in the notice to {unit}")

    def public_form(self) -> bytes:
        """The blank form for bodies that are on no roster."""
        return next(
            data
            for path, data in self.world.exchange.items()
            if "公开版" in path and "登记表" in path and SHANXI in path
        )

    def row(self, unit: str, item: str, campaign: str = SHANXI) -> Docket | None:
        """A docket's row, where there is one."""
        return self.ledger.docket(campaign, unit, item)

    def absent(self, campaign: str = SHANXI) -> set[str]:
        """谁没报总结."""
        return {each.unit for each in self.ledger.dockets(campaign, item="summary") if each.is_missing}

    def arrive(self, raw: bytes, folder: str = "INBOX") -> None:
        """A letter is delivered now."""
        self.world.deliver(raw, self.now, folder)


@dataclass(frozen=True)
class Released:
    """A released office at rest, to be copied: its folder, its database file and its world."""

    folder: Path
    database: Path
    world: World
    staff_files: StaffFilesDoor  # read once: two hundred offices share one folder

    def copy(self, place: Path, now: str = "2024-08-20 10:00") -> SampleOffice:
        """An office of its own, one hour after the notices went out."""
        place.mkdir(parents=True, exist_ok=True)
        database = place / "ledger.db"
        shutil.copy(self.database, database)
        office = SampleOffice(
            self.folder,
            f"sqlite:///{database}",
            _copied(self.world),
            workbook=PlainWorkbook(),
            staff_files=self.staff_files,
        )
        office.clock.set(at(now))
        return office


def release_once(place: Path, *, with_spring: bool = False) -> Released:
    """Release the sample campaign (and the spring one before it) and stop the office."""
    folder = sample_folder(place / "office")
    database = place / "ledger.db"
    office = SampleOffice(folder, f"sqlite:///{database}")
    if with_spring:
        office.sign(SPRING)
    office.sign(SHANXI)
    office.work()
    office.stop()
    return Released(folder, database, office.world, StaffFilesDoor(folder))


def _copied(world: World) -> World:
    return replace(
        world,
        archive=dict(world.archive),
        accepted=list(world.accepted),
        boxes={folder: list(box) for folder, box in world.boxes.items()},
        uidvalidity=dict(world.uidvalidity),
        exchange=dict(world.exchange),
        handed=list(world.handed),
        refusals=dict(world.refusals),
        begun=list(world.begun),
        delivered_as=dict(world.delivered_as),
    )


def subject_of(mail: Message) -> str:
    """A mail's subject without its code."""
    return re.sub(r"^\[[0-9A-Z-]{9}\] ", "", str(mail["Subject"]))
