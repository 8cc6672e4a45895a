"""The small parts of an .xlsx: which sheets there are, where they lie, what the styles say. Nothing big is read here."""

import posixpath
import re
import zipfile
from collections import namedtuple
from xml.etree.ElementTree import Element

import defusedxml.ElementTree

from children.importing.serials import BUILTIN, GENERAL, shows_date, shows_span

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_EMPTY_FILL = re.compile(rb"<fill\s*/>|<fill>\s*</fill>")
_TRUE = frozenset({"1", "true"})


class Unusual(Exception):
    """The file is written in a way the quick reader does not know; openpyxl reads it instead."""


class SheetPart(namedtuple("SheetPart", ("name", "state", "path", "comments"))):
    """One worksheet: its name, whether it is hidden, and where its cells and comments are kept ("" for none)."""

    __slots__ = ()


class Styles:
    """What the styles of a workbook mean for reading, by the number of the cell's style."""

    def __init__(self) -> None:
        self.formats = [GENERAL]
        self.dates: set[int] = set()
        self.spans: set[int] = set()
        self.struck: set[int] = set()
        self.has_empty_fill = False

    def format_of(self, style: int) -> str:
        """The number format of a style; General for a number the file does not define."""
        return self.formats[style] if style < len(self.formats) else GENERAL


def part(archive: zipfile.ZipFile, name: str) -> Element:
    """A small part as a tree. Raises Unusual if it is not there or not to be read."""
    try:
        return defusedxml.ElementTree.fromstring(archive.read(name))
    except (KeyError, SyntaxError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise Unusual(name) from error


def sheets(archive: zipfile.ZipFile) -> tuple[list[SheetPart], bool]:
    """The worksheets in their order, and whether days are counted from 1904."""
    workbook = part(archive, "xl/workbook.xml")
    targets = _relations(archive, "xl/workbook.xml")
    found = []
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        kind, path = targets.get(sheet.get(_RELATION, ""), ("", ""))
        if kind == "worksheet":
            beside = [to for what, to in _relations(archive, path).values() if what == "comments"]
            state = sheet.get("state", "visible")
            found.append(SheetPart(sheet.get("name", ""), state, path, beside[0] if beside else ""))
    if not found:
        raise Unusual("no worksheet")
    properties = workbook.find(f"{_MAIN}workbookPr")
    return found, properties is not None and properties.get("date1904") in _TRUE


def _relations(archive: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Number of a relation → its kind and the part it leads to; relations that lead outside are left out."""
    folder, file = posixpath.split(name)
    listed = f"{folder}/_rels/{file}.rels"
    if listed not in archive.namelist():
        return {}
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rsplit("/", 1)[-1],
            posixpath.normpath(posixpath.join("/" + folder, relation.get("Target", ""))).lstrip("/"),
        )
        for relation in part(archive, listed)
        if relation.get("TargetMode") != "External"
    }


def styles(archive: zipfile.ZipFile) -> Styles:
    """Formats, dates and struck fonts of the cell styles."""
    found = Styles()
    if "xl/styles.xml" not in archive.namelist():
        return found
    tree = part(archive, "xl/styles.xml")
    found.has_empty_fill = bool(_EMPTY_FILL.search(archive.read("xl/styles.xml")))
    custom = {int(item.get("numFmtId", 0)): item.get("formatCode", "") for item in tree.iter(f"{_MAIN}numFmt")}
    fonts = tree.find(f"{_MAIN}fonts")
    struck = {number for number, font in enumerate(fonts if fonts is not None else ()) if _is_struck(font)}
    cell_styles = tree.find(f"{_MAIN}cellXfs")
    if cell_styles is None:
        return found
    found.formats = []
    for number, style in enumerate(cell_styles):
        code = int(style.get("numFmtId", 0))
        found.formats.append(custom.get(code) or BUILTIN.get(code, GENERAL))
        if shows_date(found.formats[-1]):
            found.dates.add(number)
            if shows_span(found.formats[-1]):
                found.spans.add(number)
        if int(style.get("fontId", 0)) in struck:
            found.struck.add(number)
    return found


def _is_struck(font: Element) -> bool:
    strike = font.find(f"{_MAIN}strike")
    return strike is not None and strike.get("val", "1") in _TRUE


def comments(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    """Place of a cell (B7) → the text of its comment."""
    return {
        comment.get("ref", ""): "".join(text.text or "" for text in comment.iter(f"{_MAIN}t"))
        for comment in part(archive, path).iter(f"{_MAIN}comment")
    }
