import {
  credentialProviderConfig,
  credentialProviderFlags,
  credentialProviderNote,
  credentialProviderOf,
  type CredentialProviderOptions,
} from "./credential_provider.ts";
import { EXAMPLE_CONFIG } from "./example_config.ts";
import type { NodeFacts } from "./facts.ts";
import type { ManifestSource } from "./kubelet_config.ts";
import { type KubeletLink, planKubeletLink } from "./kubelet_link.ts";
import { LAYOUT, NEW_NODE_PORT } from "./layout.ts";
import { sha256OfText } from "../os/mod.ts";
import { NOTIFY_RELOAD_SINCE, serviceUnit, socketUnit } from "./service_unit.ts";
import type { DirectoryStep, FileContent, FileStep, Plan, Step, StepState } from "./step.ts";

/** What the person who installs decides. */
export interface InstallOptions {
  /** The manifest endpoint as the node's config has it, or as a fresh config will. */
  readonly url: string;
  /** A fresh random token, for a node that has none. */
  readonly newToken: string;
  /** Whether the kubelet may be restarted (it restarts no container by that). */
  readonly restartKubelet: boolean;
  /** Completions and manual page; a package has its own. */
  readonly documents: readonly { readonly path: string; readonly text: string }[];
  /** The config of a node that has none; default: a commented example. */
  readonly config?: string;
  /** The pods, as `namespace/name`, that the config declares; default: none. */
  readonly declared?: ReadonlySet<string>;
  /** Default: registries without a port, and the usual file. */
  readonly credentials?: CredentialProviderOptions;
}

/**
 * What makes a node serve static pods from podstead, in order: files first, then the
 * service up and ready, then the kubelet that asks it. Whatever is already as it
 * should be is a step that keeps it.
 */
export function planInstall(facts: NodeFacts, options: InstallOptions): Plan {
  const token = facts.token ?? options.newToken;
  const { tokenFile } = facts;
  const source: ManifestSource = {
    url: options.url,
    token: tokenFile === undefined ? undefined : token,
  };
  const moreFlags = credentialProviderOf(facts.kubelet) === "other"
    ? []
    : credentialProviderFlags(facts.packaged);
  const link = planKubeletLink(facts.kubelet, source, facts.kubeletMinor, moreFlags);
  const linkFiles = link.kind === "files" ? link.files : [];

  // Else nothing would tell the kubelet of them until a person has linked it.
  const takenBack = link.kind === "linked" || link.kind === "files" && options.restartKubelet
    ? facts.kept
    : [];

  const files: Step[] = [
    // First, because the record of all that follows is kept in it.
    directory(facts, LAYOUT.stateDirectory, 0o700),
    ...(facts.packaged ? [] : [groupStep(facts, LAYOUT.group), groupStep(facts, LAYOUT.readGroup)]),
    directory(facts, LAYOUT.configDirectory, 0o750, LAYOUT.group),
    directory(facts, LAYOUT.podsDirectory, 0o750, LAYOUT.group),
    seed(facts, LAYOUT.config, 0o640, options.config ?? EXAMPLE_CONFIG, false, LAYOUT.group),
    ...(tokenFile === undefined ? [] : [seed(facts, tokenFile, 0o600, `${token}\n`, true)]),
    ...(facts.packaged ? [] : [
      executableStep(facts),
      unitStep(facts),
      ...options.documents.map(({ path, text }) =>
        own(facts, path, 0o644, { kind: "text", text, secret: false })
      ),
    ]),
    ...socketStep(facts, options.url),
    own(facts, LAYOUT.credentialProvider, 0o644, {
      kind: "text",
      text: credentialProviderConfig(options.credentials ?? { registries: [] }),
      secret: false,
    }),
    ...takenBack.filter(({ key }) => options.declared?.has(key) !== true)
      .map(({ dropIn, text }) => podStep(facts, dropIn, text)),
    ...(link.kind === "files" && facts.status(parentOf(linkFiles[0]?.path)) === undefined
      ? [directory(facts, parentOf(linkFiles[0]?.path), 0o755)]
      : []),
    ...linkFiles.map((file) =>
      own(facts, file.path, file.mode, { kind: "text", text: file.text, secret: file.secret })
    ),
  ];
  const changed = (paths: readonly string[]) =>
    files.some((step) =>
      step.kind === "file" && step.state !== "keep" && paths.includes(step.path)
    );
  // The agent looks its groups up when it starts.
  const serviceChanged = changed([LAYOUT.binary, LAYOUT.unit]) ||
    files.some((step) => step.kind === "group" && step.state === "create");
  const socketChanged = changed([LAYOUT.socketUnit]);
  const asksForLogins = credentialProviderOf(facts.kubelet) === "podstead";
  const kubeletChanged = changed([
    ...linkFiles.map((file) => file.path),
    ...(asksForLogins ? [LAYOUT.credentialProvider] : []),
  ]);

  return {
    steps: [
      ...files,
      ...commands(facts, options, {
        ...{ serviceChanged, socketChanged, kubeletChanged, takenBack },
        podsChanged: changed(takenBack.map(({ dropIn }) => dropIn)),
      }),
    ],
    notes: [
      ...notes(facts, options, link, kubeletChanged),
      ...(takenBack.length < facts.kept.length ? [keptNote(facts.kept)] : []),
    ],
  };
}

/** The address first: systemd hands it to the service. */
const UNITS = [LAYOUT.socketName, LAYOUT.unitName];

interface Changes {
  readonly serviceChanged: boolean;
  readonly socketChanged: boolean;
  readonly kubeletChanged: boolean;
  readonly podsChanged: boolean;
  readonly takenBack: NodeFacts["kept"];
}

