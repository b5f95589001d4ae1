/**
 * The schemas of what `-o json` prints: published in docs/schema (`deno task docs` makes them),
 * true of what is printed, and never less than what fixtures/schema has of them.
 */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { cli } from "../mod/cli/mod.ts";
import { breaksOf, faultsOf } from "./support/check_schema.ts";
import { type FakeAgent, startFakeAgent } from "./support/fake_agent.ts";
import { podsWith, storyHandlers } from "./support/node_story.ts";
import { declarationsOf, membersOf, type RootSchema, SchemaMaker } from "./support/type_schemas.ts";
import { textWorld } from "./support/world.ts";

const DIRECTORY = fileURLToPath(new URL("../docs/schema/", import.meta.url));
/** What is promised since the first release. A change of it breaks the scripts of users. */
const PROMISED = fileURLToPath(new URL("../fixtures/schema/v1/", import.meta.url));

const declarations = declarationsOf([
  "mod/cli/output/kinds.ts",
  "mod/cli/output/report_kinds.ts",
  "mod/api/contract/mod.ts",
  "mod/api/contract/node.ts",
  "mod/pods/fields/explain_field.ts",
  "mod/services/list.ts",
  "mod/doctor/finding.ts",
  "mod/core/problem.ts",
]);

/** What lists have beside their items. */
const EXTRAS = membersOf(declarations, "ListExtras");

function schemaOf(kind: string, type: string, isList: boolean): RootSchema {
  const maker = new SchemaMaker(declarations);
  const item = maker.object(type);
  const head = {
    apiVersion: { const: "podstead.dev/v1" },
    kind: { const: kind },
  };
  const extra = EXTRAS.get(kind);
  const more = extra === undefined ? undefined : maker.object(extra);
  const body = isList
    ? {
      properties: { ...head, ...more?.properties, items: { type: "array", items: item } },
      required: [...more?.required ?? [], "items"],
    }
    : { properties: { ...head, ...item.properties }, required: item.required ?? [] };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `https://podstead.dev/schema/v1/${kind}.json`,
    title: kind,
    ...(item.description === undefined ? {} : { description: item.description }),
    type: "object",
    properties: body.properties,
    required: [...new Set(["apiVersion", "kind", ...body.required])].sort(),
    $defs: maker.definitions,
  };
}

const SCHEMAS = new Map<string, RootSchema>([
  ...[...membersOf(declarations, "Kinds")]
    .map(([kind, type]) => [kind, schemaOf(kind, type, false)] as const),
  ...[...membersOf(declarations, "ListKinds")]
    .map(([kind, type]) => [kind, schemaOf(kind, type, true)] as const),
]);

const read = (path: string): RootSchema => JSON.parse(readFileSync(path, "utf8"));

describe("docs/schema", () => {
  for (const [kind, schema] of SCHEMAS) {
    it(`has ${kind} as it is`, () => {
      const path = `${DIRECTORY}${kind}.json`;
      if (process.env["UPDATE_GOLDENS"] === "1") {
        mkdirSync(DIRECTORY, { recursive: true });
        writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
      }
      const published = existsSync(path) ? read(path) : undefined;
      assert.deepEqual(published, schema, "it is out of date; run deno task docs");
    });
  }

  it("has no schema of a kind that there is not", () => {
    const kinds = readdirSync(DIRECTORY).map((file) => file.replace(".json", ""));
    assert.deepEqual(kinds.filter((kind) => !SCHEMAS.has(kind)), [], "remove these files");
  });
});

describe("the promise of podstead.dev/v1", () => {
  for (const file of readdirSync(PROMISED)) {
    it(`holds for ${file}`, () => {
      const kind = file.replace(".json", "");
      const now = SCHEMAS.get(kind) ?? assert.fail(`the kind ${kind} is gone`);
      assert.deepEqual(breaksOf(read(`${PROMISED}${file}`), now), []);
    });
  }

  const older = SCHEMAS.get("PodStatus") ?? assert.fail();
  const without = (name: string): RootSchema => {
    const { [name]: _, ...properties } = older.properties ?? {};
    return { ...older, properties };
  };
  for (
    const [what, newer, wanted] of [
      ["a member that is gone", without("node"), [".node: is gone"]],
      [
        "a member that may be absent",
        { ...older, required: (older.required ?? []).filter((name) => name !== "node") },
        [".node: is no longer always there"],
      ],
      [
        "another type",
        { ...older, properties: { ...older.properties, node: { type: "number" } } },
        [".node: was string, is number"],
      ],
      [
        "nothing in a new member",
        { ...older, properties: { ...older.properties, more: { type: "string" } } },
        [],
      ],
    ] as const
  ) {
    it(`is broken by ${what}`, () => assert.deepEqual(breaksOf(older, newer), wanted));
  }
});

describe("what is printed", () => {
  let agent: FakeAgent;
  before(async () => {
    agent = await startFakeAgent(storyHandlers(podsWith(2)));
  });
  after(async () => {
    await agent[Symbol.asyncDispose]();
  });

  for (
    const [line, kind] of [
      ["overview", "Overview"],
      ["health", "Overview"],
      ["describe default/nginx", "PodReport"],
      ["events default/nginx-node-1", "PodEvent"],
      ["get pods", "PodStatusList"],
      ["get pods nginx", "PodStatus"],
      ["get sp", "StaticPodList"],
      ["get sp nginx", "StaticPod"],
      ["get sps", "StaticPodStatusList"],
      ["get sps nginx", "StaticPodStatus"],
      ["containers -k", "ContainerPodList"],
      ["stats --interval 200ms", "ContainerUsageList"],
      ["images", "ImageList"],
      ["history", "RevisionList"],
      ["get sp,sps", "List"],
      ["get pods/nginx sp/nginx", "List"],
      ["inspect nginx", "Inspection"],
      ["cancel", "TrialEnd"],
      ["reload", "ReloadReport"],
      ["reload --dry-run", "ReloadReport"],
      ["version", "Version"],
      ["explain pod.spec.containers", "FieldExplanation"],
      ["validate fixtures/golden/pods.yaml", "ValidationReport"],
      ["uninstall --dry-run --root /nonexistent", "UninstallReport"],
      ["pki check --directory /nonexistent", "CertificateList"],
      ["nodes list", "NodeList"],
      ["rollout history", "RolloutList"],
    ] as const
  ) {
    it(`by podstead ${line} is a ${kind}`, async () => {
      const world = textWorld();
      await cli([...line.split(" "), "-o", "json", "--socket", agent.socket], world);
      const [first = ""] = line.startsWith("events")
        ? world.written.stdout.split("\n")
        : [world.written.stdout];
      const document = JSON.parse(first);
      assert.equal(document.kind, kind);
      assert.deepEqual(faultsOf(document, SCHEMAS.get(kind) ?? assert.fail()), []);
    });
  }

  it("is found wrong where it is", () => {
    const schema = SCHEMAS.get("PodStatusList") ?? assert.fail();
    const wrong = { apiVersion: "podstead.dev/v1", kind: "PodStatusList", items: [{ node: 1 }] };
    assert.deepEqual(faultsOf(wrong, schema), [
      ".items[0].metadata: is missing",
      ".items[0].status: is missing",
      ".items[0].node: must be string, is number",
    ]);
  });
});
