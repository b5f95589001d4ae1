import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PodsteadError, UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { stepContent, stepLine } from "./install_report.ts";
import { defaultEndpointSettings, endpointSettings } from "./install_settings.ts";

interface InstallFlags {
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
      "is left alone; nothing that somebody else wrote is edited. With --config a fresh node gets",
      "that file as its config.",
      "",
      'Run as root. "podstead uninstall" takes all of it back.',
    ].join("\n"),
  },
  parameters: {
    flags: {
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
  },
  examples: [
    ["sudo ./podstead install --dry-run", "show what it would do"],
    ["sudo ./podstead install", "do it"],
    ["sudo ./podstead install --root /mnt/image", "prepare an image"],
  ],
  async func(this: CliContext, flags) {
    const { executeInstall, gatherFacts, LAYOUT, planInstall } = await import(
      "../../../install/mod.ts"
    );
    const { stdout, stderr } = this.world;
    const style = styleOf(this, stdout);
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
    if (given !== undefined && given !== join(root, LAYOUT.config) && existing !== undefined) {
      throw new UsageError(`Cannot install "${given}": there is a ${LAYOUT.config} already`, {
        hint: "Leave --config out to keep it, or move it away",
      });
    }
    const config = existing !== undefined || given === undefined
      ? undefined
      : await givenConfig(given);
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
    });
    if (flags.dryRun) {
      for (const step of plan.steps) {
        stdout.write(`${stepLine(step, style)}\n${stepContent(step, style)}`);
      }
    } else {
      await executeInstall(plan, {
        root,
        onStep: (step) => stdout.write(`${stepLine(step, style)}\n`),
      });
    }
    if (root === "/" && !facts.live) {
      stderr.write("\nsystemd does not run here: nothing was started\n");
    }
    if (config !== undefined && "addedToken" in config) {
      stderr.write(
        `\nThe given config has no agent.manifest.tokenFile, which would show the pods to every\n` +
          `user of this node: ${LAYOUT.token} was added to it.\n`,
      );
    } else if (settings.tokenFile === undefined) {
      stderr.write(
        `\nThe pods are shown to every user of this node: ${LAYOUT.config} sets no\n` +
          `agent.manifest.tokenFile. Set it to ${LAYOUT.token}, and run this again.\n`,
      );
    }
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
  if (settings.tokenFile !== undefined) return { settings, text };
  const { LAYOUT, withTokenFile } = await import("../../../install/mod.ts");
  return {
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
