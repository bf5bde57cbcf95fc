"""The environment of a test run: keys that are no secret, and a data folder that is thrown away."""

import atexit
import base64
import os
import shutil
import tempfile

TEST_SECRETS = {
    "SECRET_KEY": "tests-only-" + "0123456789" * 4,
    "FIELD_KEYS": "t1:" + base64.b64encode(b"field key of tests, 32 bytes ok!").decode(),
    "INDEX_KEY": base64.b64encode(b"index key of tests, 32 bytes ok!").decode(),
}


def without_servers() -> dict[str, str]:
    """Return what stands in the environment but for the tests' own database and broker."""
    return {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


def prepare_environment() -> None:
    """Set what settings need. Keeps ``DATABASE_URL`` and ``REDIS_URL``, which say where the tests run."""
    folder = tempfile.mkdtemp(prefix="antifraud-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(TEST_SECRETS, DATA_DIR=folder, DEBUG="false")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "antifraud.settings")
    # Browser tests hold an event loop while they ask the database.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
