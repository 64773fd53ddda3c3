"""OP-14: data folder and database hold the same id; what was moved is found, what was copied or lost is refused."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import bonds, ground, places  # the runner lives beside its commands
from _runner.places import Data
from _runner.say import Stop

ROOT_USER, SOMEBODY = 0, 1000


@pytest.fixture(params=[ROOT_USER, SOMEBODY], ids=["root", "somebody"])
def user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    monkeypatch.setattr(os, "geteuid", lambda: request.param)
    monkeypatch.setattr(places, "ROOT_STORE", tmp_path / "store")
    monkeypatch.delenv("VAULT_KEYS", raising=False)
    return int(request.param)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)
    monkeypatch.setattr(places, "ROOT_STORE", tmp_path / "store")
    monkeypatch.delenv("VAULT_KEYS", raising=False)
    return tmp_path / "store"


def begin(data: Data) -> None:
    """What a start does before PostgreSQL runs."""
    data.secrets()
    bonds.tie(data)
    data.cluster_home.mkdir(parents=True, exist_ok=True)
    bonds.hold(data)


def stood(folder: Path, word: str = "rows") -> Data:
    """A folder whose portal stood once, with a cluster that says whose it is."""
    data = Data.at(folder)
    begin(data)
    make_cluster(data.cluster_home, word)
    (data.log / "postgres.log").touch()
    (data.folder / "portal.json").write_text("{}")
    return data


def make_cluster(home: Path, word: str) -> None:
    (home / "cluster").mkdir(parents=True)
    (home / "cluster" / "rows").write_text(word)


def rows(data: Data) -> str:
    return (data.cluster_home / "cluster" / "rows").read_text()


def put_file(data: Data) -> Path:
    path = data.folder / "files" / "store" / "ab" / "cd" / "abcd"
    path.parent.mkdir(parents=True)
    path.write_text("sealed")
    return path


def test_a_folder_that_moved_finds_its_database(user: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stood(tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "second")
    moved = Data.at(tmp_path / "second")
    begin(moved)
    assert rows(moved) == "rows"
    assert f"estaban en «{tmp_path / 'first'}»" in capsys.readouterr().out
    (tmp_path / "second").rename(tmp_path / "first")
    begin(Data.at(tmp_path / "first"))
    assert rows(Data.at(tmp_path / "first")) == "rows"


def test_a_copy_beside_its_original_is_refused_with_its_cure(user: int, tmp_path: Path) -> None:
    original = stood(tmp_path / "original")
    shutil.copytree(original.folder, tmp_path / "copy")
    copy = Data.at(tmp_path / "copy")
    with pytest.raises(Stop, match=r"es copia de «.*original».*--data '.*original'.*--fresh --data '.*copy'"):
        begin(copy)
    begin(original)
    shutil.rmtree(original.folder)  # the cure: the copy is the only one left
    begin(copy)
    assert rows(copy) == "rows"


def test_whichever_of_two_started_last_is_the_original(user: int, tmp_path: Path) -> None:
    stood(tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "second")
    begin(Data.at(tmp_path / "second"))
    shutil.copytree(tmp_path / "second", tmp_path / "first")  # back where it was, as a copy
    with pytest.raises(Stop, match="es copia de «.*second»"):
        begin(Data.at(tmp_path / "first"))


def test_a_folder_by_another_name_is_no_copy(user: int, tmp_path: Path) -> None:
    stood(tmp_path / "data")
    (tmp_path / "name").symlink_to(tmp_path / "data")
    begin(Data.at(tmp_path / "name"))


def test_fresh_on_a_copy_leaves_the_original_its_database(user: int, tmp_path: Path) -> None:
    original = stood(tmp_path / "original")
    shutil.copytree(original.folder, tmp_path / "copy")
    copy = Data.at(tmp_path / "copy")
    copy.wipe()
    begin(copy)
    assert copy.bond["id"] != original.bond["id"]
    assert rows(original) == "rows"
    assert not (copy.cluster_home / "cluster").exists()


def test_fresh_on_ones_own_folder_removes_its_database(user: int, tmp_path: Path) -> None:
    data = stood(tmp_path / "data")
    home = data.cluster_home
    data.wipe()
    assert not home.exists()
    assert data.bond == {}


@pytest.mark.parametrize("trace", ["run", "files"])
def test_a_missing_database_is_refused_and_no_empty_one_takes_its_place(user: int, trace: str, tmp_path: Path) -> None:
    data = stood(tmp_path / "data")
    kept = put_file(data)
    shutil.rmtree(data.cluster_home)
    if trace == "files":
        (data.folder / "portal.json").unlink()
        (data.log / "postgres.log").unlink()
    with pytest.raises(Stop, match=r"Falta la base de datos.*No se tocó nada.*Restoring.*--fresh"):
        begin(data)
    assert not data.cluster_home.exists()
    assert kept.exists()


def test_files_without_keys_or_database_are_not_a_new_portal(user: int, tmp_path: Path) -> None:
    data = Data.at(tmp_path / "data")
    put_file(data)
    with pytest.raises(Stop, match=r"Falta «.*secrets.json»"):
        begin(data)
    assert not (data.folder / "secrets.json").exists()


def test_a_first_start_that_was_cut_short_goes_on(user: int, tmp_path: Path) -> None:
    data = Data.at(tmp_path / "data")
    data.secrets()
    bonds.tie(data)  # killed here
    own = data.bond["id"]
    begin(data)  # killed while initdb works: no cluster yet
    begin(data)
    assert data.bond["id"] == own


def test_a_backup_is_restored_into_a_folder_that_holds_its_keys_only(user: int, tmp_path: Path) -> None:
    data = stood(tmp_path / "old")
    (tmp_path / "new").mkdir()
    shutil.copy2(data.folder / "secrets.json", tmp_path / "new")
    new = Data.at(tmp_path / "new")
    begin(new)
    assert new.bond["id"] != data.bond["id"]
    assert new.secrets() == data.secrets()


# --- folders of before: as root the cluster was found by a hash of the path -----------------------------------------


def of_before(folder: Path) -> Data:
    data = Data.at(folder)
    data.secrets()
    make_cluster(data.old_home, "of before")
    (data.log / "postgres.log").touch()
    return data


def test_a_folder_of_before_is_taken_over_once_and_may_move_from_then_on(root: Path, tmp_path: Path) -> None:
    data = of_before(tmp_path / "data")
    begin(data)
    assert rows(data) == "of before"
    assert [one.name for one in root.iterdir()] == [data.bond["id"]]
    data.folder.rename(tmp_path / "elsewhere")
    begin(Data.at(tmp_path / "elsewhere"))
    assert rows(Data.at(tmp_path / "elsewhere")) == "of before"
    again = Data.at(tmp_path / "data")  # a new folder where it was begins anew
    begin(again)
    assert not (again.cluster_home / "cluster").exists()
    assert rows(Data.at(tmp_path / "elsewhere")) == "of before"


def test_taking_over_goes_on_where_it_was_cut_off(root: Path, tmp_path: Path) -> None:
    data = of_before(tmp_path / "data")
    bonds.identify(data)  # killed before the rename
    begin(data)
    assert rows(data) == "of before"
    assert "was" not in data.bond
    other = of_before(tmp_path / "other")
    known = bonds.identify(other)
    (root / known["was"]).rename(root / known["id"])  # killed after it
    begin(other)
    assert rows(other) == "of before"


def test_a_folder_of_before_that_moved_is_refused_and_says_to_put_it_back(root: Path, tmp_path: Path) -> None:
    data = of_before(tmp_path / "data")
    data.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(Stop, match=r"Falta la base de datos.*regrésala ahí y arráncala una vez"):
        begin(Data.at(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    begin(data)
    assert rows(data) == "of before"


def test_inside_the_folder_a_cluster_of_before_gets_an_id(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)
    data = Data.at(tmp_path / "data")
    data.secrets()
    make_cluster(data.cluster_home, "of before")
    begin(data)
    own = data.bond["id"]
    (data.folder / "database.json").unlink()
    begin(data)
    assert data.bond["id"] == own  # told by the cluster


# --- the database's own word ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "asked"), [("", 2), ("a comment of its owner", 2), ("own", 1)])
def test_a_database_that_bears_no_id_gets_the_folders(stored: str, asked: int, tmp_path: Path) -> None:
    data = Data.at(tmp_path / "data")
    own = f"cauce:{bonds.identify(data)['id']}"
    said: list[str] = []

    def ask(statement: str) -> str:
        said.append(statement)
        return own if stored == "own" else stored

    bonds.mark(data, ask)
    assert len(said) == asked
    assert asked == 1 or own in said[1]


def test_a_database_that_bears_another_id_is_refused(tmp_path: Path) -> None:
    data = Data.at(tmp_path / "data")
    bonds.identify(data)
    with pytest.raises(Stop, match=r"es de otra carpeta de datos.*No se tocó nada.*--data"):
        bonds.mark(data, lambda statement: "cauce:0123456789abcdef")


def test_only_an_empty_folder_that_never_stood_is_marked_as_a_first_start(user: int, tmp_path: Path) -> None:
    mark = Path("files") / "first-start"
    new, used = Data.at(tmp_path / "new"), stood(tmp_path / "used")
    restored = Data.at(tmp_path / "restored")
    put_file(restored)
    for data in (new, used, restored):
        ground.mark_first(data)
    assert [(data.folder / mark).exists() for data in (new, used, restored)] == [True, False, False]
    ground.remember(new, {"BASE_URL": "http://localhost:8000", "DEMO": "false"})
    assert not (new.folder / mark).exists()
