# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the certificate lasts that people get to see, for monitoring."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography import x509
from jupyterhub.metrics import metrics_prefix
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from . import source

_DAY = 24 * 60 * 60
# A chain takes a few thousand bytes.
_MOST = 2**20


def tell(path: str, log: Any, registry: CollectorRegistry = REGISTRY) -> None:
    """Have the metrics say it; nothing, without a path."""
    if path:
        registry.register(Certificate(path, log))


class Certificate(Collector):
    """Looked at whenever somebody asks for the metrics, and read when it has changed. While it cannot be read, there are no figures."""

    def __init__(self, path: str, log: Any) -> None:
        self.path = path
        self.log = log
        self._known = source.UNKNOWN
        self._not_after: float | None = None
        self._trouble = ""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing, so that to register it never fails."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        not_after = self._look()
        if not_after is None:
            return
        name = f"{metrics_prefix}_certificate"
        yield GaugeMetricFamily(f"{name}_days_left", "Days until the certificate expires", (not_after - time.time()) / _DAY)
        yield GaugeMetricFamily(f"{name}_not_after_timestamp_seconds", "When the certificate expires", not_after)

    def _look(self) -> float | None:
        # Of a link, only what it leads to may have changed.
        seen = source.signature(os.path.realpath(self.path))
        if seen != self._known or seen == source.UNKNOWN:
            self._known, self._not_after = seen, self._read()
        return self._not_after

    def _read(self) -> float | None:
        try:
            not_after, trouble = _not_after(self.path), ""
        except Exception as error:
            # Whatever a broken file comes to, there are other metrics.
            not_after, trouble = None, str(error) or repr(error)
        if trouble and trouble != self._trouble:
            self.log.warning("How long the certificate lasts cannot be told, as %s cannot be read: %s", self.path, trouble)
        elif self._trouble and not trouble:
            self.log.info("The certificate %s can be read again", self.path)
        self._trouble = trouble
        return not_after


def _not_after(path: str) -> float:
    """Of the first certificate in the file, which is the server's own."""
    # To open a pipe would wait for who writes to it, and the hub with it.
    if not os.path.isfile(path):
        raise FileNotFoundError("there is no such file")
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificate(file.read(_MOST)).not_valid_after_utc.timestamp()
