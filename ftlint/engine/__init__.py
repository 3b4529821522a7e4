"""The loop: inputs cut into ranges, lines checked, findings counted, located and reported."""
