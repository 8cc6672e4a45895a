"""
CareTrack: care for left-behind children in rural schools.

SQLite from 3.7.0 to 3.51.2 can corrupt a WAL database when two processes checkpoint at once, and Debian 12
ships 3.40.1. The fixed version comes with pysqlite3 and takes the place of the standard module before Django
looks for it. caretrack.checks refuses to start on an affected version.
"""

import sys

try:
    import pysqlite3
except ImportError:  # other platforms: caretrack.checks then judges the system's own version
    pass
else:
    if "sqlite3" not in sys.modules or sys.modules["sqlite3"].sqlite_version_info < pysqlite3.sqlite_version_info:
        sys.modules["sqlite3"] = pysqlite3
        sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

__version__ = "0.1.0"
