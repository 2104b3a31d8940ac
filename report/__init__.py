"""How results are shown: tables and texts in Swedish and English."""
