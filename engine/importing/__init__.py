"""Takes over studies that were run with other tools, so that all pages can show them."""
