"""What datasets and models are, told before anything is launched: counted where they are, never fetched."""
