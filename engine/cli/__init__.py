"""The ``bert-frontier`` command, one module for each subcommand."""
