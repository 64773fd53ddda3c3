"""What lies outside of what seal and stamp cover: found by its bytes and cut from a copy before the parser sees it.

Billing systems, mail gateways and the SAT's own tool leave it broken, and no authority minds: blanks, NULs and byte
order marks around the document; in one that is stamped also the Addenda, and `xmlns:schemaLocation` where
`xsi:schemaLocation` was meant. Whatever else is not XML stays, for the parser to refuse. Nothing is taken out that a
parser could take for something else: the walk knows comments, CDATA, instructions and quoted values, and in doubt it
says so. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Blanks of ASCII and Unicode, NULs, and byte order marks, also as they look when they were encoded twice.
NOISE = re.compile(
    rb"(?:[\x00\t-\r ]|\xc2[\x85\xa0]|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe3\x80\x80"
    rb"|\xef\xbb\xbf|\xc3\xaf\xc2\xbb\xc2\xbf)*+"
)
_DECLARATION = re.compile(rb"<\?xml\s[^<>]*?\?>")
_NAME = rb"[^\s<>/=\"'!?][^\s<>/=\"']*+"
_PAIR = rb"\s++(" + _NAME + rb")\s*+=\s*+(\"[^\"<]*+\"|'[^'<]*+')"
# All that a document is made of, never less than XML allows; `torn` begins like a tag and is none.
_PIECE = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</(?P<closed>" + _NAME + rb")\s*+>"
    rb"|<(?P<opened>" + _NAME + rb")(?P<pairs>(?:" + _PAIR + rb")*+)\s*+(?P<empty>/?)>|<(?P<torn>" + _NAME + rb")",
    re.DOTALL,
)
_PAIRS = re.compile(_PAIR)
_SLIP = b"xmlns:schemaLocation"
_ROOT, _STAMP, _ADDENDA = b"Comprobante", b"TimbreFiscalDigital", b"Addenda"
# Comprobante / Complemento / TimbreFiscalDigital
_OF_STAMP = 2

Piece = re.Match[bytes]


class InDoubt(ValueError):
    """There is an Addenda, and where it begins or ends can be read in more than one way."""


def cut(content: bytes) -> bytes:
    """The document without what nobody sealed; line numbers stay. The same bytes when there is nothing to cut.

    Raises InDoubt when an Addenda is not closed, not alone, or not the root's last child.
    """
    bare = _without_noise(content)
    if _SLIP not in bare and _ADDENDA not in bare:
        return bare
    kept, at = [], 0
    for start, end in _spans(bare):
        kept += [bare[at:start], _lines(bare[start:end])]
        at = end
    return b"".join([*kept, bare[at:]])


def _without_noise(content: bytes) -> bytes:
    start = _noise(content, 0)
    declaration = _DECLARATION.match(content, start)
    after = _noise(content, declaration.end()) if declaration else start
    end = content.rfind(b">") + 1
    if _noise(content, end) < len(content):
        end = len(content)
    if (start, end) == (0, len(content)) and not _odd(content[declaration.end() if declaration else 0 : after]):
        return content
    head = declaration[0] if declaration else b""
    return head + _lines(content[:start]) + _lines(content[start + len(head) : after]) + content[after:end]


def _noise(content: bytes, at: int) -> int:
    found = NOISE.match(content, at)
    return found.end() if found else at


def _odd(noise: bytes) -> bool:
    return bool(noise.strip(b" \t\r\n"))


def _lines(removed: bytes) -> bytes:
    return b"\n" * removed.count(b"\n")


def _spans(content: bytes) -> list[tuple[int, int]]:
    """From where to where to cut, in order: slips of the start tags, then the Addenda; nothing where no stamp is."""
    found: list[tuple[int, int]] = []
    depth, root, stamped = 0, None, False
    for piece in _pieces(content, 0):
        if name := piece["opened"] or piece["torn"]:
            root = root or piece
            if depth == 1 and stamped and _is_addenda(name, piece, root):
                return [*found, (piece.start(), _end(content, piece, root))]
            stamped = stamped or (depth == _OF_STAMP and name.rpartition(b":")[2] == _STAMP)
            found += _slips(piece)
            depth += not piece["empty"]
        elif piece["closed"]:
            depth -= 1
    return found if stamped else []


def _pieces(content: bytes, at: int) -> Iterator[Piece]:
    """Tags, comments, CDATA and instructions as they come; ends at the first thing that is none of them."""
    at = content.find(b"<", at)
    while at >= 0:
        piece = _PIECE.match(content, at)
        if piece is None:
            return
        yield piece
        if piece["torn"]:
            return
        at = content.find(b"<", piece.end())


def _slips(piece: Piece) -> Iterator[tuple[int, int]]:
    """`xmlns:schemaLocation` with a list of addresses, which no namespace is; one address would declare a prefix."""
    if piece["opened"] and _SLIP in piece["pairs"]:
        for pair in _PAIRS.finditer(piece["pairs"]):
            if pair[1] == _SLIP and len(pair[2].split()) > 1:
                yield piece.start("pairs") + pair.start(), piece.start("pairs") + pair.end()


# --- the Addenda -----------------------------------------------------------------------------------------------------


def _is_addenda(name: bytes, piece: Piece, root: Piece) -> bool:
    """By its name and by its namespace being the root's, whatever prefix it goes by."""
    inherited, whose = _declared(root), root["opened"] or b""
    prefix, _, local = name.rpartition(b":")
    if local != _ADDENDA or whose.rpartition(b":")[2] != _ROOT:
        return False
    return (inherited | _declared(piece)).get(prefix) == inherited.get(whose.rpartition(b":")[0])


