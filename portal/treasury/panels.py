"""What treasury shows at the home of whoever is paid: their bank account, and what is missing for them to be paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.access import Permission, Workspace
from portal.treasury import selectors
from portal.treasury.selectors import MyAccount
from portal.work.registry import BEFORE_ALL, Filled, Panel, WorkItem

KIND = "treasury.account"


def account(user: Any, at: datetime) -> Filled:
    """The accounts that somebody manages, a line each, and the step that is missing in each of them."""
    held = selectors.uses_asked_for(user)
    if not held:
        return Filled()
    mine = selectors.accounts_in_short([(one.party_id, one.purpose.code) for one in held], at=at)
    steps = [_step(stands, one.page()) for one, stands in zip(held, mine, strict=True)]
    names = selectors.names_of(held) if len(held) > 1 else {}
    said = " ".join(_said(stands, names.get(one, "")) for one, stands in zip(held, mine, strict=True))
    return Filled([one for one in steps if one is not None], text=said, act=("Ver mi cuenta bancaria", held[0].page()))


def _said(mine: MyAccount, label: str) -> str:
    shown = mine.current or mine.under_way
    if shown is None:
        return f"{label}: sin cuenta bancaria." if label else "Sin cuenta bancaria registrada no podemos depositar."
    told = f"{shown.bank_name} •••• {shown.last4}. {selectors.standing(mine, mine.shown)[0]}."
    if mine.current is not None and mine.under_way is not None:
        stands = selectors.standing(mine, mine.under_way)[0]
        told += f" La nueva, {mine.under_way.bank_name} •••• {mine.under_way.last4}: {stands[0].lower()}{stands[1:]}."
    return f"{label}: {told}" if label else told


def _step(mine: MyAccount, page: str) -> WorkItem | None:
    """What its owner has to do, None while it is ours or done."""
    if selectors.returned_to(mine.under_way):
        assert mine.under_way is not None and mine.under_way.returned_at is not None  # `returned_to`
        said = "El banco devolvió tu pago. Mira por qué y qué hacer con tu cuenta bancaria."
        return WorkItem(KIND, said, "", mine.under_way.returned_at, page, act="Ver mi cuenta bancaria")
    if mine.to_submit:
        assert mine.under_way is not None  # `to_submit`
        said = "Falta enviar tu cuenta bancaria a revisión."
        return WorkItem(KIND, said, "", mine.under_way.captured_at, page, act="Enviar mi cuenta bancaria")
    if mine.current is None and mine.under_way is None:
        again = "Tu cuenta bancaria no quedó registrada. Mira el motivo y regístrala otra vez."
        said = again if mine.refused else "Registra la cuenta bancaria donde quieres recibir tus pagos."
        since = mine.refused.captured_at if mine.refused else BEFORE_ALL
        return WorkItem(KIND, said, "", since, page, act="Registrar mi cuenta bancaria")
    return None


_WHERE = (Workspace.PHYSICIAN, Workspace.INSURED)
PANELS = (Panel(KIND, "Cuenta bancaria", _WHERE, Permission.MANAGE_OWN_ACCOUNT, account, "", 30),)
