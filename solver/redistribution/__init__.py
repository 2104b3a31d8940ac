"""How a redistribution is found: level by level to a proven optimum, or by the bilateral process."""
