"""Templates are written with indentation and sent without it."""

from __future__ import annotations

import re

from django.template.loader import get_template

from portal.design.forms import CauceRenderer
from portal.design.loading import compact
from tests.sources import templates


def test_indentation_and_the_ends_of_silent_lines_are_left_out_of_pages() -> None:
    written = """<ul>
  {% if one %}
    <li
      class="x"
      {% if now %}aria-current="step"{% endif %}
    >
      Uno  y
      {% if two %}
        dos{% endif %}.
      {{ three }}
\t{% include "x.html" %}
    </li>
  {% endif %}{% block end %}{% endblock %}
</ul>
"""
    sent = (
        '<ul>\n{% if one %}<li class="x" {% if now %}aria-current="step"{% endif %}>\n'
        "Uno  y\n{% if two %}dos{% endif %}.\n{{ three }}\n"
        '{% include "x.html" %}\n</li>\n{% endif %}{% block end %}{% endblock %}</ul>\n'
    )
    assert compact("x.html", written) == sent
    assert compact("x.txt", written) == written  # a mail's text is read as it is written


def test_pages_and_fields_of_forms_are_read_so() -> None:
    widget = CauceRenderer().get_template("django/forms/widgets/select.html")
    for template in (get_template("layouts/base.html"), widget):
        source = template.template.source
        assert source.count("\n") > 1
        assert not re.search(r"^[ \t]", source, re.M)


def test_no_text_whose_white_space_is_seen_is_written_in_a_template() -> None:
    """What stands in `pre` and `textarea` comes from a variable, on the line of its tags: it is shown as it is."""
    seen = re.compile(r"<(pre|textarea)\b(?:{%.*?%}|{{.*?}}|[^>])*>(.*?)</\1", re.S)
    found = [(path.name, inner) for path in templates() for _tag, inner in seen.findall(path.read_text())]
    assert len(found) >= 3
    assert [one for one in found if "\n" in one[1]] == []
