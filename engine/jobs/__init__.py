"""Work on a finished model that takes a while, done by a process of its own while pages go on."""
