import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { NEW_NODE_PORT, serviceUnit, socketUnit } from "../../mod/install/mod.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

interface Metric {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
}

/** Every metric of the agent, from where it is made. */
const METRICS: readonly Metric[] = globSync("mod/**/*.ts", {
  cwd: new URL("../../", import.meta.url).pathname,
})
  .flatMap((path) => [
    ...read(path).matchAll(
      /new (Counter|Gauge|Histogram)\(\{\s*name: "(\w+)",\s*help:\s*((?:"[^"]*"(?:\s*\+\s*)?)+),/g,
    ),
  ])
  .map(([, kind = "", name = "", help = ""]) => ({
    name,
    kind: kind.toLowerCase(),
    help: help.replace(/"\s*\+\s*"/g, "").slice(1, -1),
  }))
  .sort((a, b) => a.name < b.name ? -1 : 1);

/** The series that they have: a histogram has three. */
const SERIES: ReadonlySet<string> = new Set([
  "up",
  ...METRICS.flatMap(({ name, kind }) =>
    kind === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name]
  ),
]);

/** The metrics that a PromQL expression reads. */
function usedMetrics(expression: string): readonly string[] {
  return [
    ...expression.replace(/\{[^}]*\}|"[^"]*"/g, "").matchAll(/\b(?:podstead|process)_\w+|\bup\b/g),
  ]
    .map(([name]) => name);
}

describe("packaging/podstead.service", () => {
  it("is the unit of the Debian package", () => {
    assert.equal(
      read("packaging/podstead.service"),
      serviceUnit({ binary: "/usr/bin/podstead", notifyReload: false }),
    );
  });
});

describe("packaging/podstead.socket", () => {
  it("is the unit of the Debian package", () => {
    assert.equal(read("packaging/podstead.socket"), socketUnit(`127.0.0.1:${NEW_NODE_PORT}`));
  });
});

describe("serviceUnit()", () => {
  it("differs by binary and type only", () => {
    const [a, b] = [false, true].map((notifyReload) => serviceUnit({ binary: "/x", notifyReload }));
    assert.equal(a?.replace("Type=notify\n", "Type=notify-reload\n"), b);
    assert.match(a ?? "", /^ExecStart=\/x serve$/m);
    assert.match(a ?? "", /^Before=kubelet\.service$/m);
  });
});

describe("packaging/prometheus-alerts.yaml and grafana-dashboard.json", () => {
  const alerts = parse(read("packaging/prometheus-alerts.yaml"));
  const dashboard = JSON.parse(read("packaging/grafana-dashboard.json"));
  const rules: readonly { alert: string; expr: string; annotations: Record<string, string> }[] =
    alerts.groups.flatMap((group: { rules: unknown }) => group.rules);
  const expressions: readonly string[] = [
    ...rules.map((rule) => rule.expr),
    ...dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
      panel.targets.map((target) => target.expr)
    ),
  ];

  it("read only metrics that the agent has", () => {
    const used = expressions.flatMap(usedMetrics);
    assert.ok(used.length > 15, "the expressions are not understood");
    assert.deepEqual(used.filter((name) => !SERIES.has(name)), []);
  });

  it("say in each alert what is wrong and what to do", () => {
    for (const { alert, annotations } of rules) {
      assert.match(alert, /^Podstead[A-Z]/);
      assert.ok(annotations.summary && annotations.description, alert);
    }
  });
});

describe("docs/metrics.md", () => {
  it("lists every metric as the code has it", () => {
    const path = new URL("../../docs/metrics.md", import.meta.url);
    const text = read("docs/metrics.md");
    const before = text.slice(0, text.indexOf("<!-- metrics -->"));
    const after = text.slice(text.indexOf("<!-- end -->"));
    const rows = METRICS.map(({ name, kind, help }) => `| \`${name}\` | ${kind} | ${help} |\n`);
    const wanted = `${before}<!-- metrics -->\n\n| Name | Type | Meaning |\n| --- | --- | --- |\n${
      rows.join("")
    }\n${after}`;
    if (process.env.UPDATE_GOLDENS === "1") writeFileSync(path, wanted);
    assert.equal(squeeze(read("docs/metrics.md")), squeeze(wanted), "run it with UPDATE_GOLDENS=1");
  });

  it("names metrics by Prometheus' conventions", () => {
    for (const { name, kind, help } of METRICS) {
      assert.match(name, /^(podstead|process)_[a-z][a-z_]*$/);
      assert.equal(
        kind === "counter" || name === "process_cpu_seconds_total",
        name.endsWith("_total"),
        name,
      );
      assert.doesNotMatch(name, /_(ms|milliseconds|kb|mb|mib)(_|$)/);
      assert.doesNotMatch(help, /\.$/);
    }
  });
});

/** The formatter pads tables; what counts is what they say. */
function squeeze(text: string): string {
  return text.replace(/-{3,}/g, "---").replace(/ +/g, " ");
}
