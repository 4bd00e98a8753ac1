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

# One image, written straight into the registry's folder, with a link for each tag.
python3 - "$work/storage/docker/registry/v2" "$tags" <<'PYTHON'
import hashlib, json, os, sys

root, count = sys.argv[1], int(sys.argv[2])


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def blob(data):
    digest = hashlib.sha256(data).hexdigest()
    write(f"{root}/blobs/sha256/{digest[:2]}/{digest}/data", data)
    return digest


repository = f"{root}/repositories/scale/tags"
config = blob(b"{}")
write(f"{repository}/_layers/sha256/{config}/link", b"sha256:" + config.encode())
kind = "application/vnd.oci.image.manifest.v1+json"
manifest = {"schemaVersion": 2, "mediaType": kind, "layers": [],
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": f"sha256:{config}"}}
image = blob(json.dumps(manifest).encode())
link = b"sha256:" + image.encode()
write(f"{repository}/_manifests/revisions/sha256/{image}/link", link)
for number in range(count):
    write(f"{repository}/_manifests/tags/build-{number:07d}-{hashlib.sha1(b'%d' % number).hexdigest()[:8]}/current/link", link)
PYTHON

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
