import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PodsteadError, UsageError } from "../../../core/mod.ts";
import type { Plan, Step } from "../../../install/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { formatData, isDataOutput, type Output } from "../../output/mod.ts";
import { installReport, isWork, stepContent, stepLine } from "./install_report.ts";
import { defaultEndpointSettings, endpointSettings } from "./install_settings.ts";

interface InstallFlags {
  readonly output: Output<"text">;
  readonly dryRun: boolean;
  readonly root: string;
  readonly restartKubelet: boolean;
}

export const installCommand = defineCommand<InstallFlags>({
  docs: {
    brief: "Make this node serve its static pods from podstead",
    fullDescription: [
      "Copies this executable to /usr/local/bin, makes the groups, the config with a commented",
      "example, the state directory, a manifest token and the systemd unit, starts it, and",
      "links the kubelet to it in the way this node's kubelet is set up: a drop-in where it",
      "reads drop-ins, else it prints which lines go where. It also writes the config of a",
      "credential provider, with which the kubelet can use the pods' imagePullSecrets.",
      "Completions and the manual page go to /usr/local/share. What is already as it should be",
      "is left alone; no file of another program is edited. With --config a fresh node gets",
      "that file as its config. Pods that `uninstall --keep-pods` left to the kubelet are taken",
      "back from its staticPodPath.",
      "",
      "Exit code 0: done, or nothing to do. 2: --dry-run, and there is something to do.",
      "",
      'Run as root. "podstead uninstall" takes all of it back.',
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show every file and command, change nothing",
      },
      root: {
        kind: "parsed",
        parse: String,
        default: "/",
        brief: "Install into the root of another system, such as an image; starts nothing",
        placeholder: "DIR",
      },
      restartKubelet: {
        kind: "boolean",
        default: true,
        brief: "Restart the kubelet when its settings change; that restarts no container",
      },
    },
    aliases: { o: "output" },
  },
  examples: [
    ["sudo ./podstead install --dry-run", "show what it would do"],
    ["sudo ./podstead install", "do it"],
    ["sudo ./podstead install --root /mnt/image", "prepare an image"],
  ],
  async func(this: CliContext, flags) {
    const { gatherFacts, LAYOUT, planInstall } = await import("../../../install/mod.ts");
    const { stderr } = this.world;
    const root = resolve(flags.root);
    const { compiledExecutable } = await import("../../../os/mod.ts");
    const executable = compiledExecutable();
    if (executable === undefined) {
      throw new PodsteadError("failed", "Cannot install podstead from its source", {
        hint: "Compile it first: deno task compile, then dist/podstead install",
      });
    }
    if (root === "/" && this.world.uid !== 0) {
      throw new PodsteadError("permission", "Only root can see what this node has and needs", {
        hint: "Run it with sudo, --dry-run too",
      });
    }
    const existing = await endpointSettings(join(root, LAYOUT.config));
    const given = this.globals.config === undefined ? undefined : resolve(this.globals.config);
    const offered = given === undefined || given === join(root, LAYOUT.config)
      ? undefined
      : await givenConfig(given);
    if (offered !== undefined && existing !== undefined) await refuseOther(root, offered);
    const config = existing === undefined ? offered : undefined;
    const fresh = { url: await newNodeUrl(), tokenFile: LAYOUT.token };
    const settings = existing ?? config?.settings ?? fresh;

    const documents = await userDocuments(this);
    const paths = documents.map(({ path }) => path);
    const facts = await gatherFacts(root, executable, settings.tokenFile, paths);
    if (facts.status(LAYOUT.packagedUnit) !== undefined && !facts.packaged) {
      throw new UsageError("podstead is installed here by the system's package manager already", {
        hint: `Use that one: ${LAYOUT.packagedBinary} install`,
      });
    }
    if (root === "/" && facts.systemdVersion === undefined) {
      throw new PodsteadError("failed", "Cannot install: this node has no systemd", {
        hint: 'Let its service manager run "podstead serve", and give the kubelet what ' +
          '"podstead kubelet-config" prints',
      });
    }
    const { credentialsOf } = await import("./install_registries.ts");
    const plan = planInstall(facts, {
      credentials: await credentialsOf(given ?? join(root, LAYOUT.config)),
      url: settings.url,
      documents,
      newToken: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"),
      restartKubelet: flags.restartKubelet,
      ...(config === undefined ? {} : { config: config.text }),
      declared: await declaredPods(config === undefined ? join(root, LAYOUT.config) : config.path),
    });
    await carryOut(this, plan, root, flags);
    if (root === "/" && !facts.live) {
      stderr.write("\nsystemd does not run here: nothing was started\n");
    }
    const isAdded = config !== undefined && "addedToken" in config;
    if (isAdded || settings.tokenFile === undefined) stderr.write(await tokenWarning(isAdded));
    for (const note of plan.notes) stderr.write(`\n${note}\n`);
    const configPath = flags.dryRun && given !== undefined ? given : join(root, LAYOUT.config);
    for (const line of await controlPlaneNotes(configPath, root, flags.dryRun)) {
      stderr.write(`\n${line}\n`);
    }
    if (flags.dryRun) stderr.write("\nNothing was changed.\n");
    else if (facts.live) {
      stderr.write(`\nDone. Put pods into ${LAYOUT.config}, then: systemctl reload podstead\n`);
    }
  },
});

