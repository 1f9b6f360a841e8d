"""Students: their shape, their sizes, and how they are made of a teacher."""
