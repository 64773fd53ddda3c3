"""How banks call themselves on paper, and which other bank's paper may bear a CLABE's prefix. Pure (domain 2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal import identifiers
from portal.proofs.printed import is_movement, plain

HEADER = 600
"""Letters at the top of the paper that say whose it is; what stands lower tells where money went."""
# How banks call themselves on paper when it is not their SPEI name.
ALIASES: dict[str, tuple[str, ...]] = {
    "002": ("banamex", "citibanamex", "banco nacional de mexico"),
    "006": ("bancomext", "banco nacional de comercio exterior"),
    "009": ("banobras", "banco nacional de obras"),
    "012": ("bbva", "bancomer"),
    "014": ("santander",),
    "019": ("banjercito", "banco nacional del ejercito"),
    "030": ("banbajio", "banco del bajio", "bajio"),
    "036": ("inbursa",),
    "044": ("scotiabank",),
    "058": ("banregio", "hey banco"),
    "072": ("banorte", "ixe", "banco mercantil del norte"),
    "110": ("jp morgan", "j p morgan"),
    "112": ("bmonex", "monex"),
    "113": ("ve por mas", "bx"),
    "127": ("azteca",),
    "128": ("autofin", "kapital"),
    "130": ("compartamos",),
    "132": ("multiva",),
    "135": ("nafin", "nacional financiera"),
    "136": ("intercam",),
    "137": ("bancoppel",),
    "138": ("uala", "abc capital"),
    "141": ("volkswagen bank", "volkswagen"),
    "145": ("bbase", "banco base", "grupo financiero base"),
    "150": ("inmobiliario", "banco inmobiliario mexicano"),
    "154": ("covalto", "finterra"),
    "158": ("mizuho",),
    "160": ("banco s3", "s3 caceis"),
    "166": ("babien", "banco del bienestar", "bansefi"),
    "167": ("hey banco", "hey"),
    "168": ("sociedad hipotecaria federal", "hipotecaria fed"),
    "600": ("monex casa de bolsa", "monexcb"),
    "630": ("intercam casa de bolsa", "cb intercam"),
    "638": ("nu mexico", "nu bank", "nubank", "nu"),
    "646": ("stp", "sistema de transferencias y pagos"),
    "647": ("telecomm", "financiera para el bienestar", "finabien"),
    "677": ("caja popular mexicana",),
    "706": ("arcus", "arcus fi", "arcus financial"),
    "722": ("mercado pago",),
    "728": ("spin by oxxo", "spin"),
}
# Names that are also towns, streets, verbs or things: a bank only where something beside them says so.
ORDINARY = frozenset(
    (
        "afirme, albo, arcus, arcus fi, azteca, b b, bajio, barclays, bx, ci bolsa, cls, compartamos, cristobal colon,"
        " cuenca, donde, evercore, famsa, fomped, fondeadora, fondo fira, forjadores, hey, indeval, ing, inmobiliario,"
        " interacciones, kapital, klar, libertad, masari, nu, order, pagatodo, profuturo, progreso, reforma,"
        " sabadell, skandia, spin, sterling, su casita, swap, tiber, transfer, transfer directo, ubs bank,"
        " unagra, unica, value, vector, volkswagen, zurich"
    ).split(", ")
)
_NEAR = 60  # letters before and after a name
_BEFORE = re.compile(
    r"\b(?:banco|banca|bank|casa de bolsa|caja|cajas|grupo financiero|institucion financiera|financiera|fintech|sofipo"
    r"|sofom|cuenta|tarjeta|app|fundacion|operadora|seguros|afore)(?: (?:de|del|la|el))? $"
)
_AFTER = re.compile(
    r" (?:s ?a ?p ?i|s ?a|s ?c|sociedad|banco|banca|bank|bursatil|casa de bolsa|grupo financiero|institucion"
    r"|servicios financieros|soluciones|tecnologia(?:s)? financiera|financiera|financial|sofipo|sofom|ifpe|i f p e"
    r"|mexico s ?a|com mx|com)(?![a-z0-9])"
)
_STREET = re.compile(
    r"\b(?:calles?|c|avenida|av|avda|ave|paseo|calz|calzada|blvd|boulevard|bulevar|prol|prolongacion|col|colonia|fracc"
    r"|fraccionamiento|plaza|plazuela|cerrada|cda|privada|priv|andador|circuito|cto|callejon|edificio|edif|torre|mpio"
    r"|municipio|ciudad|cd|delegacion|alcaldia|suc|sucursal|eje|camino|carretera|glorieta|barrio|unidad)"
    r"(?: (?:de|del|la|las|el|los))* $"
)
# Merged or renamed: whose paper a CLABE of before bears today. Accounts keep their prefix.
SUCCESSORS: dict[str, tuple[str, ...]] = {
    "002": ("124",),  # corporate accounts went to Citi México when Banamex was parted from it
    "032": ("072",),
    "037": ("072",),
    "134": ("036",),
    "167": ("058",),
    "058": ("167",),
    "600": ("112",),
    "608": ("616",),
    "614": ("002",),
    "621": ("133",),
    "622": ("133",),
    "630": ("136",),
    "136": ("128",),
    "640": ("110",),
}
# Participants of SPEI that open accounts under their prefix for wallets and applications of others.
HOSTS = frozenset("646 653 659 684 699 703 706 710 720 727 728 729 730 732 734 738".split())
FIRST_NON_BANK = "600"


def lines_of(text: str) -> list[str]:
    """The plain lines of a text that hold anything."""
    return [line for raw in text.splitlines() if (line := plain(raw))]


def heading(text: str) -> list[str]:
    """The plain lines at the top of the paper, without those of movements."""
    kept, letters = [], 0
    for line in lines_of(text):
        if letters > HEADER:
            break
        letters += len(line) + 1
        if not is_movement(line):
            kept.append(line)
    return kept


def named(lines: Iterable[str]) -> list[str]:
    """Three-digit codes of the banks that plain lines name, in the order of the table."""
    joined = "\n".join(lines)
    return [code for code in identifiers.BANKS if _is_named(joined, code)]


def names(lines: Iterable[str], codes: Iterable[str]) -> str:
    """The first of these banks that the lines name, "" when none."""
    joined = "\n".join(lines)
    return next((code for code in codes if _is_named(joined, code)), "")


def family(code: str) -> tuple[str, ...]:
    """Banks whose paper a CLABE of this one may bear because they took it over, the nearest first."""
    found: list[str] = []
    for one in (code, *SUCCESSORS.get(code, ())):
        found += [heir for heir in SUCCESSORS.get(one, ()) if heir != code and heir not in found]
    return tuple(found)


def is_hosted(code: str, other: str) -> bool:
    """Whether the other institution may live on this prefix: a wallet or application on a participant's CLABEs."""
    return code in HOSTS and other >= FIRST_NON_BANK


def _is_named(joined: str, code: str) -> bool:
    bank = identifiers.BANKS.get(code)
    return any(_stands(joined, name) for name in ALIASES.get(code) or ((plain(bank.name),) if bank else ()))


def _stands(joined: str, name: str) -> bool:
    """Not behind a word of streets; an ordinary word only alone in its line or beside a word of banks."""
    if name not in joined:  # a long paper has a hundred thousand letters, and none of most of these names
        return False
    for found in re.finditer(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", joined):
        before, after = joined[max(0, found.start() - _NEAR) : found.start()], joined[found.end() : found.end() + _NEAR]
        mark = _BEFORE.search(before)
        if _STREET.search(before[: mark.start()] if mark else before):
            continue
        if name not in ORDINARY or mark or _AFTER.match(after) or _is_line(before, after):
            return True
    return False


def _is_line(before: str, after: str) -> bool:
    return before[-1:] in {"", "\n"} and re.match(r"(?: mexico)?(?:\n|$)", after) is not None
