"""
Names as people type them: 韦小禾, weixiaohe, wxh, wei小禾, w小h, wxiaohe.

Every way becomes conditions on the columns that caretrack.readings keeps; nothing is read letter by letter in Python.
"""

import re
import unicodedata
from itertools import islice

from django.db.models import CharField, F, Lookup, Q, TextField, Value
from django.db.models.functions import Concat, Replace
from django.db.models.lookups import Contains

_LATIN = re.compile(r"[a-z]+")
_SYLLABLE = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])(?:[aeiouv]{1,3}(?:ng|n|r)?)?|[aoe][aeiou]?(?:ng|n|r)?)$"
)
_START = "bpmfdtnlgkhjqxrzcsyw"
#: The dot between parts of a name, as keyboards have it; names are stored with the first.
DOTS = "·•・‧∙."
SPELLINGS = 12
GIVEN_NAME = 3


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """`name__like="_小%"`: SQL's LIKE, for patterns made here; nothing a person typed reaches it unescaped."""

    lookup_name = "like"

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right} ESCAPE '\\'", [*left_params, *right_params]


def typed(text: str) -> str:
    """What was typed, without spaces, apostrophes and dots between names, in half-width small letters."""
    return re.sub(rf"[\s'’{DOTS}]", "", unicodedata.normalize("NFKC", text)).lower()


def name_matches(text: str, prefix: str = "") -> Q:
    """
    The condition that a child's name, pinyin or initials fit `text`; `prefix` leads to the child ("child__").

    Pinyin may be whole or cut short, mixed with initials and characters; wild cards are literal. The condition of an
    empty text holds for everybody.
    """
    low = typed(text)
    if not low:
        return Q()
    found = Q(**{f"{prefix}name__contains": unicodedata.normalize("NFKC", text).strip()})
    if not _LATIN.search(low):
        undotted = Replace(F(f"{prefix}name"), Value(DOTS[0]), Value(""))
        return found | Q(**{f"{prefix}name__contains": low}) | Q(Contains(undotted, low))
    other = Q()
    if low.isascii() and low.isalpha():
        found |= Q(**{f"{prefix}pinyin__startswith": low}) | Q(**{f"{prefix}initials__startswith": low})
        other |= _one_like(f"{prefix}pinyin_other", f"{low}%") | _one_like(f"{prefix}initials_other", f"{low}%")
        if len(low) >= GIVEN_NAME:
            found |= Q(**{f"{prefix}pinyin__endswith": low})
            other |= Q(**{f"{prefix}pinyin_other__endswith": low}) | Q(**{f"{prefix}pinyin_other__contains": f"{low} "})
    for pieces in islice(_spellings(low), SPELLINGS):
        if len(pieces) > 1:
            in_first, in_other = _patterns(prefix, pieces)
            found |= in_first
            other |= in_other
    # Few names are read in several ways; the others need not be compared with what they do not have.
    return found | (Q(**{f"{prefix}pinyin_other__gt": ""}) & other) if other else found


def _one_like(column: str, pattern: str) -> Q:
    """One of the readings in a column that lists them, parted by blanks, fits a pattern."""
    return Q(**{f"{column}__like": pattern}) | Q(**{f"{column}__like": f"% {pattern}"})


def is_other_reading(low: str) -> Q:
    """The condition that a child's name is read so as well, without anything left."""
    listed = Concat(Value(" "), F("pinyin_other"), Value(" "), output_field=TextField())
    return Q(Contains(listed, f" {low} "))


def _patterns(prefix: str, pieces: tuple[str, ...]) -> tuple[Q, Q]:
    """One piece stands for one character of the name, from the surname on: in its first reading, in another one."""
    latin = [piece if _LATIN.fullmatch(piece) else "" for piece in pieces]
    initials = "".join(piece[:1] or "_" for piece in latin) + "%"
    pinyin = "%".join(latin) + "%"
    first = Q(**{f"{prefix}initials__like": initials, f"{prefix}pinyin__like": pinyin})
    other = _one_like(f"{prefix}initials_other", initials) & _one_like(f"{prefix}pinyin_other", pinyin)
    if all(latin):
        return first, other
    characters = "".join("_" if piece else _literal(pieces[i]) for i, piece in enumerate(latin)) + "%"
    named = Q(**{f"{prefix}name__like": characters})
    return first & named, other & named


def _literal(character: str) -> str:
    return "\\" + character if character in "%_\\" else character


def _spellings(low: str):  # type: ignore[no-untyped-def]
    """Ways to cut the text into characters and (beginnings of) syllables, long syllables first."""
    if not low:
        yield ()
        return
    run = _LATIN.match(low)
    if run is None:
        for rest in _spellings(low[1:]):
            yield (low[0], *rest)
        return
    longest = min(len(run.group()), 6)
    for length in range(longest, 0, -1):
        piece, rest = low[:length], low[length:]
        if not _SYLLABLE.match(piece) or (rest and rest[0] in "aeiouv"):
            continue
        for others in _spellings(rest):
            yield (piece, *others)
