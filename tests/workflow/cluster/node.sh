#!/usr/bin/env bash
# Starts Slurm in namespaces of its own and says when it is ready: files under /run and /etc/slurm,
# ports, processes and the host's name are seen nowhere else, and go when this script does.
#   unshare --mount --net --uts --pid --fork --kill-child --mount-proc tests/workflow/cluster/node.sh
set -euo pipefail
cd "$(dirname "$0")"
# Slurm resolves no address where there is a loopback one only.
ip link set lo up
ip address add 10.0.0.1 dev lo
hostname node
mount -t tmpfs tmpfs /run
mkdir -p /run/slurm /etc/slurm
mount -t tmpfs tmpfs /etc/slurm
cp slurm.conf /etc/slurm
echo "NodeName=node Name=gpu File=/dev/null" > /etc/slurm/gres.conf
echo "CgroupAutomount=no" > /etc/slurm/cgroup.conf
cat /etc/hosts - > /run/hosts <<< "10.0.0.1 node"
mount --bind /run/hosts /etc/hosts
(umask 077 && head -c 1024 /dev/urandom > /run/slurm/munge.key)
munged --key-file=/run/slurm/munge.key --socket=/run/slurm/munge.socket \
    --pid-file=/run/slurm/munged.pid --log-file=/run/slurm/munged.log --seed-file=/run/slurm/seed
slurmctld
slurmd -N node
until [[ $(sinfo --noheader --format=%T --partition=cpu) == idle ]]; do sleep 0.1; done
echo ready
exec sleep infinity
