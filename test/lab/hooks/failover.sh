#!/bin/bash
# pgpool's failover_command: failover.sh LAB FAILED_ID OLD_PRIMARY_ID SURVIVOR_HOST
# Promotes the survivor when it was the primary that failed. Over the network, with a time limit: a survivor
# that cannot be reached must not be promoted behind pgpool's back.
lab=$1 failed=$2 old_primary=$3 survivor=$4
[ "$failed" = "$old_primary" ] || exit 0
[ -n "$survivor" ] || exit 1
export PGPASSFILE=$lab/shared/pgpass PGCONNECT_TIMEOUT=5
exec timeout 20 psql -XAtq -h "$survivor" -U postgres -d postgres -c 'SELECT pg_promote(false)'
