"""The stock Django project that CareTrack is measured against."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksite.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
