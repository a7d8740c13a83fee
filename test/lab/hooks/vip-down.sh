#!/bin/bash
# pgpool's if_down_cmd: vip-down.sh LAB VIP
exec ip addr del "$2/32" dev eth0