def _declared(piece: Piece) -> dict[bytes, bytes]:
    """Prefix → namespace of one start tag; the default namespace under an empty prefix."""
    pairs = ((pair[1].partition(b":"), pair[2][1:-1]) for pair in _PAIRS.finditer(piece["pairs"] or b""))
    return {prefix: address for (xmlns, _, prefix), address in pairs if xmlns == b"xmlns"}


def _end(content: bytes, start: Piece, root: Piece) -> int:
    """Where the Addenda ends: by its balance, else by its tags. Raises InDoubt when another element follows."""
    end = start.end() if start["empty"] else _balanced(content, start) or _by_tags(content, start, root)
    for piece in _pieces(content, end):
        if piece["opened"] or piece["torn"]:
            raise InDoubt("not the last child")
    return end


def _balanced(content: bytes, start: Piece) -> int:
    """The end of an Addenda whose tags all close in order, 0 for any other."""
    waiting = [start["opened"]]
    for piece in _pieces(content, start.end()) if start["opened"] else ():
        if piece["opened"] and not piece["empty"]:
            waiting.append(piece["opened"])
        elif piece["closed"]:
            if piece["closed"] != waiting.pop():
                return 0
            if not waiting:
                return piece.end()
    return 0


def _by_tags(content: bytes, start: Piece, root: Piece) -> int:
    """The end of an Addenda that is no XML: its closing tag stands right before the root's, and no other of both."""
    mine, whose = start["opened"] or start["torn"], root["opened"]
    last = content.rfind(b"</" + whose)
    close = content.rfind(b"</" + mine, start.end(), max(last, 0))
    if close < 0 or not re.fullmatch(rb"</" + re.escape(whose) + rb"\s*>", content[last:]):
        raise InDoubt("not closed")
    closing = re.compile(rb"(</" + re.escape(mine) + rb"\s*>)\s*").fullmatch(content, close, last)
    again = re.compile(rb"</?(?:" + re.escape(mine) + rb"|" + re.escape(whose) + rb")[\s/>]")
    if closing is None or again.search(content, start.end(), close):
        raise InDoubt("more than one")
    return closing.end(1)
