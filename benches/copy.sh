#!/bin/sh
# Copies one image of 1 GiB in 8 layers between two registries on this machine with skopeo and with tagalong, in turn,
# each time into a repository of another name on an empty server, and prints the medians and the ratio. Then copies it
# within one server, where no byte of a blob may move.
#
# Beside it, in the same run: curl that reads each layer and another curl that sends it, four at once and no digest
# checked. The rest of the time is the servers' own, above all the target's, which hashes what it gets.
#
#   benches/copy.sh [ROUNDS]          TAGALONG=path/to/tagalong measures that program instead of a release build
#   SIZE=1024 LAYERS=8                MiB in all, and in how many layers
#
# Goal: ratio at most 0.5, and nothing on the disk.
set -eu
. "$(dirname "$0")/common.sh"

rounds=${1:-3}
size=${SIZE:-1024}
layers=${LAYERS:-8}
need docker-registry skopeo /usr/bin/time python3 curl
program
seed_bulk "$work/storage" "$size" "$layers"
serve "$work/storage"
from=127.0.0.1:$port/scale/bulk:latest

# fresh: an empty registry; sets `to`.
fresh() {
    rm -rf "$work/empty"
    mkdir "$work/empty"
    serve "$work/empty"
    to=127.0.0.1:$port/copied/bulk:latest
}

# ended: the registry that was begun last is not needed any more.
ended() {
    last=${servers##* }
    kill "$last"
    wait "$last" 2>/dev/null || true
    servers=${servers% *}
}

# The way of each layer by curl alone. The session is opened first, as a registry wants it.
# shellcheck disable=SC2016 # expanded by the inner shell
by_curl() {
    layers "${from%%/*}" | xargs -P 4 -I DIGEST sh -c '
        session=$(curl -fs -X POST -H "Content-Length: 0" -o /dev/null -w "%header{location}" "http://$2/blobs/uploads/")
        curl -fs "http://$1/blobs/DIGEST" |
            curl -fs -X PUT -T - -H "Expect:" -H "Content-Type: application/octet-stream" "$session&digest=DIGEST"
    ' by_curl "${from%%/*}/v2/scale/bulk" "${to%%/*}/v2/copied/bulk"
}

round=0
while [ "$round" -le "$rounds" ]; do
    # The first round only warms the caches up.
    [ "$round" -ne 1 ] || rm -f "$work/skopeo" "$work/tagalong" "$work/curl"
    fresh
    measure skopeo skopeo copy --src-tls-verify=false --dest-tls-verify=false "docker://$from" "docker://$to"
    ended
    fresh
    measure tagalong "$TAGALONG" copy "$from" "$to"
    skopeo inspect --tls-verify=false "docker://$to" >/dev/null
    ended
    fresh
    seconds curl by_curl
    ended
    round=$((round + 1))
done
report "copy of $size MiB in $layers layers between two servers" "goal: at most 0.5"
beside curl "curl into curl, nothing checked" "1 is the servers' own time"
if [ -e "$work/home" ]; then
    printf '  on disk   %s KiB of cache and log\n' "$(du -sk "$work/home" | cut -f1)"
fi
"$TAGALONG" copy --json "$from" "${from%%/*}/other/bulk:latest" | python3 -c '
import json, sys
moved = json.load(sys.stdin)
print("within one server: {sent} bytes sent, {mounted} bytes mounted".format(**moved))
sys.exit(moved["sent"] != 0)'
