#!/usr/bin/env bash
# Owns trying, from inside a sandbox, what must not be in reach: probe.fixture.sh <targets>
# Each line of the file is a name, a kind of try and what to try it on, parted by tabs. Prints each name with `reached`
# or `refused`; several lines of one name are one row for whoever reads it.
exec 2>/dev/null

everything=$(mktemp)
find / -path /proc -prune -o -print >"$everything"

try() {
  local kind=$1 target=$2
  case $kind in
    # Where it lies on the host, and wherever else it may have been laid in.
    file) [ -n "$(head -c 1 "$target")" ] || grep -qF -- "/${target##*/}" "$everything" ;;
    read) [ -n "$(head -c 1 "$target")" ] ;;
    same) [ "$(sha256sum <"${target#* }")" = "${target%% *}  -" ] ;;
    socket) [ -S "$target" ] ;;
    write) echo x >>"$target" ;;
    environment) cat /proc/[0-9]*/environ | tr '\0' '\n' | grep -q "$target" ;;
    tcp) timeout 3 bash -c "exec 3<>/dev/tcp/${target/://}" ;;
    abstract) timeout 3 perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => "\0$ARGV[0]") or exit 1' "$target" ;;
    kill) kill -KILL "$target" ;;
    leave) setsid -f sleep "$target"; (sleep "$target" &) ; true ;;
    *) echo "probe.fixture.sh: no kind of try: $kind"; exit 2 ;;
  esac
}

while IFS=$'\t' read -r name kind target; do
  if try "$kind" "$target"; then echo "$name"$'\t'reached; else echo "$name"$'\t'refused; fi
done <"$1"
