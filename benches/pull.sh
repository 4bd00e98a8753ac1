#!/bin/sh
# Pulls one image of 1 GiB in 8 layers with skopeo and with tagalong, in turn, from a registry on this machine into an
# OCI layout, and prints the medians, the ratio of the times, and the peak memory. Each layout is read back by skopeo.
#
#   benches/pull.sh [ROUNDS]          TAGALONG=path/to/tagalong measures that program instead of a release build
#   SIZE=1024 LAYERS=8                MiB in all, and in how many layers
#
# Beside it, in the same run: one process that hashes those bytes on both cores, and curl that fetches them side by side.
# Goal: at most 0.27 of skopeo, 48 MiB, and at most 1.3 of the larger of those two. A pull does both and more: the server,
# the hashing, and the writing share the cores, so the last line tells how long all of it takes by separate tools.
set -eu
. "$(dirname "$0")/common.sh"

rounds=${1:-5}
size=${SIZE:-1024}
layers=${LAYERS:-8}
need docker-registry skopeo /usr/bin/time python3 curl
program
seed_bulk "$work/storage" "$size" "$layers"
serve "$work/storage"
image=127.0.0.1:$port/scale/bulk:latest

blobs=$(layers "${image%%/*}")

hash_all() {
    for blob in $blobs; do
        hex=${blob#sha256:}
        printf '%s\n' "$work/storage/docker/registry/v2/blobs/sha256/$(printf %.2s "$hex")/$hex/data"
    done | xargs -P 2 -n 1 openssl dgst -sha256
}

fetch_all() {
    # shellcheck disable=SC2086 # a list of words
    printf "url = \"http://127.0.0.1:$port/v2/scale/bulk/blobs/%s\"\noutput = \"/dev/null\"\n" $blobs |
        curl -fs --no-progress-meter --parallel --parallel-max 8 --config -
}

# All that a pull has to do, by tools that each do one part: fetched, written, hashed on the way, and on the disk.
do_all() {
    mkdir "$work/layout"
    # shellcheck disable=SC2016,SC2086 # expanded by the inner shell; a list of words
    printf '%s\n' $blobs | xargs -P 4 -I DIGEST sh -c '
        curl -fs "http://$1/v2/scale/bulk/blobs/DIGEST" | tee "$2/DIGEST" | openssl dgst -sha256
        sync -d "$2/DIGEST"' do_all "${image%%/*}" "$work/layout"
}

round=0
while [ "$round" -le "$rounds" ]; do
    # The first round only warms the caches up.
    [ "$round" -ne 1 ] || rm -f "$work/skopeo" "$work/tagalong" "$work/hash" "$work/fetch" "$work/all"
    rm -rf "$work/layout"
    measure skopeo skopeo copy --src-tls-verify=false "docker://$image" "oci:$work/layout:latest"
    rm -rf "$work/layout"
    measure tagalong "$TAGALONG" pull "$image" "oci:$work/layout:latest"
    skopeo inspect "oci:$work/layout:latest" >/dev/null
    ! command -v openssl >/dev/null || seconds hash hash_all
    seconds fetch fetch_all
    rm -rf "$work/layout"
    ! command -v openssl >/dev/null || seconds all do_all
    round=$((round + 1))
done

report "pull of $size MiB in $layers layers" "goal: at most 0.27, and 48 MiB"
python3 - "$work" <<'PYTHON'
import os, statistics, sys
work = sys.argv[1]

def median(name, column=0):
    path = f"{work}/{name}"
    return statistics.median(float(line.split()[column]) for line in open(path)) if os.path.exists(path) else 0.0

hashing, fetching, ours = median("hash"), median("fetch"), median("tagalong")
bound = max(hashing, fetching)
print(f"  hashing   {hashing:6.2f} s on both cores, fetching {fetching:.2f} s side by side with curl")
print(f"  ratio     {ours / bound:6.3f}    (goal: at most 1.3 of the larger)")
PYTHON
[ ! -e "$work/all" ] || beside all "curl, tee, openssl and sync at once" "goal: at most 1"
