import assert from "node:assert/strict";
import { startContainerd, type TestContainerd } from "../support/containerd.ts";
import { TestNode } from "../support/node.ts";
import { SshLab } from "../support/ssh_lab.ts";
import { TestNetwork } from "../support/test_network.ts";
import { podYaml } from "./pod_yaml.ts";

const QUICK = ["--poll-interval", "100ms", "--time-factor", "0.3", "--api-port", "0"];

/** Nodes over real ssh, each with its own network, runtime, agent and kubelet, and a ready pod. */
export class SeveralNodes {
  readonly nodes: TestNode[] = [];
  readonly #runtimes: TestContainerd[] = [];
  #lab: SshLab | undefined;
  #network: TestNetwork | undefined;

  /** How they are reached by ssh. Only after `start`. */
  get lab(): SshLab {
    if (this.#lab === undefined) throw new Error("The nodes have not started");
    return this.#lab;
  }

  async start(count: number): Promise<void> {
    this.#network = TestNetwork.make(count);
    for (const { namespace } of this.#network.places) {
      const runtime = await startContainerd({ namespace });
      this.#runtimes.push(runtime);
      const node = await TestNode.create(runtime, "node-1", namespace);
      this.nodes.push(node);
      node.writePods(podYaml("web"));
      await node.startAgent();
      await node.startKubelet(QUICK);
      // Now its port is known, and its probes are.
      node.writePods(podYaml("web"));
      const { code, stdout, stderr } = await node.podstead("reload", "--wait=5m");
      assert.equal(code, 0, stdout + stderr + node.lastWords());
    }
    this.#lab = await SshLab.start(this.nodes.map(({ socket }) => socket), this.#network);
  }

  /** Also after a start that failed. */
  async close(): Promise<void> {
    await this.#lab?.close();
    for (const node of this.nodes) await node.close();
    for (const runtime of this.#runtimes) await runtime.cleanUp();
    this.#network?.close();
  }
}
