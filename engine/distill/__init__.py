"""Building students from a teacher and training them."""
