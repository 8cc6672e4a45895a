"""How many rows a file roughly has, without parsing it: decides between answering at once and in the background."""

import io
import zipfile


def row_count(content: bytes) -> int:
    """An upper estimate of the rows of a file that the guard has let through."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(
                archive.read(name).count(b"<row")
                for name in archive.namelist()
                if name.startswith("xl/worksheets/") and name.endswith(".xml")
            )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return len(content) // 400
    return content.count(b"\n") + 1
