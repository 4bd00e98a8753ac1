#!/bin/sh
# Lists tags of a registry on this machine, alone and while the same program pulls 1 GiB from it.
#
#   benches/browse.sh
#
# Goal: a listing takes at most twice its time alone.
set -eu
. "$(dirname "$0")/common.sh"

need docker-registry python3 curl
seed_bulk "$work/storage" "${SIZE:-1024}" "${LAYERS:-8}"
seed_tags "$work/storage" 1000
serve "$work/storage"
cd "$here"
BROWSE=127.0.0.1:$port cargo bench --locked --quiet --bench browse
