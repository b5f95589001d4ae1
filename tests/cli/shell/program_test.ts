import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cli, OutputClosed } from "../../../mod/cli/mod.ts";
import { COMMANDS, HIDDEN_COMMANDS } from "../../../mod/cli/shell/registry.ts";
import { makeTempDir } from "../../support/temp_dir.ts";
import { textWorld } from "../../support/world.ts";

async function run(args: readonly string[], options: Parameters<typeof textWorld>[0] = {}) {
  const world = textWorld(options);
  const code = await cli(args, world);
  return { code, ...world.written };
}

const NO_AGENT = ["--socket", "/nonexistent/podstead.sock"];

describe("cli()", () => {
  it("prints what it is, as text and as JSON", async () => {
    const text = await run(["version"]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^podstead \d+\.\d+\.\d+ \(commit \S+, \w+ [\d.]+.*, \w+\/\w+\)\n$/);
    const { version, commit, runtime, kubelet } = JSON.parse(
      (await run(["version", "-o", "json"])).stdout,
    );
    assert.equal(typeof kubelet.featureGates.PodLevelResources, "boolean");
    assert.match(kubelet.featureGatesFrom, /^(configz|process|unit|defaults)$/);
    assert.match(
      text.stdout,
      new RegExp(`${version.replaceAll(".", "\\.")}.*${commit}.*${runtime}`),
    );
  });

  it("names the whole command where one below another is misspelt", async () => {
    for (
      const [args, meant] of [["pki inti", "pki init"], ["nodes ad", "nodes add"], [
        "reloda",
        "reload",
      ]] as const
    ) {
      const { code, stderr } = await run(args.split(" "));
      assert.equal(code, 64);
      assert.equal(
        stderr,
        `error: There is no command "${args}"\n  Did you mean "podstead ${meant}"?\n`,
      );
    }
  });

  it("lists each command once, in one line that says what it does", async () => {
    const { code, stdout } = await run(["--help"]);
    assert.equal(code, 0);
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) +[A-Z].*$/gm)].map(([, name]) => name);
    const shown = Object.keys(COMMANDS).filter((name) => !HIDDEN_COMMANDS.includes(name));
    assert.deepEqual(listed, shown);
    assert.doesNotMatch(stdout.split("GLOBAL OPTIONS")[0] ?? "", /^ {4,}/m);
  });

  for (const command of Object.keys(COMMANDS)) {
    it(`explains ${command}, and ends with a real example`, async () => {
      const { code, stdout, stderr } = await run([command, "--help"]);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /^USAGE\n/);
      assert.match(stdout, /\nGLOBAL OPTIONS\n/);
      const examples = /\nEXAMPLES\n((?: {2}.*\n)+)$/.exec(stdout)?.[1] ?? "";
      assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
      if (stdout.includes("\nCOMMANDS\n")) return; // a group: its commands have the examples
      assert.match(examples, new RegExp(`\\bpodstead( ${command})?\\b`));
    });
  }

  for (
    const [command, lines] of [
      ["logs", [
        "  podstead logs [ID...]",
        "  -c, --container NAME        Container, where the name leaves it out",
        "      --tail N                Only the last lines",
        "  -l, --label KEY=VALUE...    Every container of the pods with these labels; may",
        "                              be repeated; 'app in (a,b)', app!=web, app and",
        "  -n, --namespace NAME        Namespace of the pod, where its name leaves it out",
        "  -o, --output raw|text|json  raw lines, the messages alone, or NDJSON (default:",
        "                              raw)",
        "  -h, --help                  Print help and exit",
        "  [ID...]  POD[:CONTAINER[:HASH]], or a service",
      ]],
      ["get", [
        "  podstead get TYPE [NAME]...",
        "  -o, --output FORMAT       table, wide, name, json, yaml, jsonpath=TEMPLATE or",
        "                            custom-columns=NAME:PATH,… (default: table)",
        "  -A, --all-namespaces      Pods of every namespace, which is the default",
        "  TYPE [NAME]...  Type of the resources, then names; or TYPE/NAME for each",
      ]],
      ["validate", [
        "  podstead validate [PATH...]",
        "      --as-node                  Judge all files together, as the set of one",
        "                                 node",
        "  [PATH...]  File, directory or - (default: this node's config)",
      ]],
      ["containers", [
        "      --state ready|notready|created|running|exited|unknown",
        "                            Only containers (or sandboxes) in this state",
      ]],
      ["exec", ["  podstead exec ID -- COMMAND..."]],
      ["pki", ["  -h, --help  Print help and exit", "      --      All subsequent inputs"]],
    ] as const
  ) {
    it(`names what the flags and arguments of ${command} are`, async () => {
      const { stdout } = await run([command, "--help"]);
      for (const line of lines) assert.ok(stdout.includes(`\n${line}`), `${line}\n${stdout}`);
    });
  }

  for (
    const [args, message] of [
      [["gett"], /Did you mean "podstead get"/],
      [["get", "staticpod", "--wach"], /--watch/],
      [["get", "podz"], /There is no resource type "podz"/],
      [["get", "staticpodz"], /Did you mean "staticpods?"/],
      [["get", "sp", "-o", "jsn"], /json/],
      [["get", "sp", "-o", "jsonpath={.a"], /jsonpath|JSONPath/i],
      [["logs", "-k", "x", "--tail", "-1"], /--tail/],
      [["logs", "-k", "x", "--since", "tomorrow"], /--since must be a time/],
      [["validate", "--kubelet-version", "2.0", "-"], /--kubelet-version must be like 1\.34/],
      [["get", "sp", "--color", "blue"], /--color must be auto, always or never/],
      [["get", "sp", "--socket"], /"--socket" needs a value/],
      [["containers", "-k", "-l", "app in (a"], /"app in \(a" cannot be read.*\n.*app!=web/],
      [["logs", "-l", "app=a b"], /"app=a b" cannot be read/],
      [["get", "pods/a", "b"], /Wanted TYPE\/NAME like "pods\/a", current value is "b"/],
    ] as const
  ) {
    it(`refuses "${args.join(" ")}" as wrong usage`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 64);
      assert.equal(stdout, "");
      assert.match(stderr, message);
    });
  }

  it("takes --version for the command, as everybody tries it", async () => {
    assert.deepEqual(await run(["--version"]), await run(["version"]));
  });

  it("points at the help of the command that was given wrong arguments", async () => {
    assert.match((await run(["get"])).stderr, /See "podstead get --help"/);
  });

  for (const args of [["version"], ["--help"], ["get", "--help"], ["help", "static-pods"]]) {
    it(`ends quietly when nobody reads "${args.join(" ")}" any more`, async () => {
      const world = textWorld();
      const write = () => {
        throw new OutputClosed("The reader has gone");
      };
      const code = await cli(args, { ...world, stdout: { ...world.stdout, write } });
      assert.equal(code, 0);
      assert.equal(world.written.stderr, "");
    });
  }

  for (const args of [["get", "sp"], ["reload"]]) {
    it(`says how to start an agent where "${args.join(" ")}" finds none`, async () => {
      const { code, stdout, stderr } = await run([...args, ...NO_AGENT]);
      assert.equal(code, 69);
      assert.equal(stdout, "");
      assert.match(stderr, /No agent runs on "\/nonexistent\/podstead\.sock"/);
      assert.match(stderr, /systemctl start podstead/);
    });
  }

  it("lets no word of the command line steer the terminal", async () => {
    const word = "\x1b]0;title\x07\x1b[31mred";
    const lines = [
      [word],
      ["get", word],
      ["describe", word],
      ["--" + word],
      ["get", "--" + word],
      ["set", word],
      ["set", "image", word],
      ["validate", word],
      ["rollout", word],
      ["-o", word, "get", "sp"],
      ["-N", word, "get", "sp"],
      ["--config", word, "doctor"],
    ];
    for (const line of lines) {
      const { stdout, stderr } = await run([...NO_AGENT, ...line]);
      // deno-lint-ignore no-control-regex -- these are what is looked for
      assert.doesNotMatch(stdout + stderr, /[\x07\x1b]/, JSON.stringify(line));
    }
  });

  it("takes global options before and after the command, and from the environment", async () => {
    for (
      const [args, env] of [
        [["--socket", "/nonexistent/a.sock", "get", "sp"], {}],
        [["get", "--socket=/nonexistent/a.sock", "sp"], {}],
        [["get", "sp"], { PODSTEAD_SOCKET: "/nonexistent/a.sock" }],
      ] as const
    ) {
      assert.match((await run(args, { env })).stderr, /\/nonexistent\/a\.sock/);
    }
  });
});

