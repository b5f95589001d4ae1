import type { KubeletFacts, KubeletFound } from "../kubelet/mod.ts";
import {
  kubeletConfiguration,
  kubeletConfigurationLines,
  kubeletFlags,
  type ManifestSource,
} from "./kubelet_config.ts";
import { LAYOUT } from "./layout.ts";

/** How the kubelet of a node comes to read podstead's manifests. */
export type KubeletLink =
  /** These files do it, after a restart of the kubelet. */
  | { readonly kind: "files"; readonly files: readonly LinkFile[] }
  /** It reads them already, by settings that podstead did not write. */
  | { readonly kind: "linked" }
  /** A person must do it; each line is one to put somewhere or to read. */
  | { readonly kind: "manual"; readonly lines: readonly string[] }
  /** There is no kubelet (yet). */
  | { readonly kind: "none"; readonly lines: readonly string[] };

/** A file that links the kubelet to podstead. */
export interface LinkFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
  /** Not to be shown: it holds the token. */
  readonly secret: boolean;
}

/** The first kubelet that reads `--config-dir` without a special variable. */
const CONFIG_DIRECTORY_SINCE_MINOR = 30;

/**
 * Decides how to link the kubelet.
 *
 * - `--config-dir` is in use: a drop-in there;
 * - otherwise, unless its config would not survive one (see `KubeletFacts.emptyLists`),
 *   where its command ends with an unused `$KUBELET_EXTRA_ARGS` (kubeadm's and the
 *   packages' units): that variable gives it a config directory with a drop-in;
 * - otherwise a person has to, and is told which lines go where: nothing that
 *   others wrote is ever edited.
 *
 * @param minor the kubelet's minor version; undefined when it is not known
 * @param moreFlags what else the kubelet is given where podstead sets its flags
 */
export function planKubeletLink(
  found: KubeletFound,
  source: ManifestSource,
  minor: number | undefined,
  moreFlags: readonly string[] = [],
): KubeletLink {
  switch (found.kind) {
    case "none":
      return {
        kind: "none",
        lines: [
          "No kubelet.service was found; once the kubelet is installed, run this again,",
          'or give it the settings that "podstead kubelet-config" prints.',
        ],
      };
    case "embedded":
      return embeddedLink(found.by, found.unit);
    case "unit":
      return unitLink(found.facts, source, minor, moreFlags);
  }
}

function embeddedLink(by: "k3s" | "RKE2", unit: string): KubeletLink {
  const directory = `/var/lib/rancher/${by === "k3s" ? "k3s" : "rke2"}/agent/etc/kubelet.conf.d`;
  return {
    kind: "manual",
    lines: [
      `${by} runs the kubelet by itself (${unit}): there is no kubelet.service to be linked or`,
      "ordered after podstead, and it owns the kubelet's settings.",
      `From 1.32 on it reads drop-ins: podstead kubelet-config > ${directory}/${LAYOUT.kubeletDropIn}`,
      `and then: systemctl restart ${unit}. Before 1.32 it cannot work.`,
      "Its containerd is not the node's: set agent.runtime.endpoint to",
      "unix:///run/k3s/containerd/containerd.sock",
    ],
  };
}

