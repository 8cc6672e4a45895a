"""
Fonts without a copy of their files in memory.

WeasyPrint copies the whole file of every face on a page, 15 to 27 MB each for Chinese, and holds the copies until the
PDF is written; it cuts the few glyphs out of the file itself, so that the copies are never looked at. Here a face reads
its file only when something asks for all of it: fonts that cannot be cut, form fields, bitmaps.
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def use_lean_fonts() -> None:
    """Have WeasyPrint make fonts of this kind from now on in this process. To be called under the lock of printing."""
    from weasyprint.pdf import fonts, stream

    whole_file = fonts.get_hb_object_data

    class LeanFont(fonts.Font):
        _content = b""

        def __init__(self, *args: Any) -> None:
            fonts.get_hb_object_data = lambda face: b""
            try:
                super().__init__(*args)
            finally:
                fonts.get_hb_object_data = whole_file

        @property
        def file_content(self) -> bytes:
            if not self._content:
                self._content = whole_file(self.hb_face)
            return self._content

        @file_content.setter
        def file_content(self, content: bytes) -> None:
            self._content = content

    stream.Font = LeanFont
