"""Setting up an experiment: the specification as a form and as TOML, side by side."""
