/** Sealed Secrets on real containerd: opened for the pods, and nowhere else at rest. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, runPodstead, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

/** Longer than any machine takes. */
const LONG_MS = 120_000;

const QUICK = ["--poll-interval", "200ms", "--time-factor", "0.3", "--api-port", "0"];

/** Found nowhere but where the pods have it. */
const CANARY = "canary-in-the-coal-mine";

const POD = (name: string, secret: string) =>
  `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: nginx:latest
      imagePullPolicy: IfNotPresent
      command: ["/bin/sh", "-c", "[ \\"$PW\\" = \\"$(cat /etc/pw/pw)\\" ] && echo same \${#PW}; exec sleep 1000"]
      env: [{name: PW, valueFrom: {secretKeyRef: {name: ${secret}, key: pw}}}]
      volumeMounts: [{name: pw, mountPath: /etc/pw}]
  volumes: [{name: pw, secret: {secretName: ${secret}}}]
`;
const SECRET = (name: string) =>
  `apiVersion: v1
kind: Secret
metadata: {name: ${name}}
stringData:
  pw: ${CANARY} # rotated in May
`;

describeWithContainerd("podstead opens sealed Secrets", (containerd) => {
  let node: TestNode;
  let identity: string;

  const dropIn = (name: string) => join(node.directory, "pods.d", name);
  const served = async () => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  };
  const uids = async () => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid);
  };
  /** Files below a directory that have the canary in them. */
  const found = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => {
        const text = readFileSync(file, "latin1");
        return text.includes(CANARY) || text.includes(btoa(CANARY));
      });

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    identity = join(node.directory, "identity");
    mkdirSync(join(node.directory, "pods.d"));
    mkdirSync(join(node.directory, "run"));
    node.writePods(
      "[]\n",
      `  volumesDir: ${JSON.stringify(join(node.directory, "run/volumes"))}\n` +
        `  identityFile: ${JSON.stringify(identity)}\n  secrets: sealed-only\n`,
    );
    const made = await runPodstead(["seal", "--init", "--identity", identity]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^age1[0-9a-z]{58}\n$/);
    await node.startAgent();
    await node.startKubelet(QUICK);
  });
  after(async () => await node?.close());

  it("and refuses plain ones where the node wants that", async () => {
    writeFileSync(dropIn("db.yaml"), `${SECRET("db")}---\n${POD("web", "db")}`, { mode: 0o600 });
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 78, stdout + stderr);
    assert.match(stdout, /db\.yaml:5:7: error: The value of "pw" is not sealed/);
    assert.match(stdout, /podstead seal .*db\.yaml/);
    assert.doesNotMatch(stdout + stderr, new RegExp(CANARY));
  });

  it("for a container, in its environment and in its files", async () => {
    const sealed = await node.podstead("seal", dropIn("db.yaml"));
    assert.equal(sealed.code, 0, sealed.stderr);
    assert.match(
      readFileSync(dropIn("db.yaml"), "utf8"),
      / {2}pw: "-----BEGIN.*" # rotated in May/,
    );
    const valid = await node.podstead("validate");
    assert.equal(valid.code, 0, valid.stdout);
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
    await eventually("the container has it", async () => {
      const logs = await node.podstead("logs", "-k", "default/web", "--tail", "1");
      return logs.stdout.includes(`same ${CANARY.length}`) || undefined;
    }, LONG_MS).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });
  });

  it("and leaves them sealed everywhere else", async () => {
    const commands = [
      ["get", "staticpods", "-o", "yaml"],
      ["get", "secrets", "-o", "yaml", "--show-secrets"],
      ["history"],
      ["events"],
      ["diff"],
      ["describe", "web"],
      ["render"],
    ];
    for (const command of commands) {
      const { stdout, stderr } = await node.podstead(...command);
      assert.doesNotMatch(stdout + stderr, new RegExp(`${CANARY}|${btoa(CANARY)}`), command[0]);
    }
    assert.doesNotMatch(node.lastWords(), new RegExp(CANARY));
    const outside = found(node.directory)
      .filter((file) => !file.startsWith(join(node.directory, "run/")));
    assert.deepEqual(outside, []);
    const opened = found(join(node.directory, "run"));
    assert.ok(opened.length > 0, "the canary can be found at all");
  });

  it("and goes on with the same pods without the identity, and says what it lacks", async () => {
    const before = await uids();
    renameSync(identity, `${identity}.away`);
    await node.signalAgent("SIGTERM", true);
    await node.startAgent();
    assert.deepEqual(await uids(), before);
    const { stdout } = await node.podstead("reload");
    assert.match(
      stdout,
      /cannot be opened: The identity ".*" cannot be used: there is no such file/,
    );
    assert.deepEqual(await uids(), before);
  });

  it("and after a boot without it holds back that pod alone", async () => {
    writeFileSync(dropIn("other.yaml"), POD("other", "db").replace(/ {6}env[\s\S]*/, ""));
    await node.podstead("reload");
    await node.signalAgent("SIGTERM", true);
    rmSync(join(node.directory, "run"), { recursive: true });
    await node.startAgent();
    await eventually("the other pod is served", async () => {
      const names = await served();
      return names.join() === "other" || undefined;
    }, LONG_MS);
    renameSync(`${identity}.away`, identity);
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
    await eventually("both are served", async () => {
      return (await served()).join() === "other,web" || undefined;
    }, LONG_MS);
  });

  it("and says so if a value is sealed for another node, or damaged", async () => {
    const other = join(node.directory, "other-identity");
    const { stdout: recipient } = await runPodstead(["seal", "--init", "--identity", other]);
    const foreign = await runPodstead(["seal", "-r", recipient.trim(), "-"], {
      stdin: SECRET("foreign"),
    });
    assert.equal(foreign.code, 0, foreign.stderr);
    writeFileSync(dropIn("foreign.yaml"), `${foreign.stdout}---\n${POD("foreign", "foreign")}`);
    const wrong = await node.podstead("reload");
    assert.match(
      wrong.stdout,
      /cannot be opened: it is sealed for another recipient than this node/,
    );
    assert.deepEqual(await served(), ["other", "web"]);
    const damaged = foreign.stdout.replace(/\\n[A-Za-z0-9+/]{8}/, "\\n");
    writeFileSync(dropIn("foreign.yaml"), `${damaged}---\n${POD("foreign", "foreign")}`);
    const broken = await node.podstead("reload");
    assert.match(broken.stdout, /cannot be opened: its sealed text is damaged/);
    assert.deepEqual(await served(), ["other", "web"]);
    rmSync(dropIn("foreign.yaml"));
  });

  it("and takes a new identity by sealing again", async () => {
    const other = join(node.directory, "other-identity");
    const { stdout: recipient } = await runPodstead([
      "seal",
      "--show-recipient",
      "--identity",
      other,
    ]);
    const { code, stderr } = await node.podstead(
      ...["seal", "--rotate", "-r", recipient.trim(), dropIn("db.yaml")],
    );
    assert.equal(code, 0, stderr);
    renameSync(other, identity);
    const { code: reloaded, stdout } = await node.podstead("reload");
    assert.equal(reloaded, 0, stdout);
    // Its variables are sealed otherwise now, so it is replaced.
    await eventually("both are served", async () => {
      return (await served()).join() === "other,web" || undefined;
    }, LONG_MS);
  });
});
