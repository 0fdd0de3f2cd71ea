#!/usr/bin/env bash
# make demo: the example application dies with its region and comes back in another account and region.
set -euo pipefail
cd "$(dirname "$0")/pharmacy-updates"
lifeboat=../../bin/lifeboat

echo '$ lifeboat plan region-down'
"$lifeboat" plan region-down
echo
echo '$ lifeboat drill region-down'
time "$lifeboat" drill region-down --yes
echo
echo 'The journal, and what every process said, is in examples/pharmacy-updates/.lifeboat/runs.'
echo 'Read it again with: bin/lifeboat report latest -C examples/pharmacy-updates'
