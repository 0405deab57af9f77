"""Building the panel's keeper from the configuration."""

import structlog
from redis.asyncio import Redis

from scoring.arrays import DAY
from scoring.model import ScoringModel
from streams.config import Settings
from streams.panel.board import PanelBoard
from streams.panel.challenger import load_challenger
from streams.panel.keeper import PanelKeeper, PanelPlan
from streams.panel.scorer import ShadowScorer
from streams.panel.store import RedisPanelStore
from streams.store import RedisStore

log = structlog.get_logger()


def panel_keeper(
    settings: Settings, model: ScoringModel, redis: Redis, store: RedisStore, board: PanelBoard
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
    scorer = ShadowScorer(challenger, board.errors)
    return PanelKeeper(RedisPanelStore(redis, store), store, scorer, board, plan)
