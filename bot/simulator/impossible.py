"""What a real phone would not let one do."""


class ImpossibleError(Exception):
    """A real client would not let a person do this."""
