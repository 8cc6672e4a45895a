"""Pages of pairing, one file a page group."""
