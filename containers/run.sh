#!/bin/sh
# What an image runs: the command that follows its name, or else a word on what there is.
[ $# -gt 0 ] || set -- cat /opt/hpcpy/share/hpcpy/help.txt
exec "$@"
