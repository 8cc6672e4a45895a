"""
Speed of CareTrack beside a stock Django project (django.contrib.admin and import-export) that holds the same data.

`bench/run` makes the data, starts the servers on this machine, measures in interleaved rounds and prints a table.
What counts is CPU time of the server processes per request; waiting depends on what else the machine does.
"""
