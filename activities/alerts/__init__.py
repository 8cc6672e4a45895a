"""Warnings: facts of many children in a fixed number of statements, pure rules over them, and what people answered."""
