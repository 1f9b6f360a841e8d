"""Models as folders: found, loaded, saved, described, and the embedded one."""
