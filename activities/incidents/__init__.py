"""Incident files: what must be reported at once, to whom, by when, and how a file goes its way (domain §11.4–11.5)."""
