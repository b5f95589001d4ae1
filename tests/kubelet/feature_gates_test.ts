import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findNodeKubelet, judgedBy, parseFeatureGates } from "../../mod/kubelet/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("parseFeatureGates()", () => {
  it("reads names and Go's booleans", () => {
    assert.deepEqual(parseFeatureGates("A=true, B=F,C=1,"), {
      gates: { A: true, B: false, C: true },
      malformed: [],
    });
    assert.deepEqual(parseFeatureGates(""), { gates: {}, malformed: [] });
  });

  it("names what is malformed, and reads the rest", () => {
    assert.deepEqual(parseFeatureGates("A,B=yes,=true,C=false,D="), {
      gates: { C: false },
      malformed: ["A", "B=yes", "=true", "D="],
    });
  });

  it("lets the last of two count", () => {
    assert.deepEqual(parseFeatureGates("A=true,A=false").gates, { A: false });
  });
});

/** A node with files below its root, and where wanted a kubelet that runs with a command line. */
async function nodeWith(
  directory: string,
  files: Readonly<Record<string, string>>,
  command?: readonly string[],
): Promise<{ readonly root: string; readonly procDirectory: string }> {
  const places = { root: join(directory, "root"), procDirectory: join(directory, "proc") };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(places.root, path, ".."), { recursive: true });
    await writeFile(join(places.root, path), text);
  }
  if (command === undefined) return places;
  const process = join(places.procDirectory, "42");
  await mkdir(process, { recursive: true });
  await writeFile(join(process, "comm"), "kubelet\n");
  await writeFile(join(process, "cmdline"), command.map((word) => `${word}\0`).join(""));
  await symlink(join(directory, "none"), join(process, "exe"));
  return places;
}

const UNIT = "etc/systemd/system/kubelet.service";
const CONFIG = "featureGates:\n  A: true\n  B: true\n  C: nonsense\n";

describe("findNodeKubelet() feature gates", () => {
  it("reads config file, drop-ins and flags, the later place counting", async () => {
    await using directory = await makeTempDir("gates");
    const { gates } = await findNodeKubelet(
      await nodeWith(directory.path, {
        [UNIT]:
          "[Service]\nExecStart=/usr/bin/kubelet --config=/etc/k.yaml --config-dir /etc/k.d " +
          "--feature-gates=D=true --feature-gates=E=true,D=false\n",
        "etc/k.yaml": CONFIG,
        "etc/k.d/10.conf": "featureGates: {B: false}\n",
        "etc/k.d/20.yaml": "featureGates: {A: false}\n",
      }),
    );
    assert.deepEqual(gates, { set: { A: true, B: false, D: false, E: true }, from: "unit" });
  });

  it("takes those of the kubelet that runs before those of the unit", async () => {
    await using directory = await makeTempDir("gates");
    const places = await nodeWith(
      directory.path,
      {
        [UNIT]: "[Service]\nExecStart=/usr/bin/kubelet --feature-gates=A=false\n",
        "etc/k.yaml": CONFIG,
      },
      ["/usr/bin/kubelet", "--config", "/etc/k.yaml", "--v=2"],
    );
    const { gates } = await findNodeKubelet(places);
    assert.deepEqual(gates, { set: { A: true, B: true }, from: "process" });
  });

  it("finds none on a node without a kubelet", async () => {
    await using directory = await makeTempDir("gates");
    const { gates } = await findNodeKubelet(await nodeWith(directory.path, {}));
    assert.deepEqual(gates, { set: {}, from: "nowhere" });
  });
});

describe("judgedBy()", () => {
  const node = { version: "1.36.2", gates: { set: { A: true, B: true }, from: "unit" } } as const;

  it("knows a kubelet without an API server by its command line, and by nothing else", async () => {
    await using directory = await makeTempDir("alone");
    const alone = async (name: string, files: Record<string, string>) =>
      judgedBy(await findNodeKubelet(await nodeWith(join(directory.path, name), files)), {})
        .standAlone;
    const starts = (flags: string) => ({
      [UNIT]: `[Service]\nExecStart=/usr/bin/kubelet${flags}\n`,
    });
    assert.equal(await alone("a", starts("")), true);
    assert.equal(await alone("b", starts(" --kubeconfig=/etc/kubernetes/kubelet.conf")), undefined);
    assert.equal(await alone("c", {}), undefined);
  });

  it("takes what the running kubelet says before what its files say", () => {
    const configz = { featureGates: { A: false } };
    assert.deepEqual(judgedBy(node, configz), {
      version: "1.36.2",
      gates: { A: false },
      from: "configz",
    });
    assert.deepEqual(judgedBy(node, {}).gates, {});
  });

  it("reads the files where the kubelet does not say", () => {
    assert.deepEqual(judgedBy(node, undefined).gates, { A: true, B: true });
    assert.equal(judgedBy(node, undefined).from, "unit");
  });

  it("lets the gates of the config count before all others", () => {
    assert.deepEqual(judgedBy(node, undefined, { A: false, C: true }).gates, {
      A: false,
      B: true,
      C: true,
    });
  });

  it("knows only defaults without a kubelet", () => {
    const nowhere = { version: undefined, gates: { set: {}, from: "nowhere" } } as const;
    assert.equal(judgedBy(nowhere, undefined).from, "defaults");
  });
});
