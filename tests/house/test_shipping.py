"""What the image and compose.yaml promise: no root, little that can be written, secrets as files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def office_service() -> dict[str, Any]:
    compose = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    service: dict[str, Any] = compose["services"]["office"]
    return service


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]
    owned = re.findall(r"install -d -o huizhi.*", DOCKERFILE)
    assert owned == ["install -d -o huizhi -g huizhi -m 0750 /office/state /office/交换"]


def test_the_image_installs_by_hash_and_leaves_pip_behind() -> None:
    assert "--require-hashes --no-deps" in DOCKERFILE
    assert "venv --without-pip" in DOCKERFILE
    assert DOCKERFILE.count("FROM ${BASE_IMAGE}") == 2


def test_the_image_says_how_it_is() -> None:
    assert re.search(r'^HEALTHCHECK .*CMD \["huizhi", "health"\]$', DOCKERFILE, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE


def test_compose_gives_the_daemon_no_more_than_it_needs() -> None:
    service = office_service()
    assert service["init"] is True
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_grace_period"] == "30s"
    assert "ports" not in service
    assert service["mem_limit"]
    assert service["pids_limit"]


def test_compose_binds_what_staff_own_and_names_what_is_ours() -> None:
    places = re.compile(r"^(?P<from>.+):/office/(?P<to>[^:]+)(?::(?P<mode>ro))?$")
    found = [places.fullmatch(volume) for volume in office_service()["volumes"]]
    volumes = {each["to"]: (each["from"], each["mode"]) for each in found if each}
    assert set(volumes) == {"state", "config", "mailbox_rules", "templates", "交换"}
    assert volumes["state"] == ("state", None)
    assert volumes["config"][1] == volumes["mailbox_rules"][1] == "ro"
    assert volumes["交换"][1] is None


def test_no_secret_stands_in_compose() -> None:
    service = office_service()
    assert service["secrets"]
    for name in service.get("environment", {}):
        assert not re.search(r"PASS|SECRET|TOKEN", name) or name.endswith("_FILE")
