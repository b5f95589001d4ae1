/** Services as ports of the node. */
import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  UsageError,
  valueAt,
} from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { type Findings, integerAt, listAt, type Manifest, objectAt, textAt } from "./manifest.ts";
import { mapContainers, type PodDraft } from "./pod_template.ts";

/** Which ports of Services become ports of the node. */
export interface Publication {
  /** As it was given, for messages. */
  readonly text: string;
  /** The name of the Service; any if it is left out. */
  readonly service?: string;
  /** The Service's port; each if it is left out. */
  readonly port?: number;
  /** The node's port; the Service's own `nodePort` or `port` if it is left out. */
  readonly hostPort?: number;
}

/**
 * Reads `all`, `SERVICE`, `HOST:PORT` or `SERVICE/HOST:PORT`.
 *
 * @throws {UsageError} for any other text
 */
export function parsePublication(text: string): Publication {
  if (text === "all") return { text };
  const match = /^(?:([a-z]([-a-z0-9]*[a-z0-9])?)\/)?(\d{1,5}):(\d{1,5})$/.exec(text);
  const [, service, , host, port] = match ?? [];
  const hostPort = Number(host);
  if (match !== null && isPort(hostPort) && isPort(Number(port))) {
    return {
      text,
      hostPort,
      port: Number(port),
      ...(service === undefined ? {} : { service }),
    };
  }
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)) return { text, service: text };
  throw new UsageError(`"${text}" names no port of a Service`, {
    hint: "Write all, a Service's name, HOST:PORT or SERVICE/HOST:PORT, with ports of 1–65535",
  });
}

/** What Services are published with. */
export interface PublishOptions {
  readonly publications: readonly Publication[];
  /** Where the names of published Services lead to; nowhere if it is left out. */
  readonly nodeAddress?: string;
}

/** One port of one pod on the node. */
interface HostPort {
  readonly draft: PodDraft;
  readonly protocol: string;
  readonly containerPort: number;
  readonly hostPort: number;
}

/**
 * Gives pods the ports of their Services on the node, and the other pods the names of these
 * Services. A Service that is not published is told of.
 *
 * @returns the pods in their order
 */
export function publishServices(
  drafts: readonly PodDraft[],
  services: readonly Manifest[],
  options: PublishOptions,
  findings: Findings,
): readonly PodDraft[] {
  const used = new Set<Publication>();
  const ports: HostPort[] = [];
  const names: { readonly service: Manifest; readonly selected: readonly PodDraft[] }[] = [];
  for (const service of services) {
    const selected = drafts.filter((draft) => selects(service, draft));
    if (!isPublishable(service, selected, findings)) continue;
    const left: number[] = [];
    let sameNumbers = true;
    listAt(service.value, ["spec", "ports"]).forEach((port, at) => {
      const number = integerAt(port, ["port"]);
      if (number === undefined) return;
      const chosen = options.publications.find((one) => isMeant(one, service, number));
      if (chosen === undefined) {
        left.push(number);
        return;
      }
      used.add(chosen);
      const hostPort = chosen.hostPort ?? ownPort(service, port, number);
      sameNumbers &&= hostPort === number;
      for (const draft of selected) {
        const one = hostPortOf({ draft, service, at, port, hostPort }, findings);
        // Two Services for one port, with and without an address of its own, are common.
        if (one !== undefined && !ports.some((other) => isSamePort(one, other))) ports.push(one);
      }
    });
    if (left.length > 0) {
      findings.leaveOut(
        service,
        ["spec", "ports"],
        selected.every(({ spec }) => getOwn(spec, "hostNetwork") === true)
          ? "its pods use the node's network, but its name leads nowhere"
          : `port ${left.join(", ")} is no port of the node, and its name leads nowhere`,
        `--publish ${service.name}, or --publish ${service.name}/8080:${left[0]}`,
      );
    } else if (sameNumbers) names.push({ service, selected });
  }
  // All of none is none.
  const unused = options.publications.find((one) => !used.has(one) && !isAll(one));
  if (unused !== undefined) {
    throw new UsageError(`--publish ${unused.text} fits no port of a Service that selects a pod`, {
      hint: services.length === 0
        ? "There is no Service in what was given"
        : `Services: ${services.map(describe).join(", ")}`,
    });
  }
  return drafts.map((draft) =>
    withNames(
      withPorts(draft, ports.filter((one) => one.draft === draft)),
      names.filter(({ selected }) => !selected.includes(draft)).map(({ service }) => service),
      options.nodeAddress,
    )
  );
}

