"""The runner's parts, each by itself: locks, secrets, recognising a process, ports, Valkey's leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.factories.threads import LONG
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import ground, places, postgres, processes  # the runner lives beside its commands
from _runner.say import Stop


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_data_folder_is_private_and_its_secrets_are_made_once(tmp_path: Path) -> None:
    data = places.Data.at(tmp_path / "with space" / "data")
    first = data.secrets()
    assert data.secrets() == first
    assert (data.folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert data.folder.stat().st_mode & 0o777 == 0o700
    assert len(set(first.values())) == len(first)


def test_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Stop, match="ya tiene otras cosas"):
        places.Data.at(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where clusters lie when root runs them: outside of the folders of data."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "ROOT_STORE", tmp_path / "store")
    return tmp_path / "store"


def a_cluster(data: places.Data) -> Path:
    cluster = data.cluster_home / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18")
    return cluster


def test_a_new_copy_where_another_was_deleted_begins_anew_and_destroys_nothing(
    as_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = places.Data.at(tmp_path / "copy" / ".data")
    a_cluster(data)
    assert not data.lost_its_keys
    assert data.secrets() == data.secrets()
    assert not data.cluster_home.exists()
    (aside,) = as_root.iterdir()
    assert (aside / "cluster" / "PG_VERSION").read_text() == "18"
    assert str(aside) in capsys.readouterr().out


@pytest.mark.parametrize("trace", ["portal.json", "log/postgres.log"])
def test_a_folder_that_ran_and_lost_its_secrets_is_stopped_and_its_database_stays(
    as_root: Path, tmp_path: Path, trace: str
) -> None:
    data = places.Data.at(tmp_path / "data")
    cluster = a_cluster(data)
    (data.folder / trace).write_text("{}")
    assert data.lost_its_keys
    with pytest.raises(Stop, match=r"Falta «.*secrets.json»"):
        data.secrets()
    assert cluster.exists()
    assert not (data.folder / "secrets.json").exists()


def test_a_cluster_inside_the_folder_is_of_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    data = places.Data.at(tmp_path / "data")
    a_cluster(data)
    with pytest.raises(Stop, match="secrets.json"):
        data.secrets()


def test_fresh_start_removes_what_was_made_and_keeps_the_lock(tmp_path: Path) -> None:
    data = places.Data.at(tmp_path / "data")
    lock = places.Lock(data.run / "lock")
    assert lock.take()
    (data.folder / "files" / "a").write_text("x")
    before = data.secrets()
    data.wipe()
    assert not (data.folder / "files" / "a").exists()
    assert data.secrets() != before
    assert not places.Lock(data.run / "lock").take()
    lock.release()


def test_lock_has_one_holder_and_dies_with_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from _runner.places import Lock\n"
        "lock = Lock(Path(sys.argv[2])); print(lock.take(), flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(ROOT / "bin"), str(tmp_path / "lock")]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"True\n"
    lock = places.Lock(tmp_path / "lock")
    assert not lock.take()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert lock.take(wait=LONG)
    lock.release()


def test_process_is_recognised_by_id_and_start_time(sleeper: subprocess.Popen) -> None:
    seen = processes.started(sleeper.pid)
    assert seen
    assert processes.started(sleeper.pid) == seen
    sleeper.kill()
    sleeper.wait()
    assert processes.started(sleeper.pid) == ""


def test_leftover_of_an_earlier_run_is_ended(tmp_path: Path, sleeper: subprocess.Popen) -> None:
    data = places.Data.at(tmp_path / "data")
    record = {"web": {"pid": sleeper.pid, "started": processes.started(sleeper.pid), "signal": 15}}
    places.write_private(data.run / "processes.json", record)
    processes.stop_leftovers(data)
    assert sleeper.wait(LONG) == -15


def test_stranger_with_a_reused_id_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen) -> None:
    data = places.Data.at(tmp_path / "data")
    record = {"web": {"pid": sleeper.pid, "started": "another time", "signal": 15}}
    places.write_private(data.run / "processes.json", record)
    processes.stop_leftovers(data)
    assert sleeper.poll() is None


def test_postmaster_pid_of_a_stranger_is_stale(tmp_path: Path, sleeper: subprocess.Popen) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{sleeper.pid}\n{tmp_path}\n1000000000\n5432\n")
    postgres._clear_stale_lock(tmp_path)
    assert not lock.exists()
    assert sleeper.poll() is None


@pytest.mark.parametrize(
    ("etime", "seconds"), [("00:07", 7), ("12:34", 754), ("01:00:00", 3600), ("2-03:04:05", 183845), ("", None)]
)
def test_age_of_a_process_is_read_as_ps_writes_it(etime: str, seconds: float | None) -> None:
    assert postgres._seconds(etime) == seconds


def test_age_of_a_process_is_known_without_ps(sleeper: subprocess.Popen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare Debian has no procps."""
    if sys.platform == "linux":
        monkeypatch.setenv("PATH", "/nonexistent")
    age = postgres._age(sleeper.pid)
    assert age is not None
    assert 0 <= age < 30
    assert postgres._is_that_server(sleeper.pid, time.time() - age)
    assert not postgres._is_that_server(sleeper.pid, time.time() - age - 60)


