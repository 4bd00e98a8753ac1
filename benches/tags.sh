#!/bin/sh
# Lists 100,000 tags of a registry on this machine with skopeo and with tagalong, in turn, and prints the medians and the
# ratio of the times. Both have to give the same tags.
#
#   benches/tags.sh [ROUNDS]          TAGALONG=path/to/tagalong measures that program instead of a release build
#   TAGS=100000                       how many tags
#
# Goal: ratio at most 1.0.
set -eu

. "$(dirname "$0")/common.sh"

rounds=${1:-5}
tags=${TAGS:-100000}
need docker-registry skopeo python3 curl
program

seed_tags "$work/storage" "$tags"
serve "$work/storage"
python3 - "$rounds" "$TAGALONG" "127.0.0.1:$port/scale/tags" "$tags" <<'PYTHON'
import json, statistics, subprocess, sys, time

rounds, tagalong, repository, expected = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
programs = {
    "skopeo list-tags": ["skopeo", "list-tags", "--tls-verify=false", f"docker://{repository}"],
    "tagalong ls": [tagalong, "ls", repository],
}
seconds = {name: [] for name in programs}
listed = {}
for _ in range(rounds + 1):  # the first round warms the server's cache and is not counted
    for name, command in programs.items():
        began = time.monotonic()
        out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        seconds[name].append(time.monotonic() - began)
        listed[name] = sorted(json.loads(out)["Tags"] if out.startswith("{") else out.split())
same = list(listed.values())
if same[0] != same[1] or len(same[0]) != expected:
    sys.exit(f"the lists differ: {[len(tags) for tags in same]} of {expected}")
medians = {name: statistics.median(times[1:]) for name, times in seconds.items()}
for name, median in medians.items():
    print(f"{name:18} {median:6.3f} s  for {expected} tags")
ratio = medians["tagalong ls"] / medians["skopeo list-tags"]
print(f"ratio {ratio:.2f} (goal: at most 1.00)")
sys.exit(ratio > 1.0)
PYTHON
