"""The intake against its own description, by a fuzzer that nobody here wrote: what it promises is what it does."""

import json
import logging
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from accounts.clock import database_now
from alerts import services
from alerts.api import api
from alerts.tests.factories import SourceFactory, ensure_policy

pytestmark = pytest.mark.django_db

EXAMPLES = 25

config = schemathesis.Config.from_dict(
    {
        "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
        # An alert sent again with other content is refused, and so is one of tomorrow: both fit the shapes.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "409", "422"]}},
        # In a batch each alert is answered by itself: one that is refused is a 422 inside a 200.
        "operations": [
            {
                "include-path": "/api/v1/alerts/batch",
                "checks": {"negative_data_rejection": {"expected-statuses": ["200", "4xx"]}},
            }
        ],
    }
)


@pytest.fixture
def kept_database(db) -> Iterator[None]:
    """A database that stays the test's own although whole requests come and go."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# What /api/v1/openapi.json serves.
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)), config=config)
schema.app = get_wsgi_application()


@pytest.fixture
def token(kept_database) -> str:
    logging.disable(logging.CRITICAL)
    ensure_policy()
    yield services.make_token(SourceFactory(), by=None, now=database_now())[1]
    logging.disable(logging.NOTSET)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_intake_does_what_its_description_says(case: schemathesis.Case, token: str) -> None:
    # The transport within the process unpacks nothing.
    case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
