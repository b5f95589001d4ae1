import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readFlags } from "../../../mod/controlplane/flags/read_flags.ts";
import { coversMinor, judgeFlag } from "../../../mod/controlplane/flags/flag_table.ts";
import { FLAG_TABLES } from "../../../mod/controlplane/flags/tables.ts";
import { renderControlPlane } from "../../../mod/controlplane/mod.ts";
import { configOf, fixtures, node } from "../support.ts";

/** Problems of a control plane with `extraArgs`, as `severity component message (hint)`. */
function problems(
  setting: string,
  extraArgs: Record<string, string>,
  more: Record<string, unknown> = {},
  allowUnknownFlags = false,
): readonly string[] {
  const config = { ...configOf({ ...more, [setting]: { extraArgs } }), allowUnknownFlags };
  return renderControlPlane(config, node).problems
    .map(({ severity, component, message, hint }) =>
      `${severity} ${component}: ${message} (${hint})`
    );
}

describe("flags of extraArgs", () => {
  const cases: readonly (readonly [string, string, string, string, RegExp])[] = [
    [
      "1.36.2",
      "apiServer",
      "max-request-inflight",
      "a typo",
      /Did you mean "max-requests-inflight"/,
    ],
    [
      "1.36.2",
      "apiServer",
      "cloud-provider",
      "a removed flag",
      /no flag "cloud-provider" since 1\.33/,
    ],
    ["1.35.0", "scheduler", "tls-curve-preferences", "a later flag", /only from 1\.36/],
    [
      "1.36.2",
      "controllerManager",
      "audit-log-path",
      "another's flag",
      /1\.36 has no flag "audit-log-path"/,
    ],
    [
      "1.37.0",
      "controllerManager",
      "concurrent-service-syncs",
      "a flag that the newest version has lost",
      /no flag "concurrent-service-syncs" since 1\.37/,
    ],
    [
      "1.36.2",
      "controllerManager",
      "concurrent-disruption-syncs",
      "a flag of the newest version",
      /only from 1\.37/,
    ],
    ["1.36.2", "etcd", "enable-v2", "etcd's removed flag", /no flag "enable-v2" since 3\.6/],
  ];
  for (const [version, setting, flag, name, expected] of cases) {
    it(`are refused: ${name}`, () => {
      const more = { kubernetesVersion: version };
      const [problem = "", ...others] = problems(setting, { [flag]: "1" }, more);
      assert.match(problem, /^error/);
      assert.match(problem, expected);
      assert.deepEqual(others, []);
    });

    it(`are a warning with agent.allowUnknownFlags: ${name}`, () => {
      const [problem = ""] = problems(
        setting,
        { [flag]: "1" },
        { kubernetesVersion: version },
        true,
      );
      assert.match(problem, /^warning/);
    });
  }

  it("are judged by the component's own image", () => {
    const image = "registry.example.com/kube-scheduler:v1.36.0";
    const config = configOf({
      kubernetesVersion: "v1.35.0",
      scheduler: { image, extraArgs: { "tls-curve-preferences": "X25519" } },
    });
    assert.deepEqual(renderControlPlane(config, node).problems, []);
  });

  it("are a warning for a version that no table was made for", () => {
    const found = problems("apiServer", { "brand-new": "1" }, { kubernetesVersion: "v1.99.0" });
    assert.match(found.join("\n"), /^warning kube-apiserver: kube-apiserver 1\.99 has no flag/m);
    assert.doesNotMatch(found.join("\n"), /^error/m);
  });

  it("are a warning where they are deprecated", () => {
    const [problem = ""] = problems("controllerManager", { "node-sync-period": "1m" });
    assert.match(
      problem,
      /^warning .*Flag "node-sync-period" is deprecated in kube-controller-manager 1\.36/,
    );
  });
});

describe("FLAG_TABLES", () => {
  it("has every flag of every golden pod in the pod's own minor", () => {
    let checked = 0;
    for (const name of readdirSync(join(fixtures, "golden"))) {
      const minor = Number(/^v1\.(\d+)-/.exec(name)?.[1] ?? 36);
      const { pods } = JSON.parse(readFileSync(join(fixtures, "golden", name), "utf8"));
      for (const { component, pod } of pods) {
        const [container] = pod.spec.containers;
        const etcdMinor = Number(/:3\.(\d+)/.exec(container.image)?.[1]);
        for (const word of container.command.slice(1)) {
          const flag = word.slice(2).split("=")[0];
          const table = FLAG_TABLES[component];
          assert.ok(table, component);
          const ownMinor = component === "etcd" ? etcdMinor : minor;
          assert.ok(coversMinor(table, ownMinor), `no table for ${component} ${ownMinor}`);
          const { kind } = judgeFlag(table, flag, ownMinor);
          assert.ok(
            ["known", "deprecated"].includes(kind),
            `${name} ${component} --${flag}: ${kind}`,
          );
          checked += 1;
        }
      }
    }
    assert.ok(checked > 500, String(checked));
  });

  it("agrees with what the shared libraries define at each minor", () => {
    // Read from other repositories (kubernetes/component-base and its like) by other means.
    const shared: Record<string, Record<string, string[]>> = JSON.parse(
      readFileSync(join(fixtures, "flags.json"), "utf8"),
    );
    for (const [version, libraries] of Object.entries(shared)) {
      const minor = Number(version.slice(2));
      for (const [library, flags] of Object.entries(libraries)) {
        if (!library.startsWith("controller-manager ")) continue;
        for (const flag of flags) {
          const { kind } = judgeFlag(FLAG_TABLES["kube-controller-manager"]!, flag, minor);
          assert.notEqual(kind, "unknown", `${version} ${flag}`);
        }
      }
    }
  });
});

describe("readFlags()", () => {
  it("finds names as literals, constants and patterns, and what is deprecated", () => {
    const { flags, deprecated } = readFlags([
      `const modeFlag = "authorization-mode"`,
      `
func (s *Options) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&s.A, "plain", s.A, "Says (a, b) and \\"c\\".")
	fs.Var(cliflag.NewMap(&s.B, "x"), "of-a-call", "B")
	fs.StringSliceVar(&s.C, modeFlag, s.C, "C")
	fs.BoolVar(&s.D, fmt.Sprintf("audit-%s-truncate", name), s.D, "D")
	genericfs.Int32VarP(&s.E, "with_underscore", "e", s.E, "DEPRECATED: nothing")
	fs.MarkDeprecated("plain", "use another")
	logger.Info("text", zap.String("key", "value"))
}`,
    ]);
    assert.deepEqual([...flags].sort(), [
      "audit-log-truncate",
      "audit-webhook-truncate",
      "authorization-mode",
      "of-a-call",
      "plain",
      "with-underscore",
    ]);
    assert.deepEqual([...deprecated].sort(), ["plain", "with-underscore"]);
  });
});
