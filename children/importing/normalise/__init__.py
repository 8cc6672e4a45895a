"""One subject a module: each reads a cell's content into a typed value and never fails on what a person wrote."""
