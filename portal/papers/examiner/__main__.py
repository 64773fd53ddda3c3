"""`python -m portal.papers.examiner`: preloads the readers of files, then serves (started by limited.client)."""

from portal.papers.examiner import LIMITS
from portal.papers.examiner.gate import examine, warm_up
from portal.papers.limited.server import serve

serve(examine, LIMITS, [warm_up])
