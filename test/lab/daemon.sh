#!/bin/bash
# Starts and stops one daemon of the lab: daemon.sh start|stop|restart HOST DIRECTORY
#
# DIRECTORY/run is what to execute (it must not fork away). Used by the lab itself and by the hooks that
# pgpool runs, so a daemon is started the same way by both: in its own session and IPC namespace, inside
# its host's network, with nothing inherited. pgpool's sockets are not close-on-exec: a daemon that inherited
# them would keep 9000 and 9999 bound and stop pgpool's next start.
set -u
action=$1 host=$2 directory=$3

started() { # start time of process $1, in clock ticks since boot; empty when there is none
  local stat
  read -r -d '' stat 2>/dev/null <"/proc/$1/stat"
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  # A zombie is dead, whoever forgot to reap it.
  [ "${1:-Z}" = Z ] || echo "${20:-}"
}

running() { # sets pid; true while the recorded process is that same process
  pid='' ticks=''
  read -r pid ticks 2>/dev/null <"$directory/pid"
  [ -n "$pid" ] && [ -n "$ticks" ] && [ "$(started "$pid")" = "$ticks" ]
}

start() {
  running && return 0
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -gt 2 ] && eval "exec $fd>&-"
    done
    cd "$directory" || exit 1
    # setsid replaces this shell, so the process id stays the one recorded below.
    # Signals: pgpool's children have some blocked, and a shell's background jobs ignore SIGINT.
    exec setsid env -i --default-signal PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      nsenter --net="/run/netns/$(cat "$directory/../../shared/prefix")$host" unshare --uts --ipc \
      bash -c 'hostname "$1" && exec bash ./run' daemon "$host"
  ) </dev/null >>"$directory/log" 2>&1 &
  echo "$! $(started $!)" >"$directory/pid"
}

stop() {
  running || return 0
  kill -INT "$pid"
  for _ in {1..100}; do
    running || return 0
    sleep 0.05
  done
  kill -KILL "$pid"
  while running; do sleep 0.05; done
}

exec {lock}>"$directory/lock"
flock --wait 20 "$lock" || exit 1
case $action in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
esac
