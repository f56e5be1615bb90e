"""The nouns and laws of the office: true without a clock, a disk or a network."""
