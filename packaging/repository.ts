/** Repositories of packages as plain files, which any web server can serve: for apt and for dnf. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

/** What a repository is made of. */
export interface RepositoryJob {
  /** What is in it already stays. */
  readonly directory: string;
  /** Paths of `.deb` and `.rpm` files. */
  readonly packages: readonly string[];
  readonly timeMs: number;
  /** A key of gpg's; undefined to sign nothing. */
  readonly signWith: string | undefined;
}

const SUITE = "stable";
const POOL = "pool/main/p/podstead";

/** Makes or updates both. @returns what could not be made, as sentences */
export function makeRepository(job: RepositoryJob): readonly string[] {
  makeAptRepository(job);
  return makeRpmRepository(job);
}

function makeAptRepository({ directory, packages, timeMs, signWith }: RepositoryJob): void {
  const root = join(directory, "apt");
  copyInto(join(root, POOL), packages.filter((path) => path.endsWith(".deb")));
  const held = readdirSync(join(root, POOL)).flatMap((name) =>
    /_([^_]+)\.deb$/.exec(name)?.[1] ?? []
  );
  const architectures = [...new Set(held)].sort();
  const files = architectures.flatMap((architecture) => {
    const folder = `main/binary-${architecture}`;
    const index = execFileSync(
      "dpkg-scanpackages",
      ["--multiversion", "--arch", architecture, POOL],
      { cwd: root, stdio: ["ignore", "pipe", "ignore"] },
    );
    mkdirSync(join(root, "dists", SUITE, folder), { recursive: true });
    return [[`${folder}/Packages`, index], [`${folder}/Packages.gz`, gzipSync(index)]] as const;
  });
  const dists = join(root, "dists", SUITE);
  for (const [name, content] of files) writeFileSync(join(dists, name), content);
  const release = join(dists, "Release");
  writeFileSync(
    release,
    [
      "Origin: podstead",
      "Label: podstead",
      `Suite: ${SUITE}`,
      `Codename: ${SUITE}`,
      `Date: ${new Date(timeMs).toUTCString().replace("GMT", "UTC")}`,
      `Architectures: ${architectures.join(" ")}`,
      "Components: main",
      "Description: podstead, static pods for any Linux node",
      "SHA256:",
      ...files.map(([name, content]) => {
        const hash = createHash("sha256").update(content).digest("hex");
        return ` ${hash} ${content.length} ${name}`;
      }),
      "",
    ].join("\n"),
  );
  if (signWith === undefined) return;
  sign(signWith, release, ["--detach-sign"], `${release}.gpg`);
  sign(signWith, release, ["--clear-sign"], join(dists, "InRelease"));
}

function makeRpmRepository({ directory, packages, signWith }: RepositoryJob): readonly string[] {
  const root = join(directory, "rpm");
  copyInto(root, packages.filter((path) => path.endsWith(".rpm")));
  try {
    execFileSync("createrepo_c", ["--quiet", "--update", root], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [
      `${root} has no index, for there is no createrepo_c; run: apt-get install createrepo-c`,
    ];
  }
  const index = join(root, "repodata/repomd.xml");
  if (signWith !== undefined) sign(signWith, index, ["--detach-sign"], `${index}.asc`);
  return [];
}

function copyInto(directory: string, packages: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  for (const path of packages) copyFileSync(path, join(directory, basename(path)));
}

function sign(key: string, file: string, how: readonly string[], output: string): void {
  execFileSync("gpg", [
    ...["--batch", "--yes", "--armor", ...how, "--local-user", key, "--output", output, file],
  ], { stdio: ["ignore", "ignore", "inherit"] });
}

/** A size as people compare it: `115.7 MiB`. */
export function sizeOf(path: string): string {
  return `${(statSync(path).size / 2 ** 20).toFixed(1)} MiB`;
}