function unitLink(
  facts: KubeletFacts,
  source: ManifestSource,
  minor: number | undefined,
  moreFlags: readonly string[],
): KubeletLink {
  const dropIn = (directory: string): LinkFile => ({
    path: `${directory.replace(/\/$/, "")}/${LAYOUT.kubeletDropIn}`,
    mode: source.token === undefined ? 0o644 : 0o600,
    text: kubeletConfiguration(source),
    secret: source.token !== undefined,
  });
  const { staticPodURL } = facts.settings;
  const foreign = facts.configDropIns.at(-1)?.endsWith(`/${LAYOUT.kubeletDropIn}`) !== true;
  if (facts.flags["manifest-url"] !== undefined && staticPodURL !== source.url) {
    return {
      kind: "manual",
      lines: [
        `The kubelet is started with --manifest-url=${staticPodURL}, and a flag wins over files;`,
        "it can read one URL only. Replace that flag by:",
        ...kubeletFlags(source).map(quoted),
      ],
    };
  }
  if (staticPodURL === source.url && foreign && isTokenGiven(facts, source)) {
    return { kind: "linked" };
  }
  if (facts.configDirectory !== undefined) {
    // The variable may be our own doing from an earlier run: then its files stay ours.
    const ours = facts.configDirectory === LAYOUT.kubeletConfigDirectory &&
      facts.extraArguments?.from === LAYOUT.kubeletEnvironment;
    return {
      kind: "files",
      files: [dropIn(facts.configDirectory), ...(ours ? variableFiles(facts, moreFlags) : [])],
    };
  }
  if (facts.emptyLists.length > 0) {
    const [key] = facts.emptyLists;
    return {
      kind: "manual",
      lines: [
        `${facts.configFile} has "${key}: []". A kubelet that is given a directory of drop-ins would`,
        "take its default instead of that empty list, so it gets none. Without one:",
        ...manualLines(facts, source, false),
      ],
    };
  }
  const newEnough = minor === undefined || minor >= CONFIG_DIRECTORY_SINCE_MINOR;
  if (newEnough && facts.extraArguments !== undefined && facts.extraArguments.value === "") {
    return {
      kind: "files",
      files: [dropIn(LAYOUT.kubeletConfigDirectory), ...variableFiles(facts, moreFlags)],
    };
  }
  return { kind: "manual", lines: manualLines(facts, source, newEnough) };
}

/** Our values come after the unit's own `EnvironmentFile=`s, so they win. */
function variableFiles(facts: KubeletFacts, moreFlags: readonly string[]): readonly LinkFile[] {
  const variable = facts.extraArguments?.variable ?? "";
  return [
    {
      path: LAYOUT.kubeletEnvironment,
      mode: 0o644,
      text: `# Made by podstead.\n${variable}=${
        [`--config-dir=${LAYOUT.kubeletConfigDirectory}`, ...moreFlags].join(" ")
      }\n`,
      secret: false,
    },
    {
      path: LAYOUT.kubeletUnitDropIn,
      mode: 0o644,
      text: [
        "# Made by podstead: gives the kubelet a directory of config drop-ins.",
        "[Service]",
        `EnvironmentFile=-${LAYOUT.kubeletEnvironment}`,
        "",
      ].join("\n"),
      secret: false,
    },
  ];
}

function manualLines(
  facts: KubeletFacts,
  source: ManifestSource,
  newEnough: boolean,
): readonly string[] {
  const restart = "and then: systemctl daemon-reload && systemctl restart kubelet.service";
  const extra = facts.extraArguments;
  if (newEnough && extra !== undefined) {
    const where = extra.from ?? "the unit";
    return [
      `${extra.variable} is in use in ${where}. Add this word to its value:`,
      `    --config-dir=${LAYOUT.kubeletConfigDirectory}`,
      "run podstead install again,",
      restart,
    ];
  }
  if (facts.configFile !== undefined) {
    return [
      `Add these lines to ${facts.configFile}:`,
      ...kubeletConfigurationLines(source).map((line) => `    ${line}`),
      restart,
    ];
  }
  return [
    `Add these flags to the kubelet's command in ${facts.unitFiles.at(-1)}:`,
    ...kubeletFlags(source).map((flag) => `    ${quoted(flag)}`),
    restart,
  ];
}

function isTokenGiven(facts: KubeletFacts, source: ManifestSource): boolean {
  if (source.token === undefined) return true;
  return Object.entries(facts.settings.staticPodURLHeader).some(([name, values]) =>
    name.toLowerCase() === "authorization" && values.includes(`Bearer ${source.token}`)
  );
}

function quoted(word: string): string {
  return word.includes(" ") ? `"${word}"` : word;
}
