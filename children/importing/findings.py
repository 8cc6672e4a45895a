"""What the importer has to say about a file: where it is, how serious it is, and what a person should do."""

from dataclasses import dataclass
from enum import StrEnum

from children.importing.sheets import column_letter


class Level(StrEnum):
    """How a finding is treated; the words are those of the sample rosters."""

    ERROR = "error"
    WARNING = "warning"
    QUESTION = "question"
    FIXED = "fixed"

    @property
    def heading(self) -> str:
        """The heading under which findings of this level stand on the preview page."""
        return _TITLES[self]


_TITLES = {
    Level.ERROR: "错误：内容没有采用",
    Level.WARNING: "提醒：已采用，请核对",
    Level.QUESTION: "需要您确认",
    Level.FIXED: "已自动整理",
}


class Fate(StrEnum):
    """What becomes of a row: written, held until a person has decided, or sent back in the error workbook."""

    IMPORT = "import"
    ASK = "ask"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a value that does not know yet in which cell the value stands."""

    what: str
    level: Level
    sentence: str
    fate: Fate = Fate.IMPORT
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A finding with its place in the file.

    ``row`` is numbered as Excel shows it (1 is the first line) and ``column`` counts from 0.
    Row None means the whole column, row and column None the sheet, all None the file. ``line`` is where the cell
    stands if that is not the row itself: a registration form goes over many lines, and its row is that of the name.
    """

    what: str
    level: Level
    sentence: str
    sheet: str | None = None
    row: int | None = None
    column: int | None = None
    label: str = ""
    fate: Fate = Fate.IMPORT
    offer: str = ""
    rows: tuple[int, ...] = ()
    line: int | None = None

    @property
    def letter(self) -> str:
        """The column as Excel letters it, or an empty string."""
        return "" if self.column is None else column_letter(self.column)

    @property
    def place(self) -> str:
        """Where to look, e.g. 第7行 F列“身份证号”."""
        parts = []
        if self.row is not None:
            parts.append(f"第{self.line or self.row}行")
        if self.column is not None:
            parts.append(f"{self.letter}列“{self.label}”" if self.label else f"{self.letter}列")
        return " ".join(parts)

    @property
    def text(self) -> str:
        """The whole sentence with its place, as the page, the error workbook and the shell show it."""
        return f"{self.place}：{self.sentence}" if self.place else self.sentence

    def as_json(self) -> dict[str, object]:
        """The finding in the shape of ``rosters/README.md`` (key ``faults``)."""
        found: dict[str, object] = {
            "sheet": self.sheet,
            "row": self.line or self.row,
            "column": self.letter or None,
            "level": self.level.value,
            "what": self.what,
            "sentence": self.text,
        }
        if self.offer:
            found["offer"] = self.offer
        if self.rows:
            found["rows"] = len(self.rows)
        return found
