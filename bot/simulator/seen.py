"""What a person sees in a chat: messages and buttons, as tests read them."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message has `data` (callback), `url` or `copy`; a key of the reply keyboard none."""

    label: str
    data: str = ""
    url: str = ""
    copy: str = ""
    request_contact: bool = False


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """One message as it stands in the chat; `payload` is the Bot API's Message object."""

    id: int
    revision: int
    from_bot: bool
    payload: Json

    @property
    def text(self) -> str:
        """Return the text or the caption."""
        return str(self.payload.get("text") or self.payload.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """Return the formatting of the text or caption."""
        return list(self.payload.get("entities") or self.payload.get("caption_entities") or [])

    @property
    def edited(self) -> bool:
        """Tell whether the text was changed."""
        return "edit_date" in self.payload

    @property
    def rows(self) -> list[list[Button]]:
        """Return the inline keyboard."""
        rows = self.payload.get("reply_markup", {}).get("inline_keyboard", [])
        return [
            [
                Button(
                    button["text"],
                    data=button.get("callback_data", ""),
                    url=button.get("url", ""),
                    copy=button.get("copy_text", {}).get("text", ""),
                )
                for button in row
            ]
            for row in rows
        ]

    @property
    def buttons(self) -> list[Button]:
        """Return the inline buttons, row after row."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """Return the inline buttons' labels."""
        return [button.label for button in self.buttons]

    @property
    def photo(self) -> str:
        """Return the file id of the picture in full size, "" without one."""
        return str(self.payload["photo"][-1]["file_id"]) if "photo" in self.payload else ""

    @property
    def document(self) -> Json | None:
        """Return the Document object."""
        return self.payload.get("document")
