"""The broker says no."""


class RefusalError(Exception):
    """A status, a code of Alpaca's, and a message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
