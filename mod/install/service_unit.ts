/** What differs between the units of different nodes. */
export interface ServiceUnitOptions {
  readonly binary: string;
  /**
   * systemd 253 and newer can see a reload by signal through from its begin to
   * its end (`Type=notify-reload`); older ones know `notify` only.
   */
  readonly notifyReload: boolean;
}

/** The first systemd that knows `Type=notify-reload`. */
export const NOTIFY_RELOAD_SINCE = 253;

/** What the agent may not do. */
const CONFINEMENT = `\
# Root, because the runtime's socket, the pods' logs and the kubelet's keys are root's; with
# nothing left of root's powers, save giving a control plane's files to its components, and a port
# below 1024 where podstead.socket does not hold it.
CapabilityBoundingSet=CAP_CHOWN CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
# The second is a local etcd's, if there is one.
ReadWritePaths=-/etc/podstead -/var/lib/etcd
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute= is left out: the engine could only interpret, 15 times slower.`;

/**
 * The systemd unit of the agent.
 *
 * `ExecReload=` runs `podstead reload` in both variants: its exit code is the
 * only thing that can make `systemctl reload` fail when a config is refused.
 */
export function serviceUnit(options: ServiceUnitOptions): string {
  const { binary, notifyReload } = options;
  return `# Made by podstead. Changes of your own belong into a drop-in: systemctl edit podstead.
[Unit]
Description=podstead, static pods for this node
Documentation=man:podstead(1)
# The kubelet's first question must find an answer: it would start without static pods.
Before=kubelet.service
Wants=containerd.service podstead.socket
# Waits for the network only where something else does (kubeadm's kubelet does): its address is a
# control plane's.
After=podstead.socket containerd.service network.target network-online.target
StartLimitIntervalSec=0

[Service]
Type=${notifyReload ? "notify-reload" : "notify"}
# The executable speaks to systemd by itself; nothing else may.
NotifyAccess=main
ExecStart=${binary} serve
# The kernel's own ID of the boot cannot be read with ProcSubset=pid.
Environment=PODSTEAD_BOOT_ID=%b
ExecReload=${binary} reload --wait=45s
Restart=on-failure
# 64 usage, 77 permission, 78 config: the next start would end the same way.
RestartPreventExitStatus=64 77 78
# A poll that waits at podstead.socket starts a failed service at once, whatever RestartSec= says.
ExecStopPost=/bin/sh -c 'test "$SERVICE_RESULT" = success || sleep 1'
TimeoutStartSec=60s
TimeoutStopSec=20s
WatchdogSec=30s
MemoryHigh=256M
MemoryMax=512M
TasksMax=512
OOMScoreAdjust=-500

RuntimeDirectory=podstead
RuntimeDirectoryMode=0755
# Pods mount their ConfigMaps and Secrets from it, also while podstead is stopped.
RuntimeDirectoryPreserve=yes
StateDirectory=podstead
StateDirectoryMode=0700
ConfigurationDirectory=podstead
ConfigurationDirectoryMode=0750
UMask=0077
# A dump of the memory would have opened Secrets in it.
LimitCORE=0
# The identity that opens sealed Secrets can be kept encrypted for this machine alone, in a drop-in:
#   LoadCredentialEncrypted=podstead-identity:/etc/podstead/identity.cred
# made by: systemd-creds encrypt --name=podstead-identity /etc/podstead/identity /etc/podstead/identity.cred

${CONFINEMENT}

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The systemd unit that holds the kubelet's address, over crashes, upgrades and
 * stops of the agent: the first to listen there is the kubelet's master.
 *
 * @param address such as `127.0.0.1:261`
 */
export function socketUnit(address: string): string {
  return `# Made by podstead. To stop the agent for good: systemctl stop podstead.socket podstead.service
[Unit]
Description=The address where the kubelet asks podstead
Documentation=man:podstead(1)
Before=kubelet.service

[Socket]
ListenStream=${address}
FileDescriptorName=manifest
NoDelay=yes
# A crash that repeats must not make systemd give the address up.
TriggerLimitIntervalSec=0

[Install]
WantedBy=sockets.target
`;
}
