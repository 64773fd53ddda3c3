"""How templates are read: what their layout is for whoever edits them is left out of what is sent."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

_INDENTATION = re.compile(r"^[ \t]+", re.M)
_TAG = re.compile(r"<[a-z][^<>]*\n[^<>]*>")
_SILENT = "if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock|autoescape|endautoescape|load"
_ONLY_TAGS = re.compile(rf"^((?:{{% (?:{_SILENT})\b[^%\n]*%}})+)\n", re.M)


def compact(name: str, text: str) -> str:
    """A page's template without indentation, each element's tag on one line, and without the line ends of Django's tags
    that stand alone and print nothing.

    What is white space to a reader stays: of words on two lines the first keeps its line's end. A mail's text (`.txt`)
    is read as it is written.
    """
    if not name.endswith(".html"):
        return text
    return _ONLY_TAGS.sub(r"\1", _TAG.sub(_on_one_line, _INDENTATION.sub("", text)))


def _on_one_line(tag: re.Match[str]) -> str:
    return tag[0].replace("\n", " ").removesuffix(" >").removesuffix(">") + ">"


class Ours(filesystem.Loader):
    """Templates of the house."""

    def get_contents(self, origin: Origin) -> str:
        return compact(str(origin.name), super().get_contents(origin))


class Apps(app_directories.Loader):
    """Templates of libraries, and of whoever joins the house."""

    def get_contents(self, origin: Origin) -> str:
        return compact(str(origin.name), super().get_contents(origin))
