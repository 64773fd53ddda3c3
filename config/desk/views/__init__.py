"""The back office's own pages."""

from config.desk.views.persons import decide_grant, end_grant, people, person, propose_grant, set_account
from config.desk.views.record import (
    act,
    audit,
    changed,
    conflicts,
    dossier,
    exceptions,
    readings,
    sample,
    undone,
    untasked,
)
from config.desk.views.standing import health, retry
from config.desk.views.support import send_way_in, tell
from config.desk.views.undoing import undo
from config.desk.views.waiting import queue
