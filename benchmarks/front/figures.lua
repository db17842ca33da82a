-- Copyright: (c) 2026, hubsmith contributors
-- GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- wrk's last line: requests, microseconds that they took together, the microseconds within which 99 % were answered, failures, and apart
-- from these the kept connections that were closed on it, as HTTP allows.
done = function(summary, latency, requests)
  local failed = summary.errors
  local failures = failed.connect + failed.write + failed.status + failed.timeout
  io.write(string.format("%d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(99), failures, failed.read))
end
