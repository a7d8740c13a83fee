#!/bin/bash
# pgpool's if_up_cmd: vip-up.sh LAB VIP. Refuses while the fault vip-nowhere is on.
[ -e "$1/shared/vip-refused" ] && exit 1
exec ip addr add "$2/32" dev eth0 label eth0:0