function isAll({ service, port }: Publication): boolean {
  return service === undefined && port === undefined;
}

function describe({ name, value }: Manifest): string {
  const ports = listAt(value, ["spec", "ports"]).map((port) => integerAt(port, ["port"]) ?? "?");
  return `${name} (${ports.join(", ")})`;
}

/** Tells of a Service that no pod of the node can have. */
function isPublishable(
  service: Manifest,
  selected: readonly PodDraft[],
  findings: Findings,
): boolean {
  const leaveOut = (why: string, hint?: string) => {
    findings.leaveOut(service, [], why, hint);
    return false;
  };
  if (textAt(service.value, ["spec", "type"]) === "ExternalName") {
    return leaveOut(
      "a name for another host needs a cluster's DNS",
      "Give the pods the host's own name, or its address in spec.hostAliases",
    );
  }
  if (Object.keys(objectAt(service.value, ["spec", "selector"])).length === 0) {
    return leaveOut("it selects no pods; its endpoints are elsewhere");
  }
  if (selected.length === 0) return leaveOut("it selects none of the pods that were given");
  if (listAt(service.value, ["spec", "ports"]).length === 0) {
    return leaveOut("it has no port, only a name, which leads nowhere without a cluster's DNS");
  }
  return true;
}

function selects({ namespace, value }: Manifest, { manifest, metadata }: PodDraft): boolean {
  const selector = Object.entries(objectAt(value, ["spec", "selector"]));
  const labels = objectAt(metadata, ["labels"]);
  return namespace === manifest.namespace && selector.length > 0 &&
    selector.every(([key, wanted]) => getOwn(labels, key) === wanted);
}

function isMeant({ service, port }: Publication, { name }: Manifest, number: number): boolean {
  return (service === undefined || service === name) && (port === undefined || port === number);
}

/** The port by which the outside knows it. */
function ownPort({ value }: Manifest, port: JsonValue, number: number): number {
  const isNodePort = textAt(value, ["spec", "type"]) === "NodePort";
  return (isNodePort ? integerAt(port, ["nodePort"]) : undefined) ?? number;
}

function hostPortOf(
  { draft, service, at, port, hostPort }: {
    readonly draft: PodDraft;
    readonly service: Manifest;
    readonly at: number;
    readonly port: JsonValue;
    readonly hostPort: number;
  },
  findings: Findings,
): HostPort | undefined {
  const target = valueAt(port, ["targetPort"]) ?? valueAt(port, ["port"]);
  const containerPort = typeof target === "string" ? portNamed(draft.spec, target) : target;
  if (typeof containerPort !== "number") {
    findings.report(service, ["spec", "ports", at, "targetPort"], {
      code: "no-such-port",
      message: `No container of the pod "${draft.name}" has a port named ${
        canonicalJson(target ?? null)
      }`,
      hint: "Name the port in the containers' ports, or write its number",
    });
    return undefined;
  }
  if (getOwn(draft.spec, "hostNetwork") === true && containerPort !== hostPort) {
    findings.report(service, ["spec", "ports", at, "port"], {
      code: "host-network",
      message: `The pod "${draft.name}" uses the node's network: its port is ${containerPort}, ` +
        `and cannot be ${hostPort}`,
      hint: `--publish ${service.name}/${containerPort}:${integerAt(port, ["port"])}`,
    });
    return undefined;
  }
  const protocol = textAt(port, ["protocol"]) ?? "TCP";
  return { draft, protocol, containerPort, hostPort };
}

function isSamePort(left: HostPort, right: HostPort): boolean {
  return left.draft === right.draft && left.hostPort === right.hostPort &&
    left.containerPort === right.containerPort && left.protocol === right.protocol;
}

function portNamed(spec: JsonObject, name: string): number | undefined {
  for (const list of ["containers", "initContainers"]) {
    for (const container of listAt(spec, [list])) {
      for (const port of listAt(container, ["ports"])) {
        if (textAt(port, ["name"]) === name) return integerAt(port, ["containerPort"]);
      }
    }
  }
  return undefined;
}

