"""Commands beside the main ones: thin layers over the Python interface, like ``cli.py``."""
