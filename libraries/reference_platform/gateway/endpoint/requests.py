"""A request of a session, and how its arguments are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference_platform.authentication.checks import is_id
from reference_platform.transport.frames import encode

LARGEST_VALUE_BYTES = 64 * 1024
LONGEST_TEXT = 64 * 1024
NOT_FOUND = "there is no such thing"
DEFAULT_THREAD = "main"


class RequestError(Exception):
    """A request cannot be served.

    Attributes:
        code: One of the codes of PROTOCOL.md.
        message: A sentence for whoever sent it; never about anybody else's things.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep code and message."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def not_found() -> RequestError:
    """The one answer for things that do not exist and things of somebody else."""
    return RequestError("not_found", NOT_FOUND)


def bad_request(message: str) -> RequestError:
    """A malformed request; the message says what is wrong."""
    return RequestError("bad_request", message)


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request.

    Attributes:
        operation: Its ``type``.
        correlation_id: Its ``id``.
        arguments: The whole frame.
    """

    operation: str
    correlation_id: str
    arguments: dict[str, Any]

    def identifier(self, name: str, default: str | None = None) -> str:
        """An argument that is an id.

        Args:
            default: What a missing argument means; None when it is required.

        Raises:
            RequestError: ``bad_request`` when it is missing or no id.
        """
        value = self.arguments.get(name)
        if value is None and default is not None:
            return default
        if not is_id(value):
            raise bad_request(f"'{name}' must be an id: 1 to 64 characters from A-Z a-z 0-9 _ . -")
        return str(value)

    def optional_identifier(self, name: str) -> str | None:
        """An argument that is an id or missing."""
        return None if self.arguments.get(name) is None else self.identifier(name)

    def text(self, name: str, default: str | None = None) -> str:
        """An argument that is a text; see :meth:`identifier`."""
        value = self.arguments.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise bad_request(f"'{name}' must be a text of at most {LONGEST_TEXT} characters")
        return value

    def whole_number(self, name: str, default: int | None, lowest: int, highest: int) -> int:
        """An argument that is a whole number.

        Args:
            default: What a missing argument means; None when it is required.
            lowest: Smallest allowed value.
            highest: Largest allowed value.

        Raises:
            RequestError: ``bad_request`` when it is missing, no whole number or out of range.
        """
        value = self.arguments.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise bad_request(f"'{name}' must be a whole number from {lowest} to {highest}")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """An argument that is one of a few words."""
        value = self.arguments.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise bad_request(f"'{name}' must be one of: {', '.join(allowed)}")
        return value

    def value(self, name: str) -> Any:
        """An argument that is any JSON up to 64 KiB.

        Raises:
            RequestError: ``bad_request`` when it is missing, too large or holds a number that JSON does not know.
        """
        if name not in self.arguments:
            raise bad_request(f"'{name}' is missing")
        value = self.arguments[name]
        try:
            size = len(encode({"value": value}))
        except ValueError as error:
            raise bad_request(f"'{name}' must be JSON: numbers must be finite") from error
        if size > LARGEST_VALUE_BYTES:
            raise bad_request(f"'{name}' must be at most {LARGEST_VALUE_BYTES} bytes of JSON")
        return value
