/** What every package has, as files below a directory. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { completionScript } from "../mod/cli/commands/help/completion_scripts.ts";
import { manualPage } from "../mod/cli/commands/help/manual.ts";
import { buildCli } from "../mod/cli/shell/program.ts";
import { loadRoutes } from "../mod/cli/shell/registry.ts";
import {
  EXAMPLE_CONFIG,
  LAYOUT,
  NEW_NODE_PORT,
  serviceUnit,
  socketUnit,
} from "../mod/install/mod.ts";
import { billOfMaterials, components, licenseTexts } from "./sbom.ts";

/** A package to be built. */
export interface PackageJob {
  /** Where it is laid out; empty, and its own. */
  readonly root: string;
  /** Debian's name of it. */
  readonly architecture: string;
  /** The path of podstead, compiled for that architecture. */
  readonly executable: string;
  readonly version: string;
  /** `Name <address>` */
  readonly maintainer: string;
  /** `xz`, or `none` for tests: the smallest takes a minute. */
  readonly compression: string;
  /** The directory that the package is written to. */
  readonly out: string;
}

/** Lays out what is installed. @returns the directory */
export async function layOut(job: PackageJob, zshDirectory: string): Promise<string> {
  const tree = join(job.root, "tree");
  const file = (path: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  };
  file(LAYOUT.packagedBinary, "", 0o755);
  copyFileSync(job.executable, join(tree, LAYOUT.packagedBinary));
  file(LAYOUT.packagedUnit, serviceUnit({ binary: LAYOUT.packagedBinary, notifyReload: false }));
  file(LAYOUT.packagedSocketUnit, socketUnit(`127.0.0.1:${NEW_NODE_PORT}`));
  // Not a conffile: it is the administrator's from the first day, and no upgrade may ask about it.
  file("/usr/share/podstead/config.yaml", EXAMPLE_CONFIG);
  mkdirSync(join(tree, LAYOUT.podsDirectory), { recursive: true });
  chmodSync(join(tree, LAYOUT.podsDirectory), 0o750);
  chmodSync(join(tree, LAYOUT.configDirectory), 0o750);
  for (const [path, content] of await documentation(job.version, zshDirectory)) {
    file(`/usr/${path}`, content);
  }
  file("/usr/share/doc/podstead/copyright", readFileSync("LICENSE"));
  return tree;
}

/** Manual page, completions, pages, JSON Schemas, alerts and dashboard, by their path below /usr. */
export async function documentation(
  version: string,
  zshDirectory: string,
): Promise<readonly (readonly [string, string | Uint8Array])[]> {
  const contained = components(readFileSync("deno.lock", "utf8"), "node_modules/.deno");
  const pages = readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:md|json|png)$/.test(path));
  return [
    [
      "share/man/man1/podstead.1.gz",
      gzipSync(await manualPage({ buildCli, loadRoutes }), { level: 9 }),
    ],
    ["share/bash-completion/completions/podstead", completionScript("bash")],
    [`share/zsh/${zshDirectory}/_podstead`, completionScript("zsh")],
    ["share/fish/vendor_completions.d/podstead.fish", completionScript("fish")],
    ["share/doc/podstead/sbom.cdx.json", billOfMaterials(version, contained)],
    ["share/doc/podstead/licenses.txt", licenseTexts(contained)],
    ["share/doc/podstead/prometheus-alerts.yaml", readFileSync("packaging/prometheus-alerts.yaml")],
    ["share/doc/podstead/grafana-dashboard.json", readFileSync("packaging/grafana-dashboard.json")],
    ["share/doc/podstead/README.md", readFileSync("README.md")],
    ...pages.map((path): readonly [string, Uint8Array] => [
      `share/doc/podstead/docs/${path}`,
      readFileSync(join("docs", path)),
    ]),
  ];
}
