#!/usr/bin/env bash
# Install packages of this Debian or Ubuntu, those of them that are not there yet:
#
#     ci/install-packages.sh mmdebstrap patchelf
#
# As root, or by a sudo that asks for no password. Where apt has no package lists, as in a bare
# image, or lists so old that the packages are gone, it fetches them. Running it again does nothing.
set -euo pipefail

say() { echo "install-packages: $*" >&2; }

lacking=()
for package in "$@"; do
    # Of a name that it does not know dpkg says so and fails: that one lacks, too.
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || lacking+=("$package")
done
[ ${#lacking[@]} -gt 0 ] || exit 0

as_root=(env)
[ "$(id -u)" = 0 ] || as_root=(sudo -n env)
if ! command -v "${as_root[0]}" >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    say "root must say first: apt-get update && apt-get install ${lacking[*]}"
    exit 1
fi

install() {
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet=2 --no-install-recommends "${lacking[@]}" </dev/null >&2
}

# The first try may be silent: the second says what is wrong.
install 2>/dev/null && exit 0
"${as_root[@]}" apt-get update --quiet=2 >&2 || say "apt-get update failed"
install || {
    say "apt-get cannot install ${lacking[*]}; see above"
    exit 1
}
