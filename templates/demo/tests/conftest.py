"""The tests' sample data, for unittest and pytest alike: both put this folder on the path."""

POTS = {"assam": 240, "Darjeeling": 180, "SENCHA": 90}
