"""Who may see what: the door of the server, and the links that show one view to somebody else."""
