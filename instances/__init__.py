"""Where problems come from: reading, writing, the catalogue of shipped years, the generator."""
