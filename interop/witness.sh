#!/bin/sh
# Starts our witness as the conformance suite of the crate siglog starts one: with a database of its own for each
# test, the key of the log, and where to listen. The key that the suite brings is of the type that logs have; ours
# makes its own.
set -eu
while [ $# -gt 1 ]; do
  case $1 in
    --database-url) folder=${2#sqlite://}.witness ;;
    --listen) port=${2##*:} ;;
    --log) log=${2#*=} ;;
    --private-key) ;;
    *) echo "witness.sh: what is $1?" >&2; exit 2 ;;
  esac
  shift 2
done
rm -rf "$folder"
"$SURETY" witness init "$folder" --name witness.example/conformance --log-key "$log" --unencrypted >/dev/null
exec "$SURETY" witness serve "$folder" --listen "127.0.0.1:$port"
