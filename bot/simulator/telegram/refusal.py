"""The one way to say no: a Bot API error answer."""

from typing import Any


class RefusalError(Exception):
    """A request is refused.

    `code` is the HTTP status and `error_code`; `description` is Telegram's wording where Telegram has one;
    `parameters` is a ResponseParameters object (core.telegram.org/bots/api#responseparameters).
    """

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(why: str) -> RefusalError:
    """Return a 400 with Telegram's prefix."""
    return RefusalError(400, f"Bad Request: {why}")


def too_many_requests(seconds: int) -> RefusalError:
    """Return a 429 that says how many whole seconds to wait."""
    return RefusalError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
