"""CPU seconds of a turn, step by step."""

import time
from dataclasses import dataclass, field

__all__ = ["Clock"]


@dataclass
class Clock:
    """CPU seconds by step."""

    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("understand", "aim", "tune", "render", "check"), 0.0)
    )
    _since: float = field(default_factory=time.process_time)

    def lap(self, step: str) -> None:
        """Charge the time since the last lap to a step."""
        now = time.process_time()
        self.seconds[step] += now - self._since
        self._since = now

    def report(self) -> dict[str, float]:
        """Return the seconds of every step and their total, rounded."""
        rounded = {step: round(value, 3) for step, value in self.seconds.items()}
        return {**rounded, "total": round(sum(self.seconds.values()), 3)}
