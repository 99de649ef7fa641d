# Shared by compose/install, compose/up and compose/down. Sourced, never run.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
ME="compose/$(basename "$0")"
readonly ROOT ME
readonly SOCKET_PATH_MAX=107      # bytes in sockaddr_un, less the final zero
readonly LONGEST_SOCKET_NAME=40   # room for /<hub>-<service>.sock below the run directory
readonly MIN_FREE_MB=${RIGHTPLACE_MIN_FREE_MB:-1024}

say() { printf '%s: %s\n' "$ME" "$*"; }
die() {
    printf '%s: %s\n' "$ME" "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Paths end up in a textproto, an ini file and a Redis configuration: refuse what one of them would misread.
require_plain_path() {
    [[ $1 != *[\"\'\\%\;\#\,\$\`\&\|[:cntrl:]]* ]] ||
        die "the path $1 has a character that configuration files misread, one of \" ' \\ % ; # , \$ \` & |"
}

# Program names and their metrics port offsets, in start order.
services() { grep '^[a-z]' "$ROOT/compose/services.txt"; }
service_names() { services | awk '{ print $1 }'; }

# --- where things are ---------------------------------------------------------------------------

# Sets STATE to an absolute path, without requiring that it exists.
set_state() {
    STATE=$(realpath -m -- "$1")
    require_plain_path "$STATE"
    STACK=$STATE/stack.textproto
    CONF=$STATE/supervisord.conf
}

# Sockets need short paths: a deep state directory gets a run directory elsewhere, remembered in a file.
set_run_dir() {
    if [[ -s $STATE/run-dir ]]; then
        RUN=$(<"$STATE/run-dir")
        return
    fi
    RUN=$STATE/run
    if ((${#RUN} + LONGEST_SOCKET_NAME > SOCKET_PATH_MAX)); then
        RUN=${XDG_RUNTIME_DIR:-/tmp}/rightplace-$(printf '%s' "$STATE" | sha256sum | cut -c 1-12)
    fi
}

# The value of a plain string or number field in the stack file: stack_field 'state_dir'
stack_field() { sed -n -E "s/^ *$1: *\"?([^\"]*)\"?.*/\1/p" "$STACK" | head -n 1; }
bars_port() { sed -n '/^bars {/,/^}/s/^ *port: *//p' "$STACK" | head -n 1; }
metrics_port() { sed -n -E "s/^metrics \{ service: \"$1\" port: ([0-9]+) \}.*/\1/p" "$STACK" | head -n 1; }

# --- what is running ----------------------------------------------------------------------------

# supervisord and everything under it carry RIGHTPLACE_STACK in their environment. That finds them
# when supervisord itself has died, and never takes a reused process id for ours.
pids_of() {
    grep -lzxF "RIGHTPLACE_STACK=$1" /proc/[0-9]*/environ 2>/dev/null | sed -E 's,/proc/([0-9]+)/environ,\1,' || true
}

# State directories of the stacks that run from this checkout.
running_stacks() {
    local file
    { grep -lzxF "RIGHTPLACE_CHECKOUT=$ROOT" /proc/[0-9]*/environ 2>/dev/null || true; } |
        while read -r file; do
            { tr '\0' '\n' <"$file" | sed -n 's/^RIGHTPLACE_STACK=//p'; } 2>/dev/null || true
        done | sort -u
}

supervisor_pid() {
    local pid
    [[ -s $RUN/supervisord.pid ]] || return 1
    pid=$(<"$RUN/supervisord.pid")
    grep -qzxF "RIGHTPLACE_STACK=$STATE" "/proc/$pid/environ" 2>/dev/null || return 1
    printf '%s\n' "$pid"
}

# Stops what runs for $STATE: supervisord first, so that nothing is started again; then the rest.
stop_stack() {
    local pid pids tries
    if pid=$(supervisor_pid); then
        kill -TERM "$pid" 2>/dev/null || true
        for ((tries = 0; tries < 400; ++tries)); do
            [[ -d /proc/$pid ]] || break
            sleep 0.1
        done
    fi
    mapfile -t pids < <(pids_of "$STATE")
    [[ ${#pids[@]} -gt 0 ]] || return 0
    kill -TERM "${pids[@]}" 2>/dev/null || true
    for ((tries = 0; tries < 50; ++tries)); do
        mapfile -t pids < <(pids_of "$STATE")
        [[ ${#pids[@]} -gt 0 ]] || return 0
        sleep 0.1
    done
    kill -KILL "${pids[@]}" 2>/dev/null || true
    for ((tries = 0; tries < 50; ++tries)); do
        mapfile -t pids < <(pids_of "$STATE")
        [[ ${#pids[@]} -gt 0 ]] || return 0
        sleep 0.1
    done
    die "could not stop ${pids[*]}; they may belong to another user"
}
