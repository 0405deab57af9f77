"""Wall clocks that lie, of workers that follow them: live, by as much as no event is behind."""

from functools import partial

from chaos.fault import Fault
from chaos.feeder import CHUNK
from chaos.scene import Scene

YEAR = 365.25 * 86_400
# So late that a right clock moves nobody's: what was due follows from the events alone.
LIVE = {"mode": "live", "allowed_lateness": 4 * YEAR, "panel_share": 0.0}


def jump(years: float, scene: Scene) -> None:
    """Every worker's wall clock is set, with all inputs at their end: only then is it followed."""
    scene.feeder.chunk = 0
    scene.await_published()
    scene.clock.write_text(str(years * YEAR))


def set_right(scene: Scene) -> None:
    scene.clock.write_text("0")
    scene.feeder.chunk = CHUNK


FAULTS = (
    Fault(
        "the wall clock jumps five years ahead, and back",
        partial(jump, 5),
        set_right,
        hold=6.0,
        times=(3, 1),
        settings=LIVE,
        odd_clock=True,
    ),
    Fault(
        "the wall clock jumps two years back, and right again",
        partial(jump, -2),
        set_right,
        hold=6.0,
        times=(2, 0),
        settings=LIVE,
        odd_clock=True,
    ),
)
