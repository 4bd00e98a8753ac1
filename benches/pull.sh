#!/bin/sh
# Pulls one image of 1 GiB in 8 layers with skopeo and with tagalong, in turn, from a registry on this machine into an
# OCI layout, and prints the medians, the ratio of the times, and the peak memory. Each layout is read back by skopeo.
#
#   benches/pull.sh [ROUNDS]          TAGALONG=path/to/tagalong measures that program instead of a release build
#   SIZE=1024 LAYERS=8                MiB in all, and in how many layers
#
# Needs docker-registry, skopeo, time, python3 and curl. Goal: ratio at most 0.30, memory at most 48 MiB.
set -eu

rounds=${1:-5}
size=${SIZE:-1024}
layers=${LAYERS:-8}
here=$(cd "$(dirname "$0")/.." && pwd)
for tool in docker-registry skopeo /usr/bin/time python3 curl; do
    command -v "$tool" >/dev/null || { echo "pull.sh: $tool is missing" >&2; exit 1; }
done
if [ -z "${TAGALONG:-}" ]; then
    (cd "$here" && cargo build --release --quiet)
    TAGALONG=$here/target/release/tagalong
fi

work=$(mktemp -d)
registry=
clean_up() {
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Writes the image straight into the registry's storage: layers of noise, which no compression makes smaller.
seed() {
    python3 - "$work/registry" "$size" "$layers" <<'PYTHON'
import hashlib, json, os, random, sys
root, size, layers = os.path.join(sys.argv[1], "docker/registry/v2"), int(sys.argv[2]), int(sys.argv[3])
kind = "application/vnd.oci.image."

def write(path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)

def blob(data, media_type, link):
    digest = hashlib.sha256(data).hexdigest()
    write(f"blobs/sha256/{digest[:2]}/{digest}/data", data)
    write(f"repositories/scale/bulk/{link}/sha256/{digest}/link", f"sha256:{digest}".encode())
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

parts = [blob(random.Random(n).randbytes((size << 20) // layers), kind + "layer.v1.tar", "_layers") for n in range(layers)]
config = {"architecture": "amd64", "os": "linux", "config": {}}
config["rootfs"] = {"type": "layers", "diff_ids": [part["digest"] for part in parts]}
config = blob(json.dumps(config).encode(), kind + "config.v1+json", "_layers")
manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "config": config, "layers": parts}
manifest = blob(json.dumps(manifest).encode(), manifest["mediaType"], "_manifests/revisions")
write("repositories/scale/bulk/_manifests/tags/latest/current/link", manifest["digest"].encode())
PYTHON
}

if [ -n "${TAGALONG_SHARED:-}" ]; then
    python3 "$TAGALONG_SHARED/tools/seed_registry.py" "$work/registry" --no-showcase --bulk "$size" --layers "$layers"
else
    seed
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
YAML
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
registry=$!
until curl -fs "http://127.0.0.1:$port/v2/" >/dev/null; do
    kill -0 "$registry" 2>/dev/null || { cat "$work/registry.log" >&2; exit 1; }
    sleep 0.1
done

# measure NAME COMMAND…: seconds and KiB at the peak, one line in NAME's file; the disk is quiet before it starts.
measure() {
    name=$1
    shift
    rm -rf "$work/layout"
    sync
    /usr/bin/time -a -o "$work/$name" -f '%e %M' "$@" >"$work/$name.log" 2>&1 || {
        cat "$work/$name.log" >&2
        exit 1
    }
}

image=127.0.0.1:$port/scale/bulk:latest
export TAGALONG_HOME="$work/home"
round=0
while [ "$round" -le "$rounds" ]; do
    # The first round only warms the caches up.
    [ "$round" -ne 1 ] || rm -f "$work/skopeo" "$work/tagalong"
    measure skopeo skopeo copy --src-tls-verify=false "docker://$image" "oci:$work/layout:latest"
    measure tagalong "$TAGALONG" pull "$image" "oci:$work/layout:latest"
    skopeo inspect "oci:$work/layout:latest" >/dev/null
    round=$((round + 1))
done

python3 - "$work" "$size" "$layers" <<'PYTHON'
import statistics, sys
work, size, layers = sys.argv[1:]

def read(name):
    rows = [line.split() for line in open(f"{work}/{name}")]
    return [float(row[0]) for row in rows], max(int(row[1]) for row in rows) / 1024

(theirs, their_peak), (ours, our_peak) = read("skopeo"), read("tagalong")
a, b = statistics.median(theirs), statistics.median(ours)
print(f"pull of {size} MiB in {layers} layers, {len(ours)} rounds in turn")
print(f"  skopeo    {a:6.2f} s  ({min(theirs):.2f} to {max(theirs):.2f})   {their_peak:6.1f} MiB")
print(f"  tagalong  {b:6.2f} s  ({min(ours):.2f} to {max(ours):.2f})   {our_peak:6.1f} MiB")
print(f"  ratio     {b / a:6.3f}    (goal: at most 0.30, and 48 MiB)")
PYTHON
