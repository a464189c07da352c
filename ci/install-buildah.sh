#!/usr/bin/env bash
# Make one of docker, podman and buildah usable on this machine; the last line names it.
#
# One that works is used: a docker client without a daemon does not. Else the distribution's
# buildah is installed, which needs neither a daemon nor, with --isolation chroot, any privilege
# that a container lacks, and mmdebstrap, which makes the base of images where no registry can be
# reached. Running this again does nothing.
set -euo pipefail

here=$(dirname "$0")

say() { echo "install-buildah: $*" >&2; }

find_builder() {
    local tool
    for tool in docker podman buildah; do
        if command -v "$tool" >/dev/null && timeout 20 "$tool" info >/dev/null 2>&1; then
            echo "$tool"
            return 0
        fi
    done
    return 1
}

if ! find_builder >/dev/null; then
    "$here/install-packages.sh" buildah uidmap
fi
command -v mmdebstrap >/dev/null || ! command -v apt-get >/dev/null ||
    "$here/install-packages.sh" mmdebstrap || say "without mmdebstrap HPCPY_BASE must name a base image"
find_builder || { say "buildah is installed, but \`buildah info\` fails"; exit 1; }
