"""预览 — documents laid out by LibreOffice with fonts that come near, in a profile that is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.sax.saxutils import escape

from service.office.outcome import DoorError

SOFFICE = ("soffice", "libreoffice")
PDFTOPPM = "pdftoppm"
# Starting takes a second or two; a busy machine and a long document take many more.
SECONDS_AT_FIRST = 60
SECONDS_A_DOCUMENT = 20
DOCUMENTS_AT_ONCE = 40  # handed to one process, which holds them all
DOCUMENTS_MAX = 400
PAGES_MAX = 60
OUTPUT_BYTES_MAX = 200 * 2**20
PICTURE_SECONDS_MAX = 120

# No free font has the names that official paper uses; the first that is installed stands in for each.
_STAND_INS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("仿宋_GB2312",): (
        "仿宋_GB2312",
        "FangSong_GB2312",
        "FangSong",
        "Zhuque Fangsong",
        "FandolFang R",
        "AR PL SungtiL GB",
        "Noto Serif CJK SC",
    ),
    ("仿宋", "FangSong"): ("FangSong", "FandolFang R", "AR PL SungtiL GB", "Noto Serif CJK SC"),
    ("楷体_GB2312", "楷体", "KaiTi"): ("KaiTi", "AR PL KaitiM GB", "LXGW WenKai", "Noto Serif CJK SC"),
    ("黑体", "SimHei"): ("SimHei", "Noto Sans CJK SC"),
    ("方正小标宋简体", "方正小标宋_GBK", "宋体", "SimSun"): ("方正小标宋简体", "SimSun", "Noto Serif CJK SC"),
}
# Macros never run, links are never followed, and whatever asks the network is sent where nobody listens.
_PROFILE = {
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel"): "3",
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution"): "true",
    ("/org.openoffice.Office.Writer/Content/Update", "Link"): "0",
    ("/org.openoffice.Inet/Settings", "ooInetProxyType"): "2",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName"): "127.0.0.1",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort"): "9",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName"): "127.0.0.1",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort"): "9",
}


class PreviewDoor:
    """Implements office/needs/preview.py with this machine's programs; `path` is where they are sought."""

    def __init__(self, path: str | None = None, *, picture_seconds_max: float = PICTURE_SECONDS_MAX) -> None:
        self._path = path
        self._picture_seconds_max = picture_seconds_max

    def pdf(self, documents: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Every document as PDF under the same name; those that cannot be laid out are missing."""
        program = self._program(SOFFICE, "LibreOffice（soffice）", "libreoffice-writer-nogui fonts-noto-cjk")
        if len(documents) > DOCUMENTS_MAX:
            raise DoorError(f"一次最多预览 {DOCUMENTS_MAX} 个文件，现在有 {len(documents)} 个。", again=False)
        found: dict[str, bytes] = {}
        names = list(documents)
        with _workshop() as place:
            _write_profile(place)
            for start in range(0, len(names), DOCUMENTS_AT_ONCE):
                some = names[start : start + DOCUMENTS_AT_ONCE]
                found |= _convert(program, place, {name: documents[name] for name in some})
        return found

    def pages(self, pdf: bytes, dots_per_inch: int) -> Sequence[bytes]:
        """The first pages of a PDF as PNG."""
        program = self._program((PDFTOPPM,), "pdftoppm", "poppler-utils")
        with _workshop() as place:
            (place / "in.pdf").write_bytes(pdf)
            order = [program, "-png", "-r", str(dots_per_inch), "-l", str(PAGES_MAX), "in.pdf", "page"]
            _run(order, place, self._picture_seconds_max, os.environ)
            # pdftoppm pads the numbers to one width, so that names sort as pages do.
            return [_read(each) for each in sorted(place.glob("page-*.png"))]

    def _program(self, names: Sequence[str], called: str, package: str) -> str:
        for name in names:
            if found := shutil.which(name, path=self._path):
                return found
        say = f"没有安装 {called}，不能预览：请安装（Debian/Ubuntu：sudo apt install {package}）"
        raise DoorError(f"{say}，或把文件拿到有 Word、WPS 的电脑上打开看。", again=False)


@contextmanager
def _workshop() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="huizhi-preview-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _convert(program: str, place: Path, documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """One process for all of them; under plain names, since theirs may hold anything."""
    ins, outs = place / "in", place / "out"
    for folder in (ins, outs):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    plain = {name: f"{number:04}{Path(name).suffix.lower()}" for number, name in enumerate(documents, 1)}
    for name, data in documents.items():
        (ins / plain[name]).write_bytes(data)
    order = [
        program,
        f"-env:UserInstallation={(place / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
        *("--convert-to", "pdf:writer_pdf_Export", "--outdir", str(outs)),
        *(str(ins / each) for each in plain.values()),
    ]
    environment = {
        **os.environ,
        "HOME": str(place),
        "FONTCONFIG_FILE": str(place / "fonts.conf"),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    _run(order, place, SECONDS_AT_FIRST + SECONDS_A_DOCUMENT * len(documents), environment)
    made = {name: outs / f"{Path(each).stem}.pdf" for name, each in plain.items()}
    return {name: _read(path) for name, path in made.items() if path.is_file()}


def _run(order: Sequence[str], place: Path, seconds: float, environment: Mapping[str, str]) -> None:
    """Run a program in a group of its own, so that ending it ends what it began as well."""
    try:
        process = subprocess.Popen(
            order,
            cwd=place,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise DoorError(
            f"{Path(order[0]).name} 不能启动：{error.strerror or error}。", again=False
        ) from error
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        say = f"{Path(order[0]).name} 超过 {seconds:g} 秒没有完成，已停止；请少选几个文件再试。"
        raise DoorError(say, again=True) from error
    finally:
        # Also when a person breaks off: soffice is a script whose program would live on.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _read(path: Path) -> bytes:
    if path.stat().st_size > OUTPUT_BYTES_MAX:
        raise DoorError(f"预览文件超过 {OUTPUT_BYTES_MAX // 2**20} MB，没有取用。", again=False)
    return path.read_bytes()


def _write_profile(place: Path) -> None:
    """The profile and the fonts of this run alone; nothing on the machine is changed."""
    user = place / "profile" / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for (path, name), value in _PROFILE.items()
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )
    (place / "fonts.conf").write_text(fonts_conf(place / "fonts"), encoding="utf-8")


def fonts_conf(cache: Path) -> str:
    """A fontconfig file: our stand-ins first, then whatever the machine says."""
    rows = []
    for families, stand_ins in _STAND_INS.items():
        prefer = "".join(f"<family>{escape(each)}</family>" for each in stand_ins)
        for family in families:
            rows.append(
                f'<alias binding="same"><family>{escape(family)}</family><prefer>{prefer}</prefer></alias>'
            )
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        + "\n".join(rows)
        + '\n<include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        + f"<cachedir>{escape(str(cache))}</cachedir>\n</fontconfig>\n"
    )
