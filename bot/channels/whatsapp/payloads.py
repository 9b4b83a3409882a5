"""The JSON of a webhook call, as far as it is read (Cloud API, webhooks reference). Whatever else comes is ignored."""

from pydantic import BaseModel, ConfigDict, Field


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Reply(_Payload):
    """A tapped reply button or list row: `id` is what we gave it."""

    id: str


class Interactive(_Payload):
    """What somebody tapped."""

    button_reply: Reply | None = None
    list_reply: Reply | None = None


class QuickReply(_Payload):
    """A template's tapped button."""

    payload: str = ""
    text: str = ""


class Body(_Payload):
    """A text."""

    body: str


class Context(_Payload):
    """Which of our messages was answered; `forwarded` by the person from elsewhere."""

    id: str = ""
    forwarded: bool = False
    frequently_forwarded: bool = False


class Phone(_Payload):
    """A number on a shared card; `wa_id` when it is on WhatsApp."""

    phone: str = ""
    wa_id: str = ""


class Card(_Payload):
    """A shared contact."""

    phones: list[Phone] = Field(default_factory=list)


class Media(_Payload):
    """A file: its id lasts for days and leads to an address."""

    id: str
    mime_type: str = ""


class System(_Payload):
    """A person's number or id has changed."""

    type: str = ""
    wa_id: str = ""
    user_id: str = ""
    previous_user_id: str = ""


class Edited(_Payload):
    """The new form of an earlier message."""

    type: str = ""
    text: Body | None = None


class Edit(_Payload):
    """An earlier message in its new form."""

    original_message_id: str = ""
    message: Edited | None = None


class Message(_Payload):
    """One message of a person."""

    id: str
    type: str = "unknown"
    timestamp: int = Field(ge=0, lt=10**11)
    sender: str = Field(default="", alias="from")
    from_user_id: str = ""
    group_id: str = ""
    context: Context | None = None
    text: Body | None = None
    interactive: Interactive | None = None
    button: QuickReply | None = None
    contacts: list[Card] | None = None
    image: Media | None = None
    document: Media | None = None
    system: System | None = None
    edit: Edit | None = None


class Origin(_Payload):
    """What a message cost."""

    category: str = ""
    billable: bool | None = None


class ErrorCode(_Payload):
    """Why a message failed."""

    code: int
    title: str = ""


class Status(_Payload):
    """How far one of our messages came."""

    id: str
    status: str
    biz_opaque_callback_data: str = ""
    pricing: Origin | None = None
    errors: list[ErrorCode] = Field(default_factory=list)
