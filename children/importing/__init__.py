"""Rosters in: a spreadsheet of any school becomes typed rows, findings and questions; written after a confirm."""
