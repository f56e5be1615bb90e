"""回执 (Huizhi): the office at work, from a notice sent to a list of who has not answered."""

__version__ = "0.2.0"
