/** `podstead support` on a whole node with a pod that gives its secrets away. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNLESS_ROOT } from "../support/as_root.ts";
import { eventually, TestNode } from "../support/node.ts";
import { spawnAsNobody } from "../support/unprivileged.ts";
import { itUnless } from "../support/unless.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const CANARIES = [
  ...["canary-of-a-secret", "canary-of-an-environment", "canary-of-an-argument"],
  ...["canary-of-the-past", "canary-under-seal"],
];
const [IN_SECRET = "", IN_ENV, IN_ARGUMENT, IN_PAST = "", SEALED = ""] = CANARIES;
const PATTERN = new RegExp(
  CANARIES.flatMap((one) => [one, btoa(one).replace(/=+$/, "").slice(0, -1)]).join("|"),
);

const DROP_IN = `apiVersion: v1
kind: Secret
metadata: {name: db}
stringData:
  variable: ${IN_SECRET} # ${IN_SECRET}
---
apiVersion: v1
kind: Pod
metadata: {name: leaky}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: nginx:latest
      imagePullPolicy: IfNotPresent
      command:
        - /bin/sh
        - -c
        - echo "it says $PW and $PLAIN and $1 and $SEALED and ${IN_PAST}"; exec sleep 100000
        - --
        - --password=${IN_ARGUMENT}
      env:
        - {name: PW, valueFrom: {secretKeyRef: {name: db, key: variable}}}
        - {name: SEALED, valueFrom: {secretKeyRef: {name: sealed, key: variable}}}
        - {name: PLAIN, value: ${IN_ENV}}
      readinessProbe: {exec: {command: [/bin/sh, -c, "exit 1"]}, periodSeconds: 1}
`;

/** No test waits for it: what is not gathered in this time is missing, and a test says so. */
const TIMEOUT = ["--timeout", "10m"];

describeWithContainerd("podstead support", (containerd) => {
  let node: TestNode;
  const archives: string[] = [];

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    mkdirSync(join(node.directory, "pods.d"));
    mkdirSync(join(node.directory, "run"));
    const identity = join(node.directory, "identity");
    const volumes = `  volumesDir: ${JSON.stringify(join(node.directory, "run/volumes"))}\n` +
      `  identityFile: ${JSON.stringify(identity)}\n`;
    node.writePods("[]\n", volumes);
    const sealed = join(node.directory, "pods.d/sealed.yaml");
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "sealed" } };
    writeFileSync(sealed, JSON.stringify({ ...secret, stringData: { variable: SEALED } }), {
      mode: 0o600,
    });
    for (const args of [["--init", "--identity", identity], [sealed]]) {
      const { code, stderr } = await node.podstead("seal", ...args);
      assert.equal(code, 0, stderr);
    }
    const dropIn = join(node.directory, "pods.d/leaky.yaml");
    writeFileSync(dropIn, DROP_IN.replaceAll(IN_SECRET, IN_PAST), { mode: 0o600 });
    await node.startAgent();
    writeFileSync(dropIn, DROP_IN);
    await node.startKubelet(["--poll-interval", "200ms", "--api-port", "0"]);
    node.writePods("[]\n", volumes);
    await node.podstead("reload");
    await eventually("the container has written its log", async () => {
      const logs = await node.podstead("logs", "-k", "default/leaky", "--tail", "1");
      return logs.stdout.includes(`it says ${IN_SECRET} and ${IN_ENV}`) || undefined;
    }, 120_000).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });
  });
  after(async () => await node?.close());

  /** Every file of an archive by its name. */
  function unpacked(name: string): ReadonlyMap<string, string> {
    const into = join(node.directory, `${name}.d`);
    mkdirSync(into);
    execFileSync("tar", ["-xzf", join(node.directory, name), "-C", into, "--strip-components=1"]);
    const files = readdirSync(into, { recursive: true, encoding: "utf8" })
      .filter((file) => statSync(join(into, file)).isFile());
    return new Map(files.map((file) => [file, readFileSync(join(into, file), "utf8")]));
  }

  async function gathered(name: string, ...args: readonly string[]) {
    const result = await node.podstead(
      ...["support", "-o", join(node.directory, name), ...TIMEOUT, ...args],
    );
    assert.equal(result.code, 0, result.stderr);
    archives.push(name);
    return unpacked(name);
  }

  const withoutCanaries = (files: ReadonlyMap<string, string>) => {
    for (const [name, text] of files) assert.doesNotMatch(text, PATTERN, name);
  };

  it("has what the node says, and the logs of the pod that is not well, without secrets", async () => {
    const files = await gathered("well.tar.gz");
    withoutCanaries(files);
    assert.match(files.get("README.txt") ?? "", /node "node-1", gathered by/);
    assert.equal(JSON.parse(files.get("overview.json") ?? "").kind, "Overview");
    assert.equal(JSON.parse(files.get("doctor.json") ?? "").kind, "DoctorReport");
    assert.equal(JSON.parse(files.get("state/staticpods.json") ?? "").kind, "StaticPodList");
    assert.match(files.get("events.txt") ?? "", /leaky/);
    assert.match(files.get("version.txt") ?? "", /podstead/);
    const log = [...files].find(([name]) => /^pods\/.*leaky.*current\.log$/.test(name))?.[1];
    assert.match(
      log ?? "",
      /it says \(hidden\) and \(hidden\) and --password=\(hidden\) and \(hidden\)/,
    );
    const config = [...files].find(([name]) => name.endsWith("pods.d_leaky.yaml"))?.[1];
    assert.match(config ?? "", /variable: \(hidden, 18 bytes\)/);
    assert.match(config ?? "", /image: nginx:latest/);
    const sealed = [...files].find(([name]) => name.endsWith("pods.d_sealed.yaml"))?.[1];
    assert.match(sealed ?? "", /BEGIN AGE ENCRYPTED FILE/);
    assert.equal(statSync(join(node.directory, "well.tar.gz")).mode & 0o777, 0o600);
  });

  it("finds the secrets of a config that is broken too", async () => {
    const path = join(node.directory, "pods.d/leaky.yaml");
    writeFileSync(path, DROP_IN.replace("metadata: {name: db}", "metadata: {name: db"));
    const files = await gathered("broken.tar.gz");
    writeFileSync(path, DROP_IN);
    withoutCanaries(files);
    assert.match(files.get("validate.txt") ?? "", /leaky\.yaml:/);
  });

  itUnless(UNLESS_ROOT, "says what an ordinary user could not have", async () => {
    const child = spawnAsNobody(node, ["support", "-o", "-", ...TIMEOUT]);
    const chunks: Uint8Array[] = [];
    child.stdout?.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    const archive = Buffer.concat(chunks);
    writeFileSync(join(node.directory, "user.tar.gz"), archive);
    const files = unpacked("user.tar.gz");
    withoutCanaries(files);
    assert.match(files.get("README.txt") ?? "", /MISSING\n {2}Not gathered by root/);
  });

  it("works without an agent, and says what could not be asked", async () => {
    await node.signalAgent("SIGTERM", true);
    const files = await gathered("alone.tar.gz");
    withoutCanaries(files);
    assert.match(files.get("README.txt") ?? "", /state\/history\.txt .*No agent runs/);
    assert.match(files.get("runtime/containers.txt") ?? "", /leaky/);
  });

  it("says which file cannot be written, and where to", async () => {
    const { code, stderr } = await node.podstead("support", "-o", "/no/such/dir/x.tar.gz");
    assert.equal(code, 1);
    assert.match(stderr, /Cannot write "\/no\/such\/dir\/x\.tar\.gz"/);
  });
});
