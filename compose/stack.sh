# What compose/up writes into a state directory. Sourced, never run.
# shellcheck shell=bash

readonly DEFAULT_BARS_PORT=8081 DEFAULT_METRICS_PORT=9100 METRICS_ABOVE_BASE=20

# Where a hub's policy is read from: its own folder, or DIR/<hub> of --policies. A demo is played at any hour and by
# nobody in particular, so its hubs have the shipped rules but for who must be there, and when a pathway takes patients.
policy_dir() {
    local name
    name=$(basename "$1")
    if [[ -n $POLICIES ]]; then
        printf '%s/%s' "$POLICIES" "$name"
    elif [[ $LABEL == demo ]]; then
        mkdir -p "$STATE/policies/$name"
        sed -e '/^attendance {$/,/^}$/d' -e '/^    takes_patients {$/,/^    }$/d' -e '/code: "closed"/d' \
            "$1/policy.textproto" >"$STATE/policies/$name/policy.textproto"
        printf '%s/policies/%s' "$STATE" "$name"
    else
        printf '%s' "$1"
    fi
}

# The stack file is written once and then belongs to whoever runs the stack.
write_stack() {
    local bars=${PORT_BASE:-$DEFAULT_BARS_PORT} metrics=$DEFAULT_METRICS_PORT hub name offset
    [[ -z $PORT_BASE ]] || metrics=$((PORT_BASE + METRICS_ABOVE_BASE))
    {
        echo '# Written by compose/up when this state directory was new; never overwritten. common/config/config.proto'
        echo '# says what each field means.'
        printf 'state_dir: "%s"\nrun_dir: "%s"\nkeys_dir: "%s/keys"\n' "$STATE" "$RUN" "$STATE"
        printf 'label: "%s"\nlog_level: "info"\n' "$LABEL"
        for hub in "$ROOT"/compose/hubs/*/hub.textproto; do
            echo 'hubs {'
            sed -E -e '/^ *(#|$)/d' -e "s,^(policy_file: \")([^/]),\1$(policy_dir "$(dirname "$hub")")/\2," \
                -e 's/^/  /' "$hub"
            echo '}'
        done
        printf 'redis {\n  socket: "%s/redis.sock"\n  users_dir: "%s/redis/users"\n}\n' "$RUN" "$STATE"
        printf 'audit {\n  journal_dir: "%s/journal"\n' "$STATE"
        echo '  # Better on another disk than the journal:'
        printf '  roots_dir: "%s/roots"\n  free_space_floor_bytes: 268435456\n}\n' "$STATE"
        printf 'vault {\n  database: "%s/vault/vault.db"\n' "$STATE"
        echo '  # Better kept elsewhere: with it and the database, everything sealed can be read.'
        printf '  master_key_file: "%s/keys/vault-master.key"\n}\n' "$STATE"
        printf 'bars {\n  listen_address: "127.0.0.1"\n  port: %s\n  watch_dir: "%s/watch"\n' "$bars" "$STATE"
        printf '  organisation_ods: "RYD"\n  # One senders entry for each ambulance service: where its answers go.\n'
        [[ $LABEL != demo ]] ||
            printf '  senders { service_id: "7700900001" url: "http://127.0.0.1:%s/FHIR/R4" }\n' $((bars + 1))
        echo '}'
        printf 'alerts {\n  state_dir: "%s/alerts"\n' "$STATE"
        echo '  # One entry for each hub whose alerts go to a pager; services/adapters/alerts says what it gets:'
        printf '  # webhooks { hub: "HUB" url: "https://..." }\n}\n'
        while read -r name offset; do
            printf 'metrics { service: "%s" port: %s }\n' "$name" $((metrics + offset))
        done < <(services)
    } >"$STACK.new"
    chmod 600 "$STACK.new"
    mv "$STACK.new" "$STACK"
}

# The file may be edited; these are the places where an edit or a moved directory would mislead us.
check_stack() {
    local name
    [[ $(stack_field state_dir) == "$STATE" && $(stack_field run_dir) == "$RUN" ]] ||
        die "$STACK was written for $(stack_field state_dir) (run directory $(stack_field run_dir)): correct its paths"
    [[ -n $(stack_hubs) ]] || die "$STACK lists no hub"
    [[ $(bars_port) =~ ^[0-9]+$ ]] || die "$STACK gives no BaRS port"
    [[ -z $PORT_BASE || $PORT_BASE == "$(bars_port)" ]] ||
        die "$STATE was created with port base $(bars_port): edit $STACK, or use another --state"
    for name in $(service_names); do
        [[ -n $(metrics_port "$name") ]] ||
            die "$STACK gives no metrics port for $name: add a line like   metrics { service: \"$name\" port: 9199 }"
    done
    "$BIN/audit" --config "$STACK" --check >/dev/null || die "the lines above say what is wrong with $STACK"
}

stack_hubs() { sed -n '/^hubs {/,/^}/s/^ *name: *"\(.*\)".*/\1/p' "$STACK"; }
journal_file() { printf '%s/%s.journal\n' "$(stack_field journal_dir)" "$1"; }
demo_sender_port() {
    sed -n -E 's,^ *senders \{ service_id: "7700900001" url: "http://127.0.0.1:([0-9]+)/.*,\1,p' "$STACK"
}
stack_ports() {
    local name
    printf 'bars %s\n' "$(bars_port)"
    [[ $LABEL != demo ]] || printf 'demo-sender %s\n' "$(demo_sender_port)"
    for name in $(service_names); do
        printf '%s-metrics %s\n' "$name" "$(metrics_port "$name")"
    done
}

# Passwords are made once; which commands each user may send is the store's own knowledge (redis_acl).
write_redis_users() {
    local user
    for user in service audit; do
        [[ -s $STATE/redis/users/$user.password ]] ||
            (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$STATE/redis/users/$user.password")
    done
    (umask 077 && "$BIN/redis_acl" "$STATE/redis/users" >"$STATE/redis/users.acl.new") ||
        die "could not write the users of Redis in $STATE/redis"
    mv "$STATE/redis/users.acl.new" "$STATE/redis/users.acl"
}

write_redis_conf() {
    (umask 077 && sed -e "/^#/d" -e "s,@RUN@,$RUN,g" -e "s,@STATE@,$STATE,g" \
        "$ROOT/compose/redis.conf" >"$STATE/redis/redis.conf.new")
    mv "$STATE/redis/redis.conf.new" "$STATE/redis/redis.conf"
}

# startsecs=0: a process counts as running at once, so that an early crash is restarted within a second and the
# supervisor never gives up; startretries covers a program file that is missing for a while.
program() {
    cat <<PROGRAM

[program:$1]
command=$2
directory=$STATE
priority=$3
autostart=true
autorestart=true
startsecs=0
startretries=1000000000
stopsignal=TERM
stopwaitsecs=15
killasgroup=true
redirect_stderr=true
stdout_logfile=$STATE/log/$1.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
PROGRAM
}

write_supervisor_conf() {
    local name priority=20
    {
        cat <<CONF
; Written by compose/up at every start.
[unix_http_server]
file=$RUN/supervisor.sock
chmod=0700

[supervisord]
logfile=$STATE/log/supervisord.log
logfile_maxbytes=10MB
logfile_backups=3
loglevel=info
pidfile=$RUN/supervisord.pid
childlogdir=$STATE/log
directory=$STATE
umask=077
CONF
        [[ $EUID -ne 0 ]] || echo 'user=root'
        cat <<CONF

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$RUN/supervisor.sock
CONF
        program redis "redis-server \"$STATE/redis/redis.conf\"" 10
        for name in $(service_names); do
            program "$name" "\"$BIN/$name\" --config \"$STACK\"" $((priority++))
        done
        [[ $LABEL != demo ]] || program demo-sender \
            "python3 \"$ROOT/compose/demo_sender.py\" $(demo_sender_port) \"$STATE/log/demo-sender.received\"" 40
    } >"$CONF.new"
    mv "$CONF.new" "$CONF"
}
