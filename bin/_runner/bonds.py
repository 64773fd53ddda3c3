"""Which database is whose: the data folder and its database hold the same id, and neither begins without the other.

The folder has it in `database.json`; the cluster in the name of its folder (as root), in `holder.json` beside it with
the path of the folder that uses it, and as the comment of the database itself. So a folder that moved finds its
cluster, and a copy beside its original is not taken for it.
"""

import os
from collections.abc import Callable
from secrets import token_hex

from . import places
from .places import Data, read_json, write_private
from .say import Stop, say


def tie(data: Data) -> None:
    """Find or make the folder's id and its place for a cluster, before anything of PostgreSQL starts."""
    used = data.has_run or data.has_files
    if used and not data.bond and not (data.cluster_home / "cluster").exists():
        raise Stop(_missing(data))  # before it gets an id: put back where it was, it is still taken over
    known = identify(data)
    _refuse_copy(data)
    _bring_old(data, known)
    if used and not (data.cluster_home / "cluster").exists():
        raise Stop(_missing(data))


def hold(data: Data) -> None:
    """Write beside the cluster which folder uses it; says so when the folder moved."""
    path, here = data.cluster_home / "holder.json", str(data.folder.resolve())
    before = read_json(path).get("folder", here)
    if before != here:
        say(f"Los datos estaban en «{before}» y ahora están en «{here}»; su base de datos es la misma.")
    write_private(path, {"id": data.bond["id"], "folder": here})


def mark(data: Data, ask: Callable[[str], str]) -> None:
    """Hold the id of the database against the folder's; one that bears none yet gets it. `ask` runs a statement."""
    own = f"cauce:{data.bond['id']}"
    stored = ask("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
    if stored.startswith("cauce:") and stored != own:
        raise Stop(
            f"La base de datos es de otra carpeta de datos, no de «{data.folder}». No se tocó nada. Usa la carpeta con "
            "que se creó (--data), o pon en su lugar la base de esta."
        )
    if stored != own:
        ask(f"SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), '{own}')\\gexec")


def identify(data: Data) -> dict[str, str]:
    """The folder's id, made when it has none. A folder of before is taken over once, by its path."""
    if data.bond:
        return data.bond
    known = {"id": read_json(data.cluster_home / "holder.json").get("id") or token_hex(16)}
    if os.geteuid() == 0 and data.has_run and (data.old_home / "cluster").exists():
        known["was"] = data.old_home.name
    write_private(data.folder / "database.json", known)
    return known


def _bring_old(data: Data, known: dict[str, str]) -> None:
    """Finish taking over: the cluster gets the id's name. Cut off at any point, the next start goes on."""
    if "was" not in known:
        return
    old, new = places.ROOT_STORE / known["was"], places.ROOT_STORE / known["id"]
    if not new.exists() and old.exists():
        old.rename(new)
    write_private(data.folder / "database.json", {"id": known["id"]})


def _refuse_copy(data: Data) -> None:
    if (original := data.original) is not None:
        raise Stop(
            f"«{data.folder}» es copia de «{original}», que sigue ahí: una base de datos no puede ser de las dos. "
            f"Usa aquella (--data '{original}'). Si la buena es esta, quita o renombra aquella y corre lo mismo. "
            f"Para que esta empiece vacía: bin/up --fresh --data '{data.folder}'."
        )


def _missing(data: Data) -> str:
    used = "ya se usó" if data.has_run else "tiene archivos"
    place = data.cluster_home if data.bond or os.geteuid() != 0 else places.ROOT_STORE
    moved = "" if data.bond else " Si la carpeta estaba en otra ruta, regrésala ahí y arráncala una vez; luego muévela."
    return (
        f"Falta la base de datos de «{data.folder}» (en «{place}»), y la carpeta {used}. No se tocó nada.{moved} "
        "Si la base se perdió, restaura el respaldo en una carpeta nueva: docs/operations.md, «Restoring». "
        "Para empezar de cero y borrar los archivos: --fresh."
    )
