"""The one way to say no: a Graph API error answer."""

from typing import Any


class GraphError(Exception):
    """A request is refused with this HTTP status and error code (Cloud API, error codes)."""

    def __init__(self, status: int, code: int, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {
            "error": {
                "message": f"(#{self.code}) {self.message}",
                "type": "OAuthException",
                "code": self.code,
                "error_data": {"messaging_product": "whatsapp", "details": self.details or self.message},
                "fbtrace_id": "SIMULATED",
            }
        }


def invalid(why: str) -> GraphError:
    """Return the refusal of a request that is not as documented."""
    return GraphError(400, 100, "Invalid parameter", why)
