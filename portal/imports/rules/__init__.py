"""Bytes in, rows and faults out: `tables` finds heading and rows, `cells` and `readers` read a value, `layouts` a row.

`states` is the life of an import. Pure.
"""

from portal.imports.rules.states import LIVE, RUN, RunState, Told, tell
