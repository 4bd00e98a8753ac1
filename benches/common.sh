# What the measurements share: tools, the program, a folder of their own, registries on this machine. To be sourced.
#
# Sets `work`; ends every registry that it started, and removes the folder, when the script ends.

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
servers=

clean_up() {
    for server in $servers; do kill "$server" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# need TOOL…: ends the script when one is missing.
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "$(basename "$0"): $tool is missing" >&2; exit 1; }
    done
}

# The program that is measured: $TAGALONG, else a release build.
program() {
    if [ -z "${TAGALONG:-}" ]; then
        (cd "$here" && cargo build --release --locked --quiet)
        TAGALONG=$here/target/release/tagalong
    fi
    export TAGALONG TAGALONG_HOME="$work/home"
}

# serve FOLDER: a registry over that storage; sets `port`.
serve() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$work/$port.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $1}}
http: {addr: "127.0.0.1:$port"}
YAML
    docker-registry serve "$work/$port.yml" >"$work/$port.log" 2>&1 &
    servers="$servers $!"
    until curl -fs "http://127.0.0.1:$port/v2/" >/dev/null; do
        kill -0 "$!" 2>/dev/null || { cat "$work/$port.log" >&2; exit 1; }
        sleep 0.1
    done
}

# seed_bulk FOLDER MIB LAYERS: the image scale/bulk:latest, written straight into a registry's storage. Its layers are
# noise, which no compression makes smaller.
seed_bulk() {
    python3 - "$@" <<'PYTHON'
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

# seed_tags FOLDER COUNT: the repository scale/tags, so many tags of one image, written straight into a registry's storage.
seed_tags() {
    python3 - "$@" <<'PYTHON'
import hashlib, json, os, sys

root, count = os.path.join(sys.argv[1], "docker/registry/v2"), int(sys.argv[2])


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
}

# layers ADDRESS: the digests of the image's layers, one a line.
layers() {
    curl -fs -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$1/v2/scale/bulk/manifests/latest" |
        python3 -c 'import json, sys; print(*(layer["digest"] for layer in json.load(sys.stdin)["layers"]), sep="\n")'
}

# seconds NAME COMMAND…: how long it takes, in NAME's file.
seconds() {
    name=$1
    shift
    sync
    began=$(date +%s.%N)
    "$@" >/dev/null
    python3 -c "import sys; print(float(sys.argv[2]) - float(sys.argv[1]))" "$began" "$(date +%s.%N)" >>"$work/$name"
}

# measure NAME COMMAND…: seconds and KiB at the peak, one line in NAME's file; the disk is quiet before it starts.
measure() {
    name=$1
    shift
    sync
    /usr/bin/time -a -o "$work/$name" -f '%e %M' "$@" >"$work/$name.log" 2>&1 || {
        cat "$work/$name.log" >&2
        exit 1
    }
}

# beside NAME TITLE GOAL: the median of another peer, and the ratio to it.
beside() {
    python3 - "$work" "$@" <<'PYTHON'
import statistics, sys
work, name, title, goal = sys.argv[1:]
theirs, ours = (statistics.median(float(line.split()[0]) for line in open(f"{work}/{n}")) for n in (name, "tagalong"))
print(f"  {title}: {theirs:.2f} s; ratio {ours / theirs:.3f} ({goal})")
PYTHON
}

# report TITLE GOAL: the medians of skopeo and tagalong, their ranges and peaks, and the ratio.
report() {
    python3 - "$work" "$1" "$2" <<'PYTHON'
import statistics, sys
work, title, goal = sys.argv[1:]

def read(name):
    rows = [line.split() for line in open(f"{work}/{name}")]
    return [float(row[0]) for row in rows], max(int(row[1]) for row in rows) / 1024

(theirs, their_peak), (ours, our_peak) = read("skopeo"), read("tagalong")
a, b = statistics.median(theirs), statistics.median(ours)
print(f"{title}, {len(ours)} rounds in turn")
print(f"  skopeo    {a:6.2f} s  ({min(theirs):.2f} to {max(theirs):.2f})   {their_peak:6.1f} MiB")
print(f"  tagalong  {b:6.2f} s  ({min(ours):.2f} to {max(ours):.2f})   {our_peak:6.1f} MiB")
print(f"  ratio     {b / a:6.3f}    ({goal})")
PYTHON
}
