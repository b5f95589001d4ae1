/** The node's part in its fleet, put together for the running agent. */
import { Gauge } from "prom-client";
import type { FleetView } from "../api/contract/mod.ts";
import { fleetFile, type FleetSettings } from "../config/mod.ts";
import { PodsteadError, type Scope } from "../core/mod.ts";
import { connectEtcd } from "../etcd/mod.ts";
import {
  type Brought,
  FleetMember,
  type Hands,
  loadLocal,
  saveLocal,
} from "../fleet/member/mod.ts";
import { rolloutTrigger } from "../fleet/plan/mod.ts";
import { fleetKeys } from "../fleet/store/mod.ts";
import { readRegularTextSync } from "../os/mod.ts";
import type { Controller } from "./controller.ts";
import type { HostFacts } from "./host/host.ts";
import type { NodeChanges } from "./changes/node_changes.ts";
import type { Observation } from "./observation.ts";
import { refusalOf } from "./refusal.ts";
import type { Sources } from "./sources.ts";

/** The node's part in its fleet. */
export interface NodeFleet {
  readonly view: () => FleetView;
  readonly leave: () => Promise<boolean>;
  readonly join: () => Promise<void>;
  /** Begins to take part, which does not end before the agent stops. */
  begin(): void;
}

/**
 * Opens it; `scope` closes it. Undefined if `agent.fleet` names none.
 *
 * @param closing aborts when the agent stops
 */
export async function openFleet(
  { stored: { directory: stateDir }, configPath, settings }: HostFacts,
  { clock, log, metrics, version }: Sources,
  { agent }: Controller,
  { status }: Observation,
  changes: NodeChanges,
  closing: AbortSignal,
  scope: Scope,
): Promise<NodeFleet | undefined> {
  const { fleet, node } = settings;
  if (fleet === null) return undefined;
  const etcd = scope.use(
    connectEtcd({ clock, endpoints: fleet.endpoints, certificates: certificatesOf(fleet) }),
    (client) => client.close(),
  );
  const file = () => fleetFile(configPath, agent.settings.include, fleet.name);
  const member = new FleetMember({
    ...{ clock, log, etcd, node: node.name },
    keys: fleetKeys(fleet.prefix, fleet.name),
    member: { labels: fleet.labels, address: node.address, version },
    hands: handsOf(agent, status, changes, file, fleet.name),
    random: Math.random,
    local: await loadLocal(stateDir),
    save: (local) => saveLocal(stateDir, local),
  });
  new Gauge({
    name: "podstead_fleet_connected",
    help: "1 while the fleet's etcd answers and this node takes part, 0 otherwise; only in a fleet",
    registers: [metrics.registry],
    collect() {
      this.set(member.status.connection === "connected" ? 1 : 0);
    },
  });
  let running: Promise<void> = Promise.resolve();
  scope.defer(() => running);
  return {
    view: () => ({ name: fleet.name, file: file(), ...member.status }),
    leave: () => member.leave(),
    join: () => member.join(),
    begin() {
      running = member.run(closing);
    },
  };
}

/** Far more than any certificate or key has. */
const MAX_CERTIFICATE_BYTES = 1024 * 1024;

function certificatesOf(
  { certificateAuthority, clientCertificate, clientKey }: FleetSettings,
) {
  if (certificateAuthority === null) return undefined;
  const read = (path: string) => readRegularTextSync(path, MAX_CERTIFICATE_BYTES);
  return () => ({
    ca: read(certificateAuthority),
    ...(clientCertificate === null ? {} : { cert: read(clientCertificate) }),
    ...(clientKey === null ? {} : { key: read(clientKey) }),
  });
}

function handsOf(
  agent: Controller["agent"],
  status: Observation["status"],
  { changes, trials }: NodeChanges,
  file: () => string,
  fleet: string,
): Hands {
  let ready = 0;
  status.onRows((rows) => {
    ready = rows.filter((row) => row.origin === "podstead" && row.ready === "True").length;
  });
  return {
    busy() {
      const { running } = trials.state;
      return running && `revision ${running.revision} is on trial`;
    },
    revision: () => agent.state.revision,
    pods: () => ({ ready, pods: agent.state.pods.length }),
    async bring(text, { rollout, settleMs, timeoutMs }): Promise<Brought> {
      const { result, reload, trial } = await changes.change({
        operations: [{ kind: "write", file: file(), text: `${headOf(fleet)}${text}` }],
        trigger: rolloutTrigger(rollout),
        trial: { settleMs, timeoutMs, confirm: "auto" },
      });
      if (result === "unchanged") return { kind: "ended", end: "unchanged" };
      if (result !== "applied") {
        const why = refusalOf(reload) ?? "the kubelet would refuse a pod";
        return { kind: "ended", end: "failed", message: `refused, nothing was changed: ${why}` };
      }
      if (!agent.files.some(({ path }) => path === file())) {
        throw new PodsteadError("config", `agent.include does not match "${file()}"`, {
          hint: 'Add "pods.d/*.yaml" to it',
        });
      }
      return trial === undefined ? { kind: "ended", end: "ready" } : { kind: "trial" };
    },
    standing: () => ({ backTo: agent.state.revision, lastTrial: trials.state.last?.at ?? "" }),
    trial({ backTo, lastTrial }) {
      const { running, last } = trials.state;
      if (running?.backTo === backTo) return { kind: "running" };
      if (last?.backTo !== backTo || last.at === lastTrial) return { kind: "none" };
      const end = last.result === "kept" ? "ready" : last.result;
      return { kind: "ended", end, ...(last.cause === undefined ? {} : { message: last.cause }) };
    },
  };
}

/** Without the roll-out's name: the same pods are the same bytes. */
function headOf(fleet: string): string {
  return `# Written by the fleet "${fleet}": changes here are lost. See "podstead fleet status".\n`;
}
