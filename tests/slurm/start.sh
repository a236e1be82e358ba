#!/usr/bin/env bash
# A Slurm of one node, this machine, for the tests: installs Debian's packages if need be and starts the daemons. As root.
# Running it again restarts them. `tests/slurm/start.sh stop` ends them.
set -euo pipefail

die() {
    echo "$*" >&2
    exit 1
}

# End a daemon that this script started, by the number in its file.
stop() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null || return 0
    for _ in {1..50}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

[[ $EUID == 0 ]] || die "a Slurm for the tests can only be started by root"
state=/var/lib/genenet-test-slurm
stop "$state/slurmd.pid"
stop "$state/slurmctld.pid"
[[ ${1:-} != stop ]] || exit 0

if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
    command -v apt-get >/dev/null || die "needs the Debian packages slurm-wlm and munge"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

# A configuration that is not ours belongs to a cluster that is somebody's.
conf=/etc/slurm/slurm.conf
mark="# One node for genenet's tests (tests/slurm/start.sh)."
if [[ -e $conf ]] && ! grep -qxF "$mark" "$conf"; then
    die "$conf exists: this machine belongs to a cluster already"
fi

host=$(hostname -s)
memory=$(awk '/^MemTotal/ { print int($2 / 1024 * 0.95) }' /proc/meminfo)
mkdir -p "$state/state" "$state/spool" /etc/slurm
# No cgroups, no accounting: they need more than a container has. The defaults would look for finished jobs late, so jobs
# are remembered for long enough and the scheduler looks often.
cat >"$conf" <<END
$mark
ClusterName=genenet-test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MinJobAge=600
KillWait=2
ReturnToService=2
MpiDefault=none
StateSaveLocation=$state/state
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE DefMemPerCPU=500 State=UP
END

if ! munge -n >/dev/null 2>&1; then
    mkdir -p /run/munge
    chown munge: /run/munge
    runuser -u munge -- munged
fi
for _ in {1..50}; do
    ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1 || break
    sleep 0.1
done

# -c: forget the jobs of an earlier run.
slurmctld -c
slurmd -c
for _ in {1..150}; do
    if [[ $(sinfo --noheader --format=%t 2>/dev/null) == idle ]]; then
        echo "Slurm runs: $(sinfo --noheader --format='%n, %c CPUs, %m MB')"
        exit 0
    fi
    sleep 0.2
done
tail -n 20 "$state"/*.log >&2
die "Slurm did not start"
