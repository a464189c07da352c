#!/bin/bash
# What test_install_scripts.py does in a bare Debian: each step leaves its words and exit code.
cd /checkout || exit 1

step() {
    local name=$1
    shift
    "$@" >"/results/$name.out" 2>"/results/$name.err"
    echo $? >"/results/$name.code"
}

as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env -u HOME "$@"; }

mkdir -m 777 /results /deny
printf '#!/bin/sh\necho apt-get was called >&2\nexit 99\n' >/deny/apt-get
chmod 755 /deny/apt-get
chmod -R a+rX /checkout

step before dpkg-query --show --showformat='${Package}\n'
rm -rf /var/lib/apt/lists/* # as the images of a registry come
umask 077
step as_user_too_early as_user XDG_CACHE_HOME=/nowhere ci/install-apptainer.sh
step apptainer ci/install-apptainer.sh
step runs "$(cat /results/apptainer.out)/apptainer" --version
step programs sh -c 'for name; do command -v "$name" >/dev/null || echo "$name"; done' - \
    fuse2fs fusermount3 gocryptfs mmdebstrap mksquashfs newuidmap patchelf squashfuse
step again env PATH="/deny:$PATH" ci/install-apptainer.sh
step as_user as_user XDG_CACHE_HOME=/nowhere PATH="/deny:$PATH" ci/install-apptainer.sh
step one_unknown ci/install-packages.sh bash no-such-package
step buildah ci/install-buildah.sh
step buildah_again env PATH="/deny:$PATH" ci/install-buildah.sh
