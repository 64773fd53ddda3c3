"""Dependencies, locks, containers and documents agree with each other and with the code."""

from __future__ import annotations

import re
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import commands  # noqa: E402 - the runner lives beside its commands

PROJECT = (ROOT / "pyproject.toml").read_text()
PARSED = tomllib.loads(PROJECT)
LOCKS = {
    "requirements.lock": PARSED["project"]["dependencies"],
    "requirements-dev.lock": [*PARSED["project"]["dependencies"], *PARSED["dependency-groups"]["dev"]],
}


def _locked(name: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.M)
    return {canonicalize_name(package): version for package, version in found}


def test_every_dependency_has_its_reason_beside_it() -> None:
    block = PROJECT.partition("dependencies = [")[2].partition("\n]")[0]
    lines = [line.strip() for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lines) == len(PARSED["project"]["dependencies"])
    assert [line for line in lines if not re.search(r'",\s+# \w.{9,}', line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_the_project_asks_for(lock: str) -> None:
    versions = _locked(lock)
    wrong = []
    for line in LOCKS[lock]:
        wanted = Requirement(line)
        version = versions.get(canonicalize_name(wanted.name))
        if version is None or not wanted.specifier.contains(Version(version), prereleases=True):
            wrong.append(f"{line}: {version}")
    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_no_package_that_nobody_asked_for(lock: str) -> None:
    asked = {canonicalize_name(Requirement(line).name) for line in LOCKS[lock]}
    text = (ROOT / lock).read_text()
    direct = set()
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if re.search(r"cauce \(pyproject\.toml", block):
            direct.add(canonicalize_name(re.split(r"[=\[ ]", block, maxsplit=1)[0]))
    assert direct == asked


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|file:|--index-url|--extra-index-url|--find-links|--trusted-host", text)
    blocks = [block for block in re.split(r"\n(?=[A-Za-z0-9])", text) if re.match(r"[A-Za-z0-9._-]+==", block)]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_dev_lock_holds_the_runtime_lock_whole() -> None:
    runtime, dev = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_python_of_commands_project_and_container_agree() -> None:
    assert PARSED["project"]["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= sys.version_info[:2] < (3, 14)" in (ROOT / "bin/_python.sh").read_text()
    image = re.search(r"^FROM python:3\.(\d+)-slim", (ROOT / "Dockerfile").read_text(), re.M)
    assert image is not None
    assert 11 <= int(image[1]) <= 13


# --- containers --------------------------------------------------------------------------------------------------


def _compose() -> dict:
    import yaml

    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_runs_the_processes_of_bin_up() -> None:
    services = _compose()["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker", "beat"}
    assert " ".join(["manage.py", *commands.collect_static()]) in services["migrate"]["command"][-1]
    assert services["web"]["command"] == ["python", *commands.web("0.0.0.0:8000")]
    assert services["worker"]["command"] == ["python", *commands.worker()]
    assert services["beat"]["command"] == ["python", *commands.beat("/data/beat-schedule")]


def test_compose_gives_only_variables_that_the_settings_know() -> None:
    from config.settings import VARIABLES

    services = _compose()["services"]
    given = set()
    for name in ("migrate", "web", "worker", "beat"):
        given |= set(services[name]["environment"])
    assert given <= set(VARIABLES)
    assert set(VARIABLES) - given == {"DEMO", "DEBUG", "ADMIN_ENABLED", "TRUST_DIR"}, (
        "said on purpose or left out on purpose"
    )


def test_compose_keeps_no_secret_and_opens_one_port() -> None:
    services = _compose()["services"]
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in ("SECRET_KEY", "VAULT_KEYS", "AUDIT_KEY", "OWNER_PASSWORD", "APP_PASSWORD", "VALKEY_PASSWORD"):
        assert re.search(rf"\$\{{{secret}:\?", text), (
            f"{secret} must come from outside, with a sentence when it is absent"
        )
    assert [name for name, one in services.items() if "ports" in one] == ["web"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_container_installs_from_the_lock_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER cauce$", text, re.M)
    assert "ENTRYPOINT" not in text


# --- documents ---------------------------------------------------------------------------------------------------


def test_operations_names_every_variable_and_command() -> None:
    from config.settings import VARIABLES

    text = (ROOT / "docs/operations.md").read_text()
    assert [name for name in VARIABLES if f"`{name}`" not in text] == []
    made = sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file() and "." not in path.name)
    assert [name for name in made if f"bin/{name}" not in text] == []


def test_build_machine_runs_check_and_test_and_nothing_else() -> None:
    lines = [
        line for line in (ROOT / ".ci/run").read_text().splitlines() if "bin/" in line and not line.startswith("#!")
    ]
    assert lines == ['"$here/bin/check"', '"$here/bin/test"']
