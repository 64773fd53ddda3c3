"""`python -m portal.papers.renderer`: prepares fonts and style, then serves (started by limited.client)."""

from portal.papers.limited.server import serve
from portal.papers.renderer.fonts import only_our_font

only_our_font()

from portal.papers.renderer.layout import render, warm_up  # noqa: E402 - fontconfig reads its file on import
from portal.papers.renderer.limits import LIMITS  # noqa: E402

serve(render, LIMITS, [warm_up])
