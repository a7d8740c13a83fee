#!/bin/bash
# pgpool's arping_cmd: announce.sh LAB VIP NODE. The operator's own hack: announce the address, and restart
# what must listen on it or must notice the new database. The daemons close what they inherit: daemon.sh.
lab=$1 vip=$2 node=$3
arping -U -w1 -I eth0 "$vip" &
daemons="region maas-dns"
# The fault region-stuck: somebody took the restart of the application out of this script.
[ -e "$lab/shared/region-stuck" ] && daemons=maas-dns
for daemon in $daemons; do
  "$lab/shared/daemon.sh" restart "$node" "$lab/$node/$daemon" &
done
wait
exit 0
