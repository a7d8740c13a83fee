#!/bin/bash
# pgpool's arping_cmd: announce.sh LAB VIP NODE. The operator's own hack: announce the address, and restart
# what must listen on it or must notice the new database. The daemons close what they inherit: daemon.sh.
lab=$1 vip=$2 node=$3
arping -U -w1 -I eth0 "$vip" &
daemons=$(cat "$lab/shared/restarts")
# The fault region-stuck: somebody took the restart of the application out of this script.
[ -e "$lab/shared/region-stuck" ] && daemons=$(grep -vxE 'region|apache' "$lab/shared/restarts")
# The fault takeover-hook-silent: it restarts nothing any more, and nobody reads what it says.
[ -e "$lab/shared/hook-silent" ] && daemons=
for daemon in $daemons; do
  "$lab/shared/daemon.sh" restart "$node" "$lab/$node/$daemon" &
done
wait
exit 0
