#!/usr/bin/env bash
# Make Apptainer usable on this machine, and mmdebstrap, which makes images their base where no
# registry can be reached. What it prints is the folder to put on PATH:
#
#     bin=$(ci/install-apptainer.sh) && export PATH="$bin:$PATH"
#
# What is installed is used. Else the distribution's package is installed. Else, on a Debian
# whose suite has none, the package of the unstable suite is unpacked into a private prefix with
# the C library that it needs; nothing else on the machine sees that library. apt fetches it from
# the mirror that it is configured for, and checks it against Debian's signatures.
# Running this again does nothing. Remove the prefix to undo it.
set -euo pipefail
umask 022 # what root installs is for all

here=$(dirname "$0")
suite=sid
packages=(apptainer libc6 libseccomp2 libsqlite3-0)
helpers=(fuse2fs fuse3 gocryptfs mmdebstrap squashfs-tools squashfuse uidmap)
# An ordinary user must be able to run what root installs, so it is not in root's home.
if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}; fi
prefix=$cache/hpcpy/apptainer
# What root has installed so is used by all.
PATH=$PATH:/var/cache/hpcpy/apptainer/usr/bin:$prefix/usr/bin

say() { echo "install-apptainer: $*" >&2; }

fail() { say "$*"; exit 1; }

install_packages() { "$here/install-packages.sh" "$@"; }

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

has_package() {
    local shown
    shown=$(apt-cache show --no-all-versions "$1" 2>/dev/null) || return 1
    [[ $shown = *Filename:* ]]
}

# A bare image has no package lists, so that apt knows of no package at all.
fetch_lists() {
    ! has_package base-files || return 0
    if [ "$(id -u)" = 0 ]; then apt-get update --quiet=2 >&2; else sudo -n apt-get update >&2; fi ||
        fail "apt has no package lists; root must say first: apt-get update"
}

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
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian')
    mirror=${mirror%%$'\n'*}
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
if apptainer --version >/dev/null 2>&1; then
    # Who has an Apptainer may do without mmdebstrap, and may not be root.
    command -v mmdebstrap >/dev/null || ! command -v apt-get >/dev/null ||
        install_packages mmdebstrap || say "without mmdebstrap HPCPY_BASE must name a base image"
elif ! command -v apt-get >/dev/null; then
    fail "no apt-get here; install Apptainer as https://apptainer.org/docs/admin/latest says"
else
    fetch_lists
    if has_package apptainer; then
        install_packages apptainer "${helpers[@]}"
    elif [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
        install_packages "${helpers[@]}" patchelf
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        download
        unpack
    else
        fail "this distribution has no apptainer; see https://apptainer.org/docs/admin/latest"
    fi
fi
apptainer --version >&2
dirname "$(command -v apptainer)"