/** The pod with these ports: at the container that has each, or else at its first one. */
function withPorts(draft: PodDraft, ports: readonly HostPort[]): PodDraft {
  if (ports.length === 0 || getOwn(draft.spec, "hostNetwork") === true) return draft;
  const open = new Set(ports);
  const take = (container: JsonObject, isMine: (port: HostPort) => boolean) => {
    const own = [...listAt(container, ["ports"])];
    for (const one of [...open].filter(isMine)) {
      open.delete(one);
      const at = own.findIndex((port) => isSame(port, one) && !isPublished(port, one));
      const port = own[at];
      if (isJsonObject(port)) own[at] = { ...port, hostPort: one.hostPort };
      else {
        const { containerPort, hostPort, protocol } = one;
        own.push({
          containerPort,
          hostPort,
          ...(protocol === "TCP" ? {} : { protocol }),
        });
      }
    }
    return own.length === 0 ? container : { ...container, ports: own };
  };
  const has = (container: JsonObject) => (one: HostPort) =>
    listAt(container, ["ports"]).some((port) => isSame(port, one));
  const spec = mapContainers(draft.spec, (container) => take(container, has(container)));
  const [first, ...others] = listAt(spec, ["containers"]);
  if (open.size === 0 || !isJsonObject(first)) return { ...draft, spec };
  return { ...draft, spec: { ...spec, containers: [take(first, () => true), ...others] } };
}

function isSame(port: JsonValue, { containerPort, protocol }: HostPort): boolean {
  return integerAt(port, ["containerPort"]) === containerPort &&
    (textAt(port, ["protocol"]) ?? "TCP") === protocol;
}

/** Whether it has another port of the node already. */
function isPublished(port: JsonValue, { hostPort }: HostPort): boolean {
  const own = integerAt(port, ["hostPort"]);
  return own !== undefined && own !== hostPort;
}

/** The pod with the names of Services that lead to the node. */
function withNames(
  draft: PodDraft,
  services: readonly Manifest[],
  address: string | undefined,
): PodDraft {
  const hostnames = services.flatMap(({ name, namespace }) => [
    ...(namespace === draft.manifest.namespace ? [name] : []),
    ...["", ".svc", ".svc.cluster.local"].map((end) => `${name}.${namespace}${end}`),
  ]);
  if (hostnames.length === 0 || address === undefined) return draft;
  const aliases = listAt(draft.spec, ["hostAliases"]);
  return {
    ...draft,
    spec: { ...draft.spec, hostAliases: [...aliases, { ip: address, hostnames }] },
  };
}

/** Every port of the node that pods ask for twice: the first two of each. */
export function reportSharedPorts(drafts: readonly PodDraft[], findings: Findings): void {
  const seen = new Map<string, PodDraft>();
  for (const draft of drafts) {
    for (const key of new Set(hostPorts(draft.spec))) {
      const earlier = seen.get(key);
      if (earlier === undefined) {
        seen.set(key, draft);
        continue;
      }
      findings.report(draft.manifest, draft.base.length === 0 ? ["spec"] : draft.base, {
        code: "host-port-twice",
        message: `The pods "${keyOf(draft)}" and "${keyOf(earlier)}" cannot both have the node's ` +
          `port ${key}`,
        hint: "Publish one of them on another port (--publish SERVICE/HOST:PORT), or leave it out",
        related: { file: earlier.manifest.file, position: earlier.manifest.positionOf([]) },
      }, "key");
    }
  }
}

function keyOf({ name, manifest: { namespace } }: PodDraft): string {
  return formatKey({ namespace, name });
}

/** The node's ports that a pod asks for, such as `80/TCP`. */
export function hostPorts(spec: JsonObject): readonly string[] {
  const isHost = getOwn(spec, "hostNetwork") === true;
  return ["containers", "initContainers"].flatMap((list) =>
    listAt(spec, [list]).flatMap((container) =>
      listAt(container, ["ports"]).flatMap((port) => {
        const number = integerAt(port, ["hostPort"]) ??
          (isHost ? integerAt(port, ["containerPort"]) : undefined);
        if (number === undefined || number === 0) return [];
        return [`${number}/${textAt(port, ["protocol"]) ?? "TCP"}`];
      })
    )
  );
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}
