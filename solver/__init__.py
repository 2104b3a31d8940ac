"""How an answer is found: the rules' engine, the backends, the driver, comparison, brute force."""
