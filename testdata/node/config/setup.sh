# Sets up the namespaces of a node, from inside them, once. The node's first process runs already; the servers
# follow. Argument: the folder that the test bed and the servers share, which the servers know as /run/testbed.
set -eu

# Mounts. What the servers write outside of their folder is in memory, and gone with the namespace.
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs run /run
mkdir /run/testbed /run/lock
mount --bind "$1" /run/testbed
mount -t tmpfs var /var
mkdir -p /var/lib /var/log /var/tmp
ln -s /run /var/run
# The kubelet would set these for the whole machine. It finds them set in files of its own instead.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1; do
	file=/run/$(basename "${setting%=*}")
	echo "${setting#*=}" >"$file"
	mount --bind "$file" "/proc/sys/${setting%=*}"
done
mount --make-rshared / # the kubelet's mounts reach the containers

# Networks: the node's, and one outside of the cluster, which knows the way to the node's addresses alone. 203.0.113.0/24
# (RFC 5737) is what a load balancer has to give.
hostname node1
ip netns add outside
ip link set lo up
ip link add eth0 type veth peer name eth0 netns outside
ip addr add 10.231.0.2/24 dev eth0
ip link set eth0 up
ip -n outside link set lo up
ip -n outside addr add 10.231.0.1/24 dev eth0
ip -n outside link set eth0 up
ip -n outside route add 203.0.113.0/24 via 10.231.0.2
ip route add default via 10.231.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
# Answers from one pod to another pass through the rules that made the Service's address the pod's.
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
