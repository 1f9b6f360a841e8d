"""The transformations that make new examples of a mistake, each a small pure function known by a name."""
