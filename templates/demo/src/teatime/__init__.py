"""How long tea has to steep."""