def test_commands_beside_a_running_portal_see_its_environment_and_later_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ground.REMEMBERED:
        monkeypatch.delenv(name, raising=False)
    data = places.Data.at(tmp_path / "data")
    addresses = {"DATABASE_URL": "a", "DATABASE_OWNER_URL": "b", "REDIS_URL": "c"}
    assert ground.at_rest(data, addresses)["DEMO"] == "true"
    portal = ground.environment(data, addresses, base_url="https://portal.example.com", demo=False)
    portal["SECRET_KEY"] = "exported in the other terminal"
    ground.remember(data, portal)
    beside = ground.running(data)
    assert {name: beside[name] for name in portal if name in ground.REMEMBERED} == {
        name: portal[name] for name in portal if name in ground.REMEMBERED
    }
    (data.run / "environment.json").unlink()
    assert ground.running(data) == {}
    resting = ground.at_rest(data, addresses)
    assert (resting["BASE_URL"], resting["DEMO"]) == ("https://portal.example.com", "false")


def test_what_is_remembered_is_every_variable_but_those_of_one_command() -> None:
    from config.settings import VARIABLES

    assert set(VARIABLES) - set(ground.REMEMBERED) == {"DATABASE_AS_OWNER", "LOG_LEVEL"}
    assert set(ground.REMEMBERED) <= set(VARIABLES)


def test_database_of_somebody_else_is_no_demo_unless_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEMO", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgres://a@b/c")
    assert ground.at_rest(places.Data.at(tmp_path / "data"), {})["DEMO"] == "false"


FRONT = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from _runner.processes import in_front, stop_on_signals\n"
    "stop_on_signals()\n"
    "code = 'import signal, sys, time; signal.signal(signal.SIGTERM, lambda *a: sys.exit(7));'\n"
    "code += 'print(1, flush=True); time.sleep(60)'\n"
    "sys.exit(in_front([sys.executable, '-c', code], {}))\n"
)


