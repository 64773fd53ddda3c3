"""Every write of imports: a file read and judged, its totals corrected, applied, cancelled; a call taken in at once."""

from portal.imports.services.long import ask_apply, read_now, sweep, work_on
from portal.imports.services.runs import (
    apply_or_ask,
    apply_run,
    cancel_run,
    correct_totals,
    judge_file,
    read_file,
    say_headings,
    take_in,
)