const GOOD =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: 'i:1'}]}\n";
const BAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {}\n";

describe("podstead validate", () => {
  it("gives the documentation page's troubleshooting error at its line", async () => {
    const { code, stdout } = await run(["validate", "-"], { stdin: BAD });
    assert.equal(code, 78);
    assert.match(
      stdout,
      /^<stdin>:4:1: error: spec\.containers: Required value\n {5}4 \| spec: \{\}\n/,
    );
    assert.match(stdout, /1 pod, 1 refused/);
  });

  it("is content with a good pod", async () => {
    const { code, stdout } = await run(["validate", "-", "--no-warnings"], { stdin: GOOD });
    assert.equal(code, 0);
    assert.match(stdout, /1 pod, all valid/);
  });

  it("reports as JSON in the published shape", async () => {
    const { code, stdout } = await run(["validate", "-o", "json", "--no-warnings", "-"], {
      stdin: `${GOOD}---\n${BAD}`,
    });
    assert.equal(code, 78);
    const report = JSON.parse(stdout);
    assert.equal(report.apiVersion, "podstead.dev/v1");
    assert.equal(report.valid, false);
    assert.deepEqual(report.pods[0], {
      source: "-",
      document: 0,
      index: 0,
      line: 1,
      column: 1,
      id: "default-a",
      metadata: { name: "a", namespace: "default", id: "default/a" },
      valid: true,
      errors: [],
      warnings: [],
    });
    assert.deepEqual(report.pods[1].errors, [{
      field: "spec.containers",
      type: "Required value",
      detail: "",
      hint: 'Add "containers"; `podstead explain pod.spec.containers` shows what it may hold',
      line: 9,
      column: 1,
    }]);
  });

  it("has one line on latest for a whole run, and as data one for each pod", async () => {
    const pod = (name: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n` +
      `  - {name: a, image: ${name}}\n  - {name: b, image: redis}\n`;
    const stdin = ["web", "db", "cache"].map(pod).join("---\n");
    const { stdout } = await run(["validate", "-"], { stdin });
    assert.equal(stdout.match(/latest/g)?.length, 1);
    assert.match(stdout, /6:22: warning: .*"web", "redis", "db", "cache" mean the tag latest/);
    assert.match(stdout, /3 pods, all valid, 1 warning$/m);
    const { pods } = JSON.parse((await run(["validate", "-o", "json", "-"], { stdin })).stdout);
    assert.deepEqual(pods.map(({ warnings }: { warnings: unknown[] }) => warnings.length), [
      1,
      1,
      1,
    ]);
  });

  it("lists a file that does not decode among the pods", async () => {
    const { code, stdout } = await run(["validate", "-o", "json", "-"], { stdin: "kind: [" });
    assert.equal(code, 78);
    const { pods } = JSON.parse(stdout);
    assert.equal(pods.length, 1);
    assert.equal(pods[0].id, null);
    assert.equal(pods[0].errors[0].type, "Decode");
  });

  it("annotates for GitHub", async () => {
    const { stdout } = await run(["validate", "-o", "github", "--no-warnings", "-"], {
      stdin: BAD,
    });
    assert.match(stdout, /^::error file=-,line=4,col=1,title=pod default-b::spec\.containers/);
  });

  it("annotates what is only noteworthy about a file for GitHub too", async () => {
    const stdin = `machine: {network: {hostname: a}}\n---\n${GOOD}`;
    const { code, stdout } = await run(["validate", "-o", "github", "-"], { stdin });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^::warning file=-,line=1,col=11,title=podstead::.*machine\.network/,
    );
    assert.doesNotMatch(stdout, /Decode/);
    const quiet = await run(["validate", "-o", "github", "--no-warnings", "-"], { stdin });
    assert.equal(quiet.stdout, "");
  });

  it("shows the unknown fields of a pod that does not decode", async () => {
    const stdin = BAD.replace("spec: {}", "spec:\n  contaners:\n    - name: c\n  volumes: 5");
    const { code, stdout } = await run(["validate", "-"], { stdin });
    assert.equal(code, 78);
    assert.match(stdout, /^<stdin>:7:12: error: spec\.volumes: Decode: must be a list/m);
    assert.match(stdout, /^<stdin>:5:3: warning: spec\.contaners: .*did you mean "containers"\?/m);
    assert.match(stdout, /1 pod, 1 refused, 1 warning/);
  });

  it("judges files of a directory each on its own, and together with --as-node", async () => {
    await using directory = await makeTempDir("validate");
    await writeFile(join(directory.path, "a.yaml"), GOOD);
    await writeFile(join(directory.path, "b.yml"), GOOD);
    await writeFile(join(directory.path, "c.txt"), "no pod");
    const alone = await run(["validate", "--no-warnings", directory.path]);
    assert.equal(alone.code, 0);
    assert.match(alone.stdout, /2 pods, all valid/);
    const together = await run(["validate", "--no-warnings", "--as-node", directory.path]);
    assert.equal(together.code, 78);
    assert.match(together.stdout, /declared twice/);
    assert.match(together.stdout, /a\.yaml/);
    assert.match(together.stdout, /^2 pods, 1 file with errors$/m);
  });

  it("shows what is only noteworthy about a file", async () => {
    const stdin = `machine: {network: {hostname: a}}\n---\n${GOOD}`;
    const shown = await run(["validate", "-"], { stdin });
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /^<stdin>:1:11: warning: .*machine\.network/);
    const { pods } = JSON.parse((await run(["validate", "-o", "json", "-"], { stdin })).stdout);
    assert.deepEqual(pods.map(({ id }: { id: string }) => id), ["default-a"]);
  });

  it("says which rules it takes for a kubelet that it does not know", async () => {
    const judged = (version: string) =>
      run(["validate", "--no-warnings", "--kubelet-version", version, "-"], { stdin: GOOD });
    assert.match(
      (await judged("1.99")).stderr,
      /^The rules of kubelet 1\.99 are not known; .* 1\.\d+, and refusing what may be a new field\n$/,
    );
    assert.match(
      (await judged("1.20")).stderr,
      /^The rules of kubelet 1\.20 are not known; .* 1\.\d+\n$/,
    );
    assert.equal((await judged("v1.34.2")).stderr, "");
  });

  it("judges by the feature gates that are given, and shows them", async () => {
    const stdin = JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { hostUsers: false, hostNetwork: true, containers: [{ name: "a", image: "a:1" }] },
    });
    const judged = (...args: readonly string[]) =>
      run(["validate", "--no-warnings", "--kubelet-version", "1.36", ...args, "-"], { stdin });
    assert.equal((await judged()).code, 78);
    const gates = ["--feature-gates", "UserNamespacesHostNetworkSupport=true,EnvFiles=false"];
    assert.equal((await judged(...gates)).code, 0);
    const { stderr } = await judged("-v", ...gates);
    assert.match(stderr, /^Judging by kubelet 1\.36, feature gates .*given:\n/);
    assert.match(stderr, /^ {2}UserNamespacesHostNetworkSupport +on, its default is off$/m);
    assert.match(stderr, /^ {2}EnvFiles +off, its default is on$/m);
    assert.match(stderr, /^ {2}PodDeletionCost +on$/m);
  });

  for (
    const [gates, says] of [
      ["SELinuxMonut=true", /no feature gate SELinuxMonut is known; did you mean SELinuxMount\?/],
      ["VolumeBindMountOptions=true", /1\.36 has no feature gate VolumeBindMountOptions/],
      ["ImageVolume=false", /1\.36 has locked the feature gate ImageVolume to true/],
      ["EnvFiles", /must be like A=true,B=false, current value has "EnvFiles"/],
      ["EnvFiles=yes", /current value has "EnvFiles=yes"/],
    ] as const
  ) {
    it(`refuses --feature-gates ${gates}`, async () => {
      const args = ["validate", "--kubelet-version", "1.36", "--feature-gates", gates, "-"];
      const { code, stderr } = await run(args, { stdin: GOOD });
      assert.equal(code, 64);
      assert.match(stderr, says);
    });
  }

  it("ignores gates that have nothing to do with pods, and says so", async () => {
    const args = ["validate", "--no-warnings", "--kubelet-version", "1.36"];
    const { code, stderr } = await run([...args, "--feature-gates", "MemoryQoS=true", "-"], {
      stdin: GOOD,
    });
    assert.equal(code, 0);
    assert.equal(
      stderr,
      "--feature-gates: no feature gate MemoryQoS is known that decides on pods; ignored\n",
    );
  });

  it("says that a directory has no pod file", async () => {
    await using directory = await makeTempDir("validate");
    const empty = await run(["validate", directory.path]);
    assert.equal(empty.code, 0);
    assert.match(empty.stdout, /warning: There is no pod file in this directory/);
  });

  it("judges for the node's name and for older kubelets", async () => {
    const stdin = GOOD.replace("{name: a}", `{name: ${"a".repeat(250)}}`);
    assert.equal((await run(["validate", "--node-name", "n", "-"], { stdin })).code, 0);
    assert.equal((await run(["validate", "--node-name", "node", "-"], { stdin })).code, 78);
    const secret = GOOD.replace("spec: {", "spec: {imagePullSecrets: [{name: s}], ");
    assert.equal((await run(["validate", "-"], { stdin: secret })).code, 78);
    assert.equal(
      (await run(["validate", "--kubelet-version", "1.33", "-"], { stdin: secret })).code,
      0,
    );
  });

  it("says which path cannot be read", async () => {
    const { code, stdout } = await run(["validate", "/nonexistent/pod.yaml"]);
    assert.equal(code, 78);
    assert.match(stdout, /\/nonexistent\/pod\.yaml: error: There is no such file/);
  });
});

describe("podstead render", () => {
  it("prints the very list, leaves out what is refused, and names it", async () => {
    await using directory = await makeTempDir("render");
    const config = join(directory.path, "config.yaml");
    await writeFile(config, `agent: {node: {name: node-1}}\n---\n${GOOD}---\n${BAD}`);
    const json = await run(["render", "--config", config]);
    assert.equal(json.code, 78);
    assert.deepEqual(
      JSON.parse(json.stdout).items.map((pod: { metadata: { name: string } }) => pod.metadata.name),
      ["a"],
    );
    assert.match(json.stderr, /spec\.containers: Required value/);
    const yaml = await run(["render", "-o", "yaml", "--config", config]);
    assert.match(yaml.stdout, /^apiVersion: v1\nkind: PodList\nitems:\n/);
  });
});
