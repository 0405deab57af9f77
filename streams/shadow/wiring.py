"""Building the panel's keeper from the configuration."""

import structlog
from redis.asyncio import Redis

from scoring.model import Model
from scoring.state import DAY
from streams.config import Settings
from streams.metrics import Metrics
from streams.shadow.challenger import load_challenger
from streams.shadow.keeper import PanelKeeper, PanelPlan
from streams.shadow.scorer import ShadowScorer
from streams.shadow.store import RedisPanelStore
from streams.store import RedisStore

log = structlog.get_logger()


def panel_keeper(
    settings: Settings, model: Model, redis: Redis, store: RedisStore, metrics: Metrics
) -> PanelKeeper | None:
    """Make the keeper, None where the settings leave nobody to look at.

    Raises:
        ScoringError: the challenger cannot be used.
        OSError: its file cannot be read.
    """
    file = settings.challenger_file
    challenger = None if file is None else load_challenger(file, model)
    period = settings.panel_days * DAY
    plan = PanelPlan(settings.panel_share, settings.panel_size, period, settings.panel_effort)
    if not plan.share or not plan.size:
        return None
    if challenger is not None:
        log.info("challenger loaded", challenger=challenger.name)
    scorer = ShadowScorer(challenger, metrics.panel.errors)
    return PanelKeeper(RedisPanelStore(redis, store), store, scorer, metrics.panel, plan)
