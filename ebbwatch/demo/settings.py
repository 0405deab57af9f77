"""How the demo is configured: by itself, whatever the environment says."""

import os
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource as Source

from ebbwatch.stack import Stack
from streams.config import Settings

PREFIX: Final = "EBBWATCH_"
DATA: Final = Path(__file__).parent / "data"
PARAMETERS: Final = DATA / "parameters.json"
DESK: Final = DATA / "desk.toml"


class DemoSettings(Settings):
    """Settings that read no environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - named so by pydantic, as all four are
        init_settings: Source,
        env_settings: Source,  # noqa: ARG003
        dotenv_settings: Source,  # noqa: ARG003
        file_secret_settings: Source,  # noqa: ARG003
    ) -> tuple[Source, ...]:
        """Take what the program says and nothing else."""
        return (init_settings,)


def settings_for(stack: Stack, parameters: Path | None = None) -> Settings:
    """The demo's settings on a running stack; its own parameters unless others are given."""
    return DemoSettings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        partitions=8,
        retention_days=-1,
        mode="replay",
        metrics_port=0,
        parameters_file=parameters or PARAMETERS,
        desk_file=DESK,
    )


def variables(settings: Settings) -> dict[str, str]:
    """The variables that make another process work with the same settings."""
    return {
        f"{PREFIX}KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        f"{PREFIX}REDIS_URL": settings.redis_url.get_secret_value(),
        f"{PREFIX}PARTITIONS": str(settings.partitions),
        f"{PREFIX}MODE": settings.mode,
        f"{PREFIX}METRICS_PORT": str(settings.metrics_port),
        f"{PREFIX}PARAMETERS_FILE": str(settings.parameters_file),
        f"{PREFIX}DESK_FILE": str(settings.desk_file),
    }


def child_environment(settings: Settings) -> dict[str, str]:
    """This process's environment with the demo's own settings in place of any others."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, **variables(settings)}