function commands(
  facts: NodeFacts,
  options: InstallOptions,
  { serviceChanged, socketChanged, kubeletChanged, podsChanged, takenBack }: Changes,
): readonly Step[] {
  const removals = takenBack.map(({ path, key }): Step => ({
    kind: "remove",
    path,
    why: `podstead serves ${key} again`,
  }));
  if (!facts.live) {
    const enable: Step = {
      kind: "command",
      argv: ["systemctl", `--root=${facts.root}`, "enable", ...UNITS],
      why: "start it at every boot",
    };
    return [...(facts.enabled ? [] : [enable]), ...removals];
  }
  const systemctl = (args: readonly string[], why: string): Step => ({
    kind: "command",
    argv: ["systemctl", ...args],
    why,
  });
  return [
    ...(serviceChanged || socketChanged || kubeletChanged
      ? [systemctl(["daemon-reload"], "make systemd read the units")]
      : []),
    ...(facts.enabled ? [] : [systemctl(["enable", ...UNITS], "start it at every boot")]),
    ...(serviceChanged || socketChanged || !facts.running
      ? [
        systemctl(
          // systemd opens no socket for a service that runs without it, so both go together.
          ["restart", ...(socketChanged || !facts.running ? UNITS : [LAYOUT.unitName])],
          "start it and wait until it serves; no pod restarts",
        ),
      ]
      : podsChanged
      ? [systemctl(["reload", LAYOUT.unitName], "make podstead read the pods")]
      : []),
    // Once podstead has them, and before the kubelet asks it: two sources of one pod hurt it.
    ...removals,
    ...(kubeletChanged && options.restartKubelet
      ? [
        systemctl(
          ["try-restart", "kubelet.service"],
          "make the kubelet ask podstead; no pod restarts",
        ),
      ]
      : []),
  ];
}

function notes(
  facts: NodeFacts,
  options: InstallOptions,
  link: KubeletLink,
  kubeletChanged: boolean,
): readonly string[] {
  const list: string[] = [];
  if (link.kind === "manual" || link.kind === "none") list.push(link.lines.join("\n"));
  const isGiven = link.kind === "files" &&
    link.files.some(({ path }) => path === LAYOUT.kubeletEnvironment);
  if (link.kind !== "none") {
    list.push(...credentialProviderNote(facts.kubelet, facts.packaged, isGiven));
  }
  if (facts.live && kubeletChanged && !options.restartKubelet) {
    list.push("The kubelet reads it after: systemctl restart kubelet.service");
  }
  if (!facts.live && facts.systemdVersion === undefined) {
    list.push(`No systemd was found in ${facts.root}: the unit is written for older ones`);
  }
  return list;
}

function keptNote(kept: NodeFacts["kept"]): string {
  const paths = kept.map(({ path }) => `    ${path}`);
  return [
    "These pods were kept by an earlier uninstall. Once the kubelet asks podstead, run this again:",
    ...paths,
  ].join("\n");
}

function groupStep(facts: NodeFacts, name: string): Step {
  return { kind: "group", state: facts.groups.has(name) ? "keep" : "create", name };
}

function executableStep(facts: NodeFacts): FileStep {
  const status = facts.status(LAYOUT.binary);
  const same = status?.sha256 === facts.executableSha256 && status.mode === 0o755;
  return {
    kind: "file",
    state: status === undefined ? "create" : same ? "keep" : "update",
    path: LAYOUT.binary,
    mode: 0o755,
    content: { kind: "copy", from: facts.executable },
    policy: "own",
  };
}

function unitStep(facts: NodeFacts): FileStep {
  const notifyReload = (facts.systemdVersion ?? 0) >= NOTIFY_RELOAD_SINCE;
  const text = serviceUnit({ binary: LAYOUT.binary, notifyReload });
  return own(facts, LAYOUT.unit, 0o644, { kind: "text", text, secret: false });
}

/** The unit that holds the address; a package has one for the address of new nodes. */
function socketStep(facts: NodeFacts, url: string): readonly FileStep[] {
  const { hostname, port } = new URL(url);
  if (facts.packaged && port === String(NEW_NODE_PORT)) return [];
  const text = socketUnit(`${hostname}:${port === "" ? 80 : port}`);
  return [own(facts, LAYOUT.socketUnit, 0o644, { kind: "text", text, secret: false })];
}

function own(
  facts: NodeFacts,
  path: string,
  mode: number,
  content: Extract<FileContent, { kind: "text" }>,
): FileStep {
  const status = facts.status(path);
  const same = status?.sha256 === sha256OfText(content.text) && status.mode === mode;
  const state: StepState = status === undefined ? "create" : same ? "keep" : "update";
  return { kind: "file", state, path, mode, content, policy: "own" };
}

function podStep(facts: NodeFacts, path: string, text: string): FileStep {
  const step = seed(facts, path, 0o640, text, false, LAYOUT.group);
  return { ...step, content: { kind: "text", text, secret: true }, policy: "pod" };
}

function seed(
  facts: NodeFacts,
  path: string,
  mode: number,
  text: string,
  secret: boolean,
  group?: string,
): FileStep {
  return {
    kind: "file",
    state: facts.status(path) === undefined ? "create" : "keep",
    path,
    mode,
    ...(group === undefined ? {} : { group }),
    content: { kind: "text", text, secret },
    policy: "seed",
  };
}

function directory(facts: NodeFacts, path: string, mode: number, group?: string): DirectoryStep {
  return {
    kind: "directory",
    state: facts.status(path) === undefined ? "create" : "keep",
    path,
    mode,
    ...(group === undefined ? {} : { group }),
  };
}

function parentOf(path: string | undefined): string {
  return path?.replace(/\/[^/]*$/, "") ?? "/";
}
