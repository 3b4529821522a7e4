"""Programs to compare with; each is run as `python SCRIPT FILE`."""
