"""What a person asks and sees."""
