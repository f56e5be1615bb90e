"""The only code that touches the world, a clock or a foreign format."""
