# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub that runs tells monitoring of the certificate."""

from __future__ import annotations

import datetime
import time

from identity_provider import Keys

DAYS_LEFT, NOT_AFTER = "jupyterhub_certificate_days_left", "jupyterhub_certificate_not_after_timestamp_seconds"
# Of the certificate that is made here.
END = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC).timestamp()


def test_the_metrics_tell_how_long_the_certificate_lasts(make_hub, hub):
    watching = make_hub(extra="c.LiveAccess.public_certificate_file = 'tls.pem'\n")
    # Without its file the hub runs all the same, and tells as soon as there is one.
    assert not {DAYS_LEFT, NOT_AFTER} & watching.metrics().keys()
    assert "as tls.pem cannot be read: there is no such file" in watching.log()
    made = Keys.make(watching.folder, "tls").certificate
    found = watching.metrics()
    assert found[NOT_AFTER] == END
    assert abs(found[DAYS_LEFT] - (END - time.time()) / 86400) < 0.01
    made.write_text("rubbish")
    assert DAYS_LEFT not in watching.metrics()
    assert watching.process.poll() is None
    # Where the trait says nothing, neither do they.
    assert not {DAYS_LEFT, NOT_AFTER} & hub.metrics().keys()
