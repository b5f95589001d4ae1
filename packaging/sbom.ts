/** What is in the executable, for scanners and lawyers: CycloneDX 1.6, from the lock file. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

/** One package of npm's that the executable may contain. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** SHA-512 of the archive, as hexadecimal digits. */
  readonly sha512: string;
  /** SPDX, as the package says; undefined where it says nothing. */
  readonly license: string | undefined;
  /** The text of its license file; undefined where it has none. */
  readonly licenseText: string | undefined;
}

const LockFile = v.object({
  npm: v.record(v.string(), v.object({ integrity: v.string() })),
});
const PackageFile = v.object({ license: v.optional(v.string()) });

/** Of the tools: they make the executable or test it, and are not in it, but for Bun's runtime. */
const TOOLS = /^(?:fast-check|pure-rand|typescript|@oven\/bun-(?!linux-x64$))/;

/**
 * Every package of the lock file that the executable may contain.
 *
 * @param lock the text of `deno.lock`
 * @param packages the directory where Deno unpacked them
 */
export function components(lock: string, packages: string): readonly Component[] {
  const { npm } = v.parse(LockFile, JSON.parse(lock));
  return Object.entries(npm).map(([key, { integrity }]) => {
    // `name@version`, and then what its peers are: `_hono@4`.
    const [, name = key, version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    return {
      name,
      version,
      sha512: Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex"),
      ...licenseOf(join(packages, `${name.replace("/", "+")}@${version}`), packages, name, version),
    };
  }).filter(({ name }) => !TOOLS.test(name));
}

function licenseOf(
  exact: string,
  packages: string,
  name: string,
  version: string,
): Pick<Component, "license" | "licenseText"> {
  const prefix = `${name.replace("/", "+")}@${version}`;
  const found = existsSync(exact)
    ? exact
    : join(packages, readdirSync(packages).find((entry) => entry.startsWith(prefix)) ?? prefix);
  const root = join(found, "node_modules", name);
  if (!existsSync(root)) return { license: undefined, licenseText: undefined };
  const { license } = v.parse(
    PackageFile,
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
  );
  const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
  return {
    license,
    licenseText: file === undefined ? undefined : readFileSync(join(root, file), "utf8"),
  };
}

/** The bill of materials as JSON; the same components give the same bytes. */
export function billOfMaterials(version: string, list: readonly Component[]): string {
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", name: "podstead", version, "bom-ref": "podstead" },
    },
    components: list.map(({ name, version, sha512, license }) => {
      const purl = `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
      return {
        type: "library",
        name,
        version,
        "bom-ref": purl,
        purl,
        hashes: [{ alg: "SHA-512", content: sha512 }],
        ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
      };
    }),
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** The licenses of all components in one text, each below its name. */
export function licenseTexts(list: readonly Component[]): string {
  return list.map(({ name, version, license, licenseText }) =>
    `${name} ${version} (${license ?? "see its package"})\n\n${licenseText?.trim() ?? ""}\n`
  ).join(`\n${"-".repeat(80)}\n\n`);
}