/** Shows a plan's steps and, unless it is a dry run, does them. */
async function carryOut(
  context: CliContext,
  plan: Plan,
  root: string,
  { dryRun, output }: InstallFlags,
): Promise<void> {
  const { executeInstall } = await import("../../../install/mod.ts");
  const { stdout } = context.world;
  const style = styleOf(context, stdout);
  const tell = async (step: Step, whole: boolean) => {
    if (isDataOutput(output)) return;
    const isUnit = step.kind === "file" && /\.(service|socket)$/.test(step.path);
    const isShown = whole || isUnit && step.state === "update";
    const current = step.kind === "file" ? await textOf(join(root, step.path)) : undefined;
    stdout.write(`${stepLine(step, style)}\n${isShown ? stepContent(step, style, current) : ""}`);
  };
  if (dryRun) { for (const step of plan.steps) await tell(step, true); }
  else await executeInstall(plan, { root, onStep: (step) => tell(step, false) });
  if (isDataOutput(output)) stdout.write(await formatData(output, installReport(plan, dryRun)));
  if (dryRun && plan.steps.some(isWork)) context.process.exitCode = CHANGES;
}

/** Said if the config sets, or set, no token file. */
async function tokenWarning(isAdded: boolean): Promise<string> {
  const { LAYOUT } = await import("../../../install/mod.ts");
  return isAdded
    ? "\nThe given config has no agent.manifest.tokenFile, which would show the pods to every\n" +
      `user of this node: ${LAYOUT.token} was added to it.\n`
    : `\nThe pods are shown to every user of this node: ${LAYOUT.config} sets no\n` +
      `agent.manifest.tokenFile. Set it to ${LAYOUT.token}, and run this again.\n`;
}

/** Exit code of a dry run that found something to do. */
const CHANGES = 2;

/** The text of a file; undefined if it cannot be read. */
function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/**
 * A config that is there may have been changed since it was installed: it stays, and only
 * another one than was installed is refused.
 *
 * @throws {UsageError} for such a one
 */
async function refuseOther(
  root: string,
  { path, text }: { readonly path: string; readonly text: string },
): Promise<void> {
  const { LAYOUT, readRecord } = await import("../../../install/mod.ts");
  const { sha256OfText } = await import("../../../os/mod.ts");
  const record = await readRecord(root);
  const installed = record?.files.find((file) => file.path === LAYOUT.config)?.sha256;
  if (installed === sha256OfText(text) || await textOf(join(root, LAYOUT.config)) === text) return;
  throw new UsageError(`Cannot install "${path}": there is another ${LAYOUT.config} already`, {
    hint:
      `To put it in its place: podstead apply -f ${path}. To keep the other, leave --config out`,
  });
}

/** The pods that a config and its drop-ins declare, as `namespace/name`. */
async function declaredPods(path: string): Promise<ReadonlySet<string>> {
  if (!existsSync(path)) return new Set();
  const { loadConfig } = await import("../../../config/mod.ts");
  const { formatKey, podKey } = await import("../../../pods/mod.ts");
  const { defaultNodeAddress, defaultNodeName } = await import("../../../os/mod.ts");
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const { entries } = await loadConfig(path, host);
  return new Set(entries.flatMap(({ pod }) => {
    const key = podKey(pod);
    return key === undefined ? [] : [formatKey(key)];
  }));
}

/** What a control plane in the config still needs; its etcd's directory is made. */
async function controlPlaneNotes(
  config: string,
  root: string,
  dryRun: boolean,
): Promise<readonly string[]> {
  const { loadConfig } = await import("../../../config/mod.ts");
  const { defaultNodeAddress, defaultNodeName } = await import("../../../os/mod.ts");
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const { settings } = await loadConfig(config, host);
  if (settings === undefined || settings.controlPlane === null) return [];
  const { controlPlaneSteps, makeEtcdDirectory } = await import("./control_plane_steps.ts");
  const { findNodeKubelet } = await import("../../../kubelet/mod.ts");
  const { kind } = (await findNodeKubelet({ root, procDirectory: "/proc" })).apiServer;
  const made = dryRun ? undefined : makeEtcdDirectory(settings.controlPlane, root);
  const steps = controlPlaneSteps(settings.controlPlane, {
    exists: (path) => existsSync(join(root, path)),
    hasKubeconfig: kind === "unknown" ? undefined : kind === "kubeconfig",
  });
  return [
    ...(made === undefined ? [] : [`Made ${made} for etcd's data.`]),
    ...(steps.length === 0 ? [] : ["For the control plane of the config, in this order:"]),
    ...steps.map((step, at) => `${at + 1}. ${step}`),
  ];
}

/** Where shells and man look for what the administrator installed by hand. */
async function userDocuments({ program }: CliContext) {
  const { completionScript } = await import("../help/completion_scripts.ts");
  const { manualPage } = await import("../help/manual.ts");
  const share = "/usr/local/share";
  return [
    { path: `${share}/bash-completion/completions/podstead`, text: completionScript("bash") },
    { path: `${share}/zsh/site-functions/_podstead`, text: completionScript("zsh") },
    { path: `${share}/fish/vendor_completions.d/podstead.fish`, text: completionScript("fish") },
    { path: `${share}/man/man1/podstead.1`, text: await manualPage(program) },
  ];
}

/** The given config; without a token file it gets one, so that no node's list is open to all. */
async function givenConfig(path: string) {
  const settings = await endpointSettings(path);
  if (settings === undefined) throw new UsageError(`There is no config "${path}"`);
  const text = await readFile(path, "utf8");
  if (settings.tokenFile !== undefined) return { path, settings, text };
  const { LAYOUT, withTokenFile } = await import("../../../install/mod.ts");
  return {
    path,
    settings: { ...settings, tokenFile: LAYOUT.token },
    text: withTokenFile(text, LAYOUT.token),
    addedToken: true,
  };
}

/** What the example config of a new node sets. */
async function newNodeUrl(): Promise<string> {
  const { NEW_NODE_PORT } = await import("../../../install/mod.ts");
  const url = new URL((await defaultEndpointSettings()).url);
  url.port = String(NEW_NODE_PORT);
  return url.href;
}
