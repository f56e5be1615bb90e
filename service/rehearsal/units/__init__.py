"""Simulated units: people at their own mailbox, who know only the mail they received."""