def test_command_in_front_ends_in_its_own_way(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", FRONT, str(ROOT / "bin")], stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"1\n"
        runner.send_signal(signal.SIGINT)  # below a terminal the command got it itself
        time.sleep(0.3)
        assert runner.poll() is None
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(LONG) == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "mypi"), "No hay revisión que se llame mypi. Hay: mypy, "),
        (("up", "--data", "/proc/nothing"), "«/proc/nothing»"),
    ],
)
def test_mistake_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    command = [sys.executable, "-I", str(ROOT / "bin" / "cauce.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("✗ ")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_dead_child_is_started_again_after_a_pause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = places.Data.at(tmp_path / "data")
    family = processes.Family(data)
    child = family.add(
        processes.Child(
            name="web", command=["sleep", "60"], environment={"PATH": os.environ["PATH"]}, log=data.log / "web.log"
        )
    )
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    family.tend()
    assert not child.alive
    child.not_before = 0.001
    family.tend()
    assert child.alive
    assert "web terminó solo" in capsys.readouterr().out
    family.stop(patience=5)
    assert not child.alive


@pytest.mark.parametrize("command", ["up", "test", "check", "bench", "manage", "doctor"])
def test_command_is_plain_sh_that_hands_over(command: str) -> None:
    path = ROOT / "bin" / command
    text = path.read_text()
    assert os.access(path, os.X_OK)
    assert text.startswith("#!/bin/sh\n")
    assert text.rstrip().endswith(f'exec "$python" -I "$here/cauce.py" {command} "$@"')
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_runner_imports_only_the_standard_library() -> None:
    import ast

    foreign = set()
    for path in (ROOT / "bin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            foreign |= {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"_runner"}
    assert foreign == set()


def test_bench_tells_what_was_measured_and_marks_a_missed_limit() -> None:
    from _runner import bench

    goals = {"G18": ("≤", 1.5, 1.2), "AD-06": ("≥", 200.0, 200.0)}
    assert "1.90!" in bench._row("G18 entrar / argon2id a secas\t1.9000\t40.000\t21.000\n", goals)
    told = bench._row("AD-06 auditoría: registros por segundo\t800.0000\t0.000\t0.000\n", goals)
    assert "800.00" in told and "!" not in told
    assert bench._row("a warning of some library\n", goals) == ""


def test_the_page_of_performance_has_one_table_and_bench_writes_it_whole_or_not_at_all() -> None:
    from _runner import bench
    from _runner.say import Stop

    assert len(bench._TABLE.findall(bench.PAGE.read_text(encoding="utf-8"))) == 1
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop, match="entera"):
        patch.setattr(bench.install, "environment", lambda dev: None)
        patch.setattr(bench, "stop_on_signals", lambda: None)
        bench.run(["login", bench.WRITE])


def test_a_measure_that_fails_ends_bench_with_1_and_leaves_the_page_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from _runner import bench

    page, told, measured = tmp_path / "performance.md", list[int](), bench._measured
    for name, instead in (("PAGE", page), ("ROOT", tmp_path), ("stop_on_signals", lambda: None)):
        monkeypatch.setattr(bench, name, instead)
    monkeypatch.setattr(bench.install, "environment", lambda dev: None)
    monkeypatch.setattr(bench.ground, "throw_away", lambda: nullcontext({}))
    for fails in (True, False):
        page.write_text("```text\nbefore\n```\n", encoding="utf-8")
        code = r"print('G18 entrar\t1.5\t40\t21')" + r"; print('failed\torders\tslow'); raise SystemExit(1)" * fails
        command = [sys.executable, "-c", code]
        monkeypatch.setattr(
            bench, "_measured", lambda _, given, *, whole, run=command: measured(run, given, whole=whole)
        )
        told.append(bench.run([bench.WRITE]))
        assert ("before" in page.read_text(encoding="utf-8")) is fails
    assert told == [1, 0] and "G18 entrar" in page.read_text(encoding="utf-8")


def test_a_full_log_is_put_aside_while_its_process_goes_on_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 1000)
    family = processes.Family(places.Data.at(tmp_path / "data"))
    log = family.data.log / "web.log"
    code = "import sys\nfor line in sys.stdin: print(line.strip() * 100, flush=True)"
    with (
        log.open("ab") as out,
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=out, text=True) as writer,
    ):
        assert writer.stdin is not None
        family.children.append(processes.Child("web", [], {}, log, process=writer))  # type: ignore[arg-type]
        for number in range(8):
            writer.stdin.write(f"{number:020}\n")
            writer.stdin.flush()
            until = time.monotonic() + LONG
            while not log.read_text().endswith(f"{number}\n"):
                assert time.monotonic() < until
                time.sleep(0.01)
            family.tend()
            assert log.stat().st_size == 0
        writer.stdin.close()
    told = {path.name: path.read_text()[:20] for path in family.data.log.iterdir()}
    assert told == {"web.log": "", **{f"web.log.{number}": f"{8 - number:020}" for number in range(1, 6)}}


def test_a_log_that_is_not_full_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    processes.rotate(log)
    log.write_text("a line\n")
    processes.rotate(log)
    assert [path.name for path in tmp_path.iterdir()] == ["web.log"]


def test_what_a_whole_run_leaves_out_is_judged_by_the_check_and_the_build_machine_runs_both() -> None:
    from _runner import check
    from _runner.test import _command

    left_out = {word.removeprefix("--ignore=") for word in _command([]) if word.startswith("--ignore=")}
    judged = next(step.command for step in check._steps() if step.name == "conventions")
    assert left_out == {*check.conventions()} <= {*judged} and all((ROOT / path).is_file() for path in left_out)
    assert not [word for word in _command(["tests/access"]) if word.startswith("--ignore=")]
    build = (ROOT / ".ci" / "run").read_text()
    assert "bin/check" in build and "bin/test" in build
