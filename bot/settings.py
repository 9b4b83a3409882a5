"""Every setting, from the environment (`GENTING_…`) or a file `.env` beside the programme; see docs/operations.md."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from handlers.texts import moments_in
from models.errors import ConfigurationError
from models.keys import KeyRing
from models.programme import Programme

PLACEHOLDERS = {"", "changeme", "change-me", "secret", "token", "123456:abc", "your-token-here"}


class Settings(BaseSettings):
    """What the operator sets."""

    model_config = SettingsConfigDict(
        env_prefix="GENTING_", env_file=".env", extra="ignore", populate_by_name=True
    )

    database_url: str = Field(
        default="sqlite:///data/genting.db",
        validation_alias="DATABASE_URL",
        description="`sqlite:///file.db`, or `postgresql+psycopg://user:password@host/name`",
    )
    programme: Path = Field(default=Path("programme.toml"), description="the district's programme file")
    keys: SecretStr | None = Field(
        default=None, description="the key ring itself; without it, the key file is used"
    )
    key_file: Path = Field(
        default=Path("data/genting.keys"), description="the key ring's file, made at the first start"
    )
    backups: Path = Field(default=Path("data/backups"), description="where `genting backup` puts its files")
    erased_file: Path = Field(
        default=Path("data/genting.erased"),
        description="who was erased (ids only), for after an older backup is restored",
    )
    telegram_token: SecretStr | None = Field(default=None, description="the bot's token from @BotFather")
    telegram_api: str = Field(
        default="https://api.telegram.org",
        description="where the Bot API answers (a local server, the simulator)",
    )
    public_url: str | None = Field(
        default=None,
        description="https address under which the web server is reached; then webhooks are used",
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="what Telegram shows with each webhook call: 1-256 of A-Z a-z 0-9 _ -"
    )
    whatsapp_token: SecretStr | None = Field(
        default=None, description="the system user's token for the Cloud API; with it WhatsApp is on"
    )
    whatsapp_phone_id: str | None = Field(
        default=None, description="the id of the business number (not the number itself)"
    )
    whatsapp_account_id: str | None = Field(
        default=None, description="the id of the WhatsApp Business Account, for its templates"
    )
    whatsapp_app_secret: SecretStr | None = Field(
        default=None, description="the Meta app's secret: it signs every webhook call"
    )
    whatsapp_verify_token: SecretStr | None = Field(
        default=None, description="what Meta shows when the webhook is set up; think of a long word"
    )
    whatsapp_api: str = Field(
        default="https://graph.facebook.com/v26.0",
        description="where the Cloud API answers (the simulator)",
    )
    whatsapp_new_chats_a_day: int = Field(
        default=250, gt=0, description="with so many people a template may begin in 24 hours"
    )
    whatsapp_messages_per_second: float = Field(
        default=75, gt=0, description="the number's pace; WhatsApp allows 80 a second"
    )
    whatsapp_settle_seconds: float = Field(
        default=20,
        ge=0,
        description="after a crash, so long reports are awaited before a message is repeated",
    )
    host: str = Field(default="127.0.0.1", description="where the web server listens")
    port: int = Field(default=8000, ge=0, le=65535, description="the web server's port")
    demo_port: int = Field(default=8080, ge=0, le=65535, description="the port of `genting demo`'s page")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    messages_per_second: float = Field(
        default=29, gt=0, description="the account's pace; Telegram allows about 30 a second"
    )
    chat_messages_per_second: float = Field(
        default=1, gt=0, description="the pace in one chat, after a burst of four"
    )

    @field_validator(
        "telegram_token", "webhook_secret", "whatsapp_token", "whatsapp_app_secret", "whatsapp_verify_token"
    )
    @classmethod
    def _no_placeholder(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value().strip().lower() in PLACEHOLDERS:
            raise ValueError("is a placeholder; set the real secret")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret_as_telegram_takes_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("takes 1-256 of A-Z a-z 0-9 _ -")
        return value

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.public_url and self.webhook_secret is None:
            raise ValueError("GENTING_PUBLIC_URL needs GENTING_WEBHOOK_SECRET")
        return self

    @model_validator(mode="after")
    def _whatsapp_is_whole(self) -> Self:
        if self.whatsapp_token is None:
            return self
        for name in ("phone_id", "account_id", "app_secret", "verify_token"):
            if getattr(self, f"whatsapp_{name}") is None:
                raise ValueError(f"GENTING_WHATSAPP_TOKEN needs GENTING_WHATSAPP_{name.upper()}")
        return self

    @classmethod
    def load(cls) -> Self:
        """Read the settings. Raises ConfigurationError, one line, never showing a secret."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = "_".join(str(part) for part in first["loc"]).upper()
            raise ConfigurationError(f"setting {name}: {first['msg']}") from None

    def key_ring(self) -> KeyRing:
        """Return the key ring. Raises ConfigurationError."""
        if self.keys is not None:
            return KeyRing.parse(self.keys.get_secret_value())
        return KeyRing.from_file(self.key_file)

    def secrets(self) -> list[SecretStr]:
        """Return every secret that is set, the database's password among them."""
        password = urlsplit(self.database_url).password
        values = [getattr(self, name) for name in type(self).model_fields]
        found = [value for value in values if isinstance(value, SecretStr)]
        return [*found, SecretStr(unquote(password))] if password else found

    def load_programme(self) -> Programme:
        """Return the district's programme, and let the texts write instants in its zone. Raises ConfigurationError."""
        programme = Programme.load(self.programme)
        moments_in(programme.zone)
        return programme

    def token(self) -> str:
        """Return the bot's token. Raises ConfigurationError when there is none."""
        if self.telegram_token is None:
            raise ConfigurationError("set GENTING_TELEGRAM_TOKEN to the bot's token (from @BotFather)")
        return self.telegram_token.get_secret_value()
