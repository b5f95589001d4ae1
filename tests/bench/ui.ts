/**
 * What looking costs: the first paint of each page on the node and over ssh, and what ten open pages
 * take of the agent, beside the same time without any.
 *
 * Run: deno run -A tests/bench/ui.ts [--pods 30] [--seconds 60]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { systemClock } from "../../mod/core/mod.ts";
import { podYaml } from "../e2e/pod_yaml.ts";
import { noBrowserReason, startBrowser } from "../support/browser.ts";
import { startContainerd } from "../support/containerd.ts";
import { eventually, TestNode } from "../support/node.ts";
import { cpuMs, residentMib } from "../support/process_cost.ts";
import type { RunningCommand } from "../support/running_command.ts";
import { SshLab, sshSkipReason } from "../support/ssh_lab.ts";

const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "30" },
    seconds: { type: "string", default: "60" },
  },
});
const seconds = Number(values.seconds);
const PAGES = ["", "/pods", "/pods/default/pod-0-node-1", "/changes", "/control-plane"];

const missing = noBrowserReason() ?? sshSkipReason();
if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
  process.exit(0);
}

/** Signs a browser in to pages that are served. */
async function enter(browser: Browser, command: RunningCommand) {
  const url = await eventually(
    "the URL",
    () => Promise.resolve(/http:\S+/.exec(command.stdout)?.[0]),
  );
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return { page, origin: new URL(url).origin };
}

/** The first paint with content, in milliseconds after the click; the median of nine. */
async function paintMs(page: Page, url: string): Promise<number> {
  const all: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    await page.goto(url);
    all.push(
      await page.evaluate(() =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const paint = list.getEntries().find(({ name }) => name === "first-contentful-paint");
            if (paint !== undefined) resolve(paint.startTime);
          }).observe({ type: "paint", buffered: true });
        })
      ),
    );
  }
  return all.sort((one, other) => one - other)[4] ?? NaN;
}

const containerd = await startContainerd();
const node = await TestNode.create(containerd);
const browser = await startBrowser();
let lab: SshLab | undefined;
try {
  const write = () =>
    node.writePods(
      Array.from({ length: Number(values.pods) }, (_, at) => podYaml(`pod-${at}`)).join(""),
    );
  write();
  await node.startAgent();
  await node.startKubelet(["--poll-interval", "1s", "--api-port", "0"]);
  write();
  const waited = await node.podstead("reload", "--wait=10m");
  if (waited.code !== 0) throw new Error(waited.stdout);
  lab = await SshLab.start([node.socket]);
  lab.name({ a: 0 });
  const local = node.startPodstead("ui");
  const remote = lab.startPodstead("ui", "-N", "a");
  const here = await enter(browser, local);
  const there = await enter(browser, remote);
  for (const path of PAGES) {
    const at = await paintMs(here.page, `${here.origin}/n/node-1${path}`);
    const far = await paintMs(there.page, `${there.origin}/n/a${path}`);
    process.stdout.write(
      `${path || "/"}: first paint ${at.toFixed(0)} ms on the node, ${far.toFixed(0)} over ssh\n`,
    );
  }
  await here.page.close();
  await there.page.close();
  remote.stop();
  const pid = node.agentPid;
  const measure = async () => {
    const before = cpuMs(pid);
    await systemClock.sleep(seconds * 1000);
    return { percent: (cpuMs(pid) - before) / (seconds * 10), mib: residentMib(pid) };
  };
  await systemClock.sleep(15_000); // what was measured for the pages' curves ends by itself
  const without = await measure();
  const context = here.page.context();
  const pages = await Promise.all(Array.from({ length: 10 }, async (_, at) => {
    const page = await context.newPage();
    await page.goto(`${here.origin}/n/node-1${PAGES[at % PAGES.length]}`);
    return page;
  }));
  const open = await measure();
  for (const page of pages) await page.close();
  process.stdout.write(
    `${values.pods} pods, ${seconds} s each: the agent takes ${
      without.percent.toFixed(2)
    } % of a ` +
      `core and ${without.mib.toFixed(0)} MiB without pages, ${open.percent.toFixed(2)} % and ` +
      `${open.mib.toFixed(0)} MiB with ten open\n`,
  );
} finally {
  await browser.close();
  await lab?.close();
  await node.close();
  await containerd.cleanUp();
}
process.exit(0);
