"""Forms of pairing: whom with whom, the end of it."""
