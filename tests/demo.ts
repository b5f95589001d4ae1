/**
 * The main job, shown on real parts in a temporary directory:
 *
 *     deno task demo
 *
 * Installs what is missing (as root, with apt), compiles the executable, starts
 * a private containerd and a stand-in for the kubelet, and cleans everything up.
 * Where real containers cannot run it shows the rest, and says what it left out.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { skipReason, startContainerd, type TestContainerd } from "./support/containerd.ts";
import { counterExample } from "./support/docs_example.ts";
import { eventually, freePort, TestNode } from "./support/node.ts";
import { installMissing } from "./support/setup.ts";

const NGINX = `- apiVersion: v1
  kind: Pod
  metadata:
    name: nginx
  spec:
    hostNetwork: true
    containers:
      - name: nginx
        image: nginx
        imagePullPolicy: IfNotPresent
`;

const WEB = `- apiVersion: v1
  kind: Pod
  metadata:
    name: web
  spec:
    hostNetwork: true
    terminationGracePeriodSeconds: 1
    containers:
      - name: web
        image: busybox:test
        imagePullPolicy: IfNotPresent
        command: [sh, -c, "echo serving; sleep 1000000"]
`;

/** Missing its containers: the kubelet would refuse it, and the whole list with it. */
const WRONG = `- apiVersion: v1
  kind: Pod
  metadata:
    name: wrong
  spec: {}
`;

const say = (text: string) => process.stdout.write(`\n\x1b[1m# ${text}\x1b[0m\n`);

async function demo(): Promise<void> {
  installMissing();
  say("Compiling dist/podstead");
  execFileSync(process.execPath, ["run", "-A", "packaging/compile.ts"], { stdio: "inherit" });

  const reason = skipReason();
  const containerd = reason === undefined ? await startContainerd() : undefined;
  const node = await TestNode.create(containerd);
  node.kubeletVersion = "1.36";
  try {
    write(node, NGINX);
    if (containerd === undefined) {
      await showWithoutContainers(node);
      say(`Left out: everything with real containers, because ${reason}`);
    } else {
      await showAll(node, containerd);
    }
  } finally {
    await node.close();
    await containerd?.cleanUp();
  }
  say("Done; everything was cleaned up");
}

/** The config with these pods; everything that the agent writes is in the node's directory. */
function write(node: TestNode, pods: string): void {
  node.writePods(pods, `  volumesDir: ${JSON.stringify(join(node.directory, "volumes"))}\n`);
}

async function showAll(node: TestNode, containerd: TestContainerd): Promise<void> {
  say(`A node: real containerd (${containerd.socket}), podstead, and a stand-in for the kubelet`);
  await node.startAgent();
  await node.startKubelet();
  await running(node, "nginx");
  await show(node, "get", "staticpods");
  await show(node, "get", "staticpodstatus");
  await show(node, "containers", "--kubernetes");
  await show(node, "logs", "--kubernetes", "default-nginx");

  say("Editing the config: one pod more, and one that the kubelet would refuse; then SIGHUP");
  write(node, NGINX + WEB + WRONG);
  await node.signalAgent("SIGHUP");
  await running(node, "web");
  await show(node, "get", "staticpods", "-o", "wide");
  await show(node, "get", "staticpodstatus", "-o", "wide");

  say("Asking for the reload's result instead of sending a signal");
  await show(node, "reload");

  say("kill -9 to the agent: its pods run on, and it serves the same list again");
  await node.signalAgent("SIGKILL", true);
  await node.startAgent();
  await show(node, "get", "staticpods");
  await show(node, "containers", "--kubernetes");

  say("Another image, in the running pod: its sandbox stays. A trial that cannot work goes back");
  write(node, NGINX + WEB);
  await show(node, "reload");
  await show(node, "set", "image", "web=nginx:latest", "--settle", "1s");
  await show(node, "set", "image", "web=127.0.0.1:1/none:1", "--mode=try", "--settle", "2s");
  await show(node, "history");
  await show(node, "diff", "3");

  await showAdd(node);

  say("How is the node?");
  await show(node);
}

/** The example of docs/objects.md. */
async function showAdd(node: TestNode): Promise<void> {
  say("What a tutorial has: a Deployment with a ConfigMap, a Secret, a claim and a Service");
  const port = await freePort();
  const file = join(node.directory, "counter.yaml");
  writeFileSync(file, counterExample(port));
  const volumes = join(node.directory, "data");
  const flags = ["--volumes", volumes, "--publish", `${port}:80`, "--yes", "--settle", "1s"];
  await show(node, "add", file, ...flags);
  const url = `http://127.0.0.1:${port}/`;
  const page = await eventually(
    "the page is served",
    async () => await (await fetch(url)).text(),
  );
  process.stdout.write(`\n$ curl ${url}\n${page}`);
  await show(node, "get", "secrets");
}

async function showWithoutContainers(node: TestNode): Promise<void> {
  say("podstead alone");
  await node.startAgent();
  await show(node, "get", "staticpods");
  say(`What a kubelet would get from ${node.manifestUrl}`);
  process.stdout.write(await (await fetch(node.manifestUrl)).text());
  write(node, NGINX + WEB + WRONG);
  await show(node, "reload");
}

async function show(node: TestNode, ...args: readonly string[]): Promise<void> {
  process.stdout.write(`\n$ ${["podstead", ...args].join(" ")}\n`);
  const { stdout, stderr } = await node.podstead(...args);
  process.stdout.write(stdout + stderr);
}

async function running(node: TestNode, pod: string): Promise<void> {
  await eventually(`${pod} runs`, async () => {
    const { stdout } = await node.podstead("get", "staticpodstatus");
    return new RegExp(`/${pod}-node-1 .* True$`, "m").test(stdout) || undefined;
  });
}

await demo();
