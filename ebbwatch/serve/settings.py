"""How the process is served: one frozen model, read once from `EBBWATCH_SERVE_` variables."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from streams.config import SettingsOfVariables

ANYBODY: Final = "anybody"  # who looks where nobody must log in
_NAME: Final = "[A-Za-z0-9._@-]{1,64}"
NO_LOGIN: Final = (
    "expected a way in: EBBWATCH_SERVE_TOKENS_FILE for programs, EBBWATCH_SERVE_PASSWORDS_FILE or "
    "EBBWATCH_SERVE_USER_HEADER for people, or --without-login on a loopback address"
)


class ServeSettings(SettingsOfVariables):
    """What an operator can set of `ebbwatch serve`; the store and models are `Settings`'.

    Attributes:
        host, port: where it listens; beyond loopback only behind a proxy that speaks TLS.
        hosts: names under which it may be asked, by commas: others are refused (DNS rebinding).
        tokens_file: who may ask the API; `ebbwatch access token` writes it.
        passwords_file: who may log in to the page; `ebbwatch access password` writes it.
        user_header: the header in which a reverse proxy names who is logged in.
        proxy_secret: without which, in `X-Ebbwatch-Proxy`, that header is not believed.
        session_hours: how long a login lasts.
        session_key: signs logins and forms, so that those of one process are another's as well, and
            outlast it; without one each process makes its own.
        answerers: names of those who may answer cases, by commas, * for all who may look.
        without_login: everybody on this machine may see everything.
        effort: share of one core that keeping the portfolio's figures may take.
    """

    model_config = SettingsConfigDict(
        env_prefix="EBBWATCH_SERVE_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8_642
    hosts: str = "localhost,127.0.0.1,[::1]"
    tokens_file: Path | None = None
    passwords_file: Path | None = None
    user_header: Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,64}$")] | None = None
    proxy_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    session_hours: Annotated[float, Field(gt=0, le=168)] = 12.0
    session_key: Annotated[SecretStr, Field(min_length=32)] | None = None
    answerers: Annotated[str, Field(pattern=rf"^(\*|{_NAME}( *, *{_NAME})*)?$")] = ""
    without_login: bool = False
    effort: Annotated[float, Field(gt=0, le=1)] = 0.1

    @model_validator(mode="after")
    def _somebody_may_come_in(self) -> Self:
        if self.without_login:
            if not _is_loopback(self.host):
                msg = f"without_login: expected host on loopback, got {self.host}"
                raise ValueError(msg)
            return self
        if self.user_header is not None and self.proxy_secret is None:
            raise ValueError(
                "user_header: expected EBBWATCH_SERVE_PROXY_SECRET with it, which the proxy sends "
                "in X-Ebbwatch-Proxy: else anybody who reaches the port could name themselves"
            )
        if not any((self.tokens_file, self.passwords_file, self.user_header)):
            raise ValueError(NO_LOGIN)
        return self

    @property
    def key(self) -> bytes | None:
        """The key of sessions, as bytes."""
        return None if self.session_key is None else self.session_key.get_secret_value().encode()

    @property
    def names(self) -> list[str]:
        """The hosts, one by one."""
        return _each(self.hosts)

    def may_answer(self, name: str) -> bool:
        """Whether somebody who may look may answer cases as well."""
        return not {"*", name}.isdisjoint(_each(self.answerers))


def _each(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
