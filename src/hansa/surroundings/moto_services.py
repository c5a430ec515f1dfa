"""moto, mounted in this process: one WSGI application for each service, made when first called.

moto's own dispatcher is not used: it opens ``/moto-api`` and takes the service from what a client
writes. Importing moto costs about 0.3 s and 50 MB, EC2 another 0.7 s, so nothing is imported
before it is needed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

MOTO_SERVICES = ("ec2", "s3", "secretsmanager", "ssm")

# Twelve digits that are no customer's: the owner of the buckets that the service itself publishes.
SERVICE_ACCOUNT = "000000000000"

Environ = MutableMapping[str, Any]
WsgiApplication = Callable[[Environ, Any], Iterable[bytes]]


def _prepare_environment() -> None:
    """Settle what moto reads from the process environment, so that the user's cannot matter.

    ``MOTO_ACCOUNT_ID`` would put all accounts into one; ``INITIAL_NO_AUTH_ACTION_COUNT`` turns on
    moto's own authorization; accounts may not read each other's buckets.
    """
    for name in list(os.environ):
        if name.startswith("MOTO_") or name in (
            "INITIAL_NO_AUTH_ACTION_COUNT",
            "S3_IGNORE_SUBDOMAIN_BUCKETNAME",
            "TEST_SERVER_MODE",
            "TEST_PROXY_MODE",
        ):
            del os.environ[name]
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"


def _create_service(service: str) -> WsgiApplication:
    _prepare_environment()
    from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415

    application = create_backend_app(service)
    application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = True  # the mount answers for them

    def with_raw_uri(environ: Environ, start_response: Any) -> Iterable[bytes]:
        # S3 keys keep their percent-encoding only here; a2wsgi does not pass it on.
        environ["RAW_URI"] = environ["asgi.scope"]["raw_path"].decode("latin-1")
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    return with_raw_uri


class MotoServices:
    """The services' applications. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._applications: dict[str, WsgiApplication] = {}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """The WSGI application: the service is ``hansa.service`` of the request's ASGI scope."""
        return self.application(environ["asgi.scope"]["hansa.service"])(environ, start_response)

    def application(self, service: str) -> WsgiApplication:
        """``service``'s application, one of :data:`MOTO_SERVICES`."""
        with self._lock:
            if service not in self._applications:
                self._applications[service] = _create_service(service)
            return self._applications[service]

    def publish(self, bucket: str, region: str, key: str, content: bytes) -> None:
        """Put an object into a bucket that only the service may change, and make the bucket."""
        self.application("s3")
        from moto.s3.models import s3_backends  # noqa: PLC0415
        from moto.utilities.utils import get_partition  # noqa: PLC0415

        with self._lock:
            backend = s3_backends[SERVICE_ACCOUNT][get_partition(region)]
            if bucket not in backend.buckets:
                backend.create_bucket(bucket, region)
            backend.put_object(bucket, key, content)
