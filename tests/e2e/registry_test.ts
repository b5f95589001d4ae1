/** Images of a registry that wants a login, with real containerd and a kubelet that has none. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, runPodstead, TestNode } from "../support/node.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

/** Longer than any machine takes. */
const LONG_MS = 120_000;

const QUICK = ["--poll-interval", "200ms", "--time-factor", "0.3", "--api-port", "0"];

describeWithContainerd("podstead pulls with a pod's imagePullSecrets", (containerd) => {
  let node: TestNode;
  let registry: TestRegistry;
  let image: string;
  let logins: string;

  const pod = () =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "private" },
      spec: {
        hostNetwork: true,
        terminationGracePeriodSeconds: 1,
        imagePullSecrets: [{ name: "regcred" }],
        containers: [{
          name: "app",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["/bin/sh", "-c", "echo it runs; exec sleep 1000"],
        }],
      },
    });
  const secret = (user: string, password: string, type = "kubernetes.io/dockerconfigjson") => {
    const auth = Buffer.from(`${user}:${password}`).toString("base64");
    const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "regcred" },
      type,
      stringData: { ".dockerconfigjson": config },
    });
  };
  const write = (...documents: readonly string[]) =>
    writeFileSync(join(node.directory, "pods.d/private.yaml"), documents.join("\n---\n"));
  const ask = async (about: string) => {
    const request = {
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
      kind: "CredentialProviderRequest",
      image: about,
    };
    const { code, stdout, stderr } = await runPodstead(
      ["credential-provider", "--logins", logins],
      { stdin: JSON.stringify(request) },
    );
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).auth;
  };

  before(async () => {
    registry = await startRegistry({ username: "robot", password: "pull-me", slowMs: 0 });
    image = `${registry.host}/team/app:1`;
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    logins = join(node.directory, "registry-logins.json");
    mkdirSync(join(node.directory, "pods.d"));
    const volumes = JSON.stringify(join(node.directory, "volumes"));
    node.writePods("[]\n", `  volumesDir: ${volumes}\n`);
    await node.startAgent();
    await node.startKubelet(QUICK);
  });
  after(async () => {
    await node?.close();
    await registry?.[Symbol.asyncDispose]();
  });

  it("which must be declared", async () => {
    write(pod());
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 78, stdout + stderr);
    assert.match(stdout + stderr, /Rejected, not served[\s\S]*Declare the Secret/);
  });

  it("and says which user of which Secret was refused", async () => {
    write(secret("robot", "wrong"), pod());
    const { stdout, stderr } = await node.podstead("reload");
    await eventually("the refusal is logged", async () => {
      const words = `refuses to give \\"${image}\\" to user \\"robot\\" of Secret default/regcred`;
      return await Promise.resolve(node.lastWords().includes(words) || undefined);
    }, LONG_MS);
    assert.doesNotMatch(stdout + stderr + node.lastWords(), /wrong|pull-me/);
  });

  it("and runs it as soon as the Secret is right", async () => {
    write(secret("robot", "pull-me"), pod());
    await node.podstead("reload");
    await eventually("the container runs", async () => {
      const { stdout } = await node.podstead("logs", "-k", "default/private", "--tail", "1");
      return stdout.includes("it runs") || undefined;
    }, LONG_MS);
    const list = await (await fetch(node.manifestUrl)).json();
    assert.equal(list.items[0].spec.imagePullSecrets, undefined);
  });

  it("and gives the kubelet the login, also while the agent is stopped", async () => {
    const expected = { [registry.host]: { username: "robot", password: "pull-me" } };
    assert.deepEqual(await ask(`${registry.host}/team/app`), expected);
    assert.deepEqual(await ask("other.example/team/app"), {});
    await node.signalAgent("SIGTERM", true);
    assert.deepEqual(await ask(`${registry.host}/team/app`), expected);
    // A boot takes them away; they are there again before the list is, whatever the config says.
    rmSync(logins);
    const config = readFileSync(node.configPath, "utf8");
    writeFileSync(node.configPath, "agent: [");
    await node.startAgent();
    assert.deepEqual(await ask(image), expected);
    writeFileSync(node.configPath, config);
  });

  it("and pulls with it for a person, also while the agent is stopped", async () => {
    const pulled = await node.podstead("pull", image);
    assert.equal(pulled.code, 0, pulled.stderr);
    await node.signalAgent("SIGTERM", true);
    const direct = await node.podstead("pull", image);
    assert.equal(direct.code, 0, direct.stderr);
    await node.startAgent();
  });

  it("and tells a login that may not read the image from one that is wrong", async () => {
    write(secret("guest", "any"), pod());
    await node.podstead("reload");
    const { code, stderr } = await node.podstead("pull", image);
    assert.equal(code, 77);
    assert.ok(
      stderr.includes(
        `The registry "${registry.host}" refuses to give "${image}" to user "guest" of Secret ` +
          "default/regcred (403)",
      ),
      stderr,
    );
  });

  it("and serves a new pod when its image has come, and waits for both if asked to", async () => {
    await using other = await startRegistry({ username: "robot", password: "p", slowMs: 0 });
    const auth = Buffer.from("robot:p").toString("base64");
    const config = JSON.stringify({ auths: { [other.host]: { auth } } });
    const documents = [
      secret("robot", "pull-me"),
      pod(),
      pod().replaceAll(registry.host, other.host).replace('"private"', '"second"')
        .replace('"regcred"', '"second"'),
      JSON.stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "second" },
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": config },
      }),
    ];
    write(...documents);
    const planned = await node.podstead("reload", "--dry-run");
    assert.match(planned.stdout, /default\/second: .*image .* pulled/);
    const { code, stdout, stderr } = await node.podstead("reload", "--wait=5m", "--settle", "0s");
    assert.equal(code, 0, stdout + stderr + node.lastWords());
    const list = await (await fetch(node.manifestUrl)).json();
    assert.equal(list.items.length, 2);
    assert.doesNotMatch(node.lastWords(), new RegExp(`ErrImagePull.*${other.host}`));
  });
});
