#!/usr/bin/env bash
# Make Apptainer usable on this machine; the last line printed is the folder to put on PATH:
#
#     PATH=$(ci/install-apptainer.sh | tail -n 1):$PATH
#
# What is installed is used. Else the distribution's package is installed. Else, on a Debian
# whose suite has none, the package of the unstable suite is unpacked into a private prefix with
# the C library that it needs; nothing else on the machine sees that library. apt fetches it from
# the mirror that it is configured for, and checks it against Debian's signatures.
# Running this again does nothing. Remove the prefix to undo it.
set -euo pipefail

suite=sid
packages=(apptainer libc6 libseccomp2 libsqlite3-0)
helpers=(fuse2fs fuse3 gocryptfs squashfs-tools squashfuse uidmap)
# An ordinary user must be able to run what root installs, so it is not in root's home.
if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
prefix=$cache/hpcpy/apptainer

say() { echo "install-apptainer: $*" >&2; }

fail() { say "$*"; exit 1; }

install_packages() {
    local as_root=(env)
    dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2>&1 |
        grep --quiet --invert-match '^installed$' || return 0
    [ "$(id -u)" = 0 ] || as_root=(sudo -n env)
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet=2 --no-install-recommends "$@" >&2 ||
        fail "root must say first: apt-get update && apt-get install $*"
}

# `apptainer build --fakeroot` maps the users of an image to these; root has none on Debian.
allow_fakeroot() {
    local file first
    [ "$(id -u)" = 0 ] || return 0
    for file in /etc/subuid /etc/subgid; do
        touch "$file"
        first=$(awk -F: 'BEGIN { first = 100000 } { end = $2 + $3; if (end > first) first = end }
            END { print first }' "$file")
        grep -q '^root:' "$file" || echo "root:$first:65536" >>"$file"
    done
}

has_package() { apt-cache show --no-all-versions "$1" 2>/dev/null | grep -q '^Filename:'; }

# A configuration of apt that knows one more suite, and changes nothing of the machine's.
private_apt() {
    local command=$1
    shift
    "$command" -o Dir::State="$work/state" -o Dir::Cache="$work/cache" \
        -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

download() {
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
        'Label: Debian' | head -n 1)
    [ -n "$mirror" ] || fail "apt has no package lists of Debian: sudo apt-get update"
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
        >"$work/sources.list"
    private_apt apt-get update --quiet=2 >&2
    (cd "$work" && private_apt apt-get download --quiet=2 "${packages[@]}" >&2)
}

# The programs look for their settings relative to where they are, each at another depth.
unpack() {
    local root=$work/root folder package tool loader
    folder=usr/lib/$(uname -m)-linux-gnu
    mkdir "$root"
    for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$root"; done
    ln -s ../etc ../var "$root/usr"
    ln -s run-singularity.apptainer "$root/usr/bin/run-singularity"
    ln -s ../../etc ../../var "$root/usr/lib"
    loader=$(basename "$(patchelf --print-interpreter "$root/usr/bin/apptainer")")
    for tool in "$root/usr/bin/apptainer" "$root/$folder/apptainer/bin/starter"; do
        patchelf --set-interpreter "$prefix/$folder/$loader" \
            --force-rpath --set-rpath "$prefix/$folder" "$tool"
    done
    for tool in "$root/$folder"/libsqlite3.so.0 "$root/$folder"/libseccomp.so.2; do
        patchelf --force-rpath --set-rpath "$prefix/$folder" "$(readlink -f "$tool")"
    done
    chmod -R a+rX "$root"
    rm -rf "$prefix"
    mkdir -p "$(dirname "$prefix")"
    mv "$root" "$prefix"
}

allow_fakeroot
[ -r /dev/fuse ] && [ -w /dev/fuse ] ||
    say "no access to /dev/fuse: every start of an image will unpack it first"
if ! command -v apptainer >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        fail "no apt-get here; install Apptainer as https://apptainer.org/docs/admin/latest says"
    elif has_package apptainer; then
        install_packages apptainer "${helpers[@]}"
    elif [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
        install_packages "${helpers[@]}" patchelf
        if ! "$prefix/usr/bin/apptainer" --version >/dev/null 2>&1; then
            work=$(mktemp -d)
            trap 'rm -rf "$work"' EXIT
            download
            unpack
        fi
    else
        fail "this distribution has no apptainer; see https://apptainer.org/docs/admin/latest"
    fi
fi
PATH=$PATH:$prefix/usr/bin
apptainer --version
dirname "$(command -v apptainer)"
