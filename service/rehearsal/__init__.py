"""The world on loopback: a mail server, simulated units and a fast clock."""
