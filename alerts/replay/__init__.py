"""What happened, played again through the real engine on a virtual clock: a recorded day, or a period's alerts.

``recording`` plays a file that says all of it. ``history`` reads a period of the live tables, ``rehearsal`` plays it in
a database of its own with what people really did, ``trial`` holds what came of it against what happened.
"""

from alerts.replay.recording import Event, Player, RecordingError, play, read

__all__ = ["Event", "Player", "RecordingError", "play", "read"]
