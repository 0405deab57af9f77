"""What breaks while lives reach up to now: silence goes by the wall where no event moves it.

No event is behind a clock that follows the wall, less the allowed lateness: it is more than any of
these faults delays one by.
"""

from dataclasses import replace
from types import MappingProxyType

from chaos.fault import Fault
from chaos.kinds import of_kafka, of_memory, of_workers
from chaos.kinds.of_kafka import fall_silent, speak_again
from chaos.scene import Scene

LATENESS = 20.0  # seconds
LIVE = MappingProxyType({"mode": "live", "allowed_lateness": LATENESS, "panel_share": 0.0})


def live(fault: Fault, times: int, lateness: float = LATENESS) -> Fault:
    """A fault of the others', met live."""
    return replace(
        fault,
        name=f"{fault.name}, live",
        times=(times, 0),
        settings={**fault.settings, **LIVE, "allowed_lateness": lateness},
        live=True,
    )


def die_in_silence(scene: Scene) -> None:
    """Nothing is bought until the wall alone moves silences on; then one dies."""
    fall_silent(scene)
    scene.await_silence()
    of_workers.kill(scene)


def go_on(scene: Scene) -> None:
    of_workers.take_its_place(scene)
    scene.await_silence()
    speak_again(scene)


_NAMED = {fault.name: fault for kind in (of_workers, of_memory, of_kafka) for fault in kind.FAULTS}
FAULTS = (
    live(_NAMED["a worker dies (SIGKILL)"], 6),
    live(_NAMED["Redis comes back as it was a while ago"], 2),
    live(_NAMED["Kafka dies (SIGKILL) and comes back"], 2, lateness=90.0),
    live(Fault("a worker dies (SIGKILL) while nothing is bought", die_in_silence, go_on), 2),
)
