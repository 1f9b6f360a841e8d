"""Tables and rows: the DuckDB file, its only owner, and what may be read from or written to it."""
