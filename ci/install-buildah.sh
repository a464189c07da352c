#!/usr/bin/env bash
# Make one of docker, podman and buildah usable on this machine; the last line names it.
#
# One that works is used: a docker client without a daemon does not. Else the distribution's
# buildah is installed, which needs neither a daemon nor, with --isolation chroot, any privilege
# that a container lacks. Running this again does nothing.
set -euo pipefail

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
    as_root=(env)
    [ "$(id -u)" = 0 ] || as_root=(sudo -n env)
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet=2 --no-install-recommends buildah uidmap >&2 || {
        say "root must say first: apt-get update && apt-get install buildah uidmap"
        exit 1
    }
fi
find_builder || { say "buildah is installed, but \`buildah info\` fails"; exit 1; }
