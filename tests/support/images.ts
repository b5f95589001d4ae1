/**
 * Container images without a registry: OCI layouts that hold a static busybox.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { type TarEntry, writeTar } from "../../mod/bundle/tar.ts";

/** One image to build. */
export interface ImageRecipe {
  /** Full name with tag, such as `docker.io/library/busybox:test`. */
  readonly name: string;
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  /** A shell script that becomes `/start.sh`. */
  readonly script?: string;
  /** Files of this machine, executable: the path in the image without its first `/`, and here. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The image that every sandbox runs: it sleeps until it is killed. */
export const PAUSE_IMAGE = "registry.k8s.io/pause:3.6";
/** A shell and the usual tools. */
export const BUSYBOX_IMAGE = "docker.io/library/busybox:test";
/** Looks like nginx to somebody who reads its logs. */
export const NGINX_IMAGE = "docker.io/library/nginx:latest";

/** Waits for ever, but ends at once when it is told to stop. */
const WAIT = `sleep 2147483647 & wait $!`;

const NGINX_SCRIPT = `#!/bin/sh
trap 'exit 0' TERM QUIT INT
say() { echo "$(date '+%Y/%m/%d %H:%M:%S') [notice] 1#1: $1" >&2; }
say 'using the "epoll" event method'
say 'nginx/1.21.6'
say 'built by gcc 10.2.1 20210110 (Debian 10.2.1-6)'
say 'start worker processes'
${WAIT}
`;

/** The images that tests and the demo use. */
export const TEST_IMAGES: readonly ImageRecipe[] = [
  { name: PAUSE_IMAGE, entrypoint: ["/bin/sleep", "2147483647"] },
  {
    name: BUSYBOX_IMAGE,
    entrypoint: [],
    cmd: ["/bin/sh", "-c", `trap 'exit 0' TERM; ${WAIT}`],
  },
  { name: NGINX_IMAGE, entrypoint: ["/bin/sh", "/start.sh"], script: NGINX_SCRIPT },
];

/** The busybox applets that test containers call by name. */
const APPLETS = [
  ..."awk cat chmod cp cut date dd echo env false grep head hostname id kill ls mkdir mktemp".split(
    " ",
  ),
  ..."mv nc printf ps rm sed seq sh sleep tail test touch tr true uname wc wget yes".split(" "),
];

/** Built images, as a registry and an OCI layout hold them. */
export interface BuiltImages {
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly manifests: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
    readonly platform: { readonly architecture: string; readonly os: string };
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/**
 * Builds images; the same recipes give the same digests.
 *
 * @param busyboxPath a statically linked busybox of this machine's architecture.
 */
export function buildImages(recipes: readonly ImageRecipe[], busyboxPath: string): BuiltImages {
  const blobs = new Map<string, Uint8Array>();
  const addBlob = (data: Uint8Array, mediaType: string) => {
    const digest = `sha256:${createHash("sha256").update(data).digest("hex")}`;
    blobs.set(digest, data);
    return { mediaType, digest, size: data.length };
  };
  const addJson = (value: unknown, mediaType: string) =>
    addBlob(new TextEncoder().encode(JSON.stringify(value)), mediaType);

  const base = addBlob(baseLayer(readFileSync(busyboxPath)), LAYER_TYPE);
  const manifests = recipes.map((recipe) => {
    const layers = [base];
    if (recipe.script !== undefined) {
      const data = new TextEncoder().encode(recipe.script);
      layers.push(addBlob(writeTar([{ name: "start.sh", data, mode: 0o755 }]), LAYER_TYPE));
    }
    if (recipe.files !== undefined) {
      const files = Object.entries(recipe.files).map(([name, path]): TarEntry => ({
        name,
        data: readFileSync(path),
        mode: 0o755,
      }));
      layers.push(addBlob(writeTar(files), LAYER_TYPE));
    }
    const platform = { architecture: process.arch === "arm64" ? "arm64" : "amd64", os: "linux" };
    const config = addJson({
      ...platform,
      config: {
        Entrypoint: recipe.entrypoint,
        Cmd: recipe.cmd ?? [],
        Env: ["PATH=/bin"],
        // Two recipes that run the same must still be two images.
        Labels: { name: recipe.name },
      },
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
    }, "application/vnd.oci.image.config.v1+json");
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    return {
      ...addJson({ schemaVersion: 2, mediaType, config, layers }, mediaType),
      platform,
      annotations: { "io.containerd.image.name": recipe.name },
    };
  });
  return { blobs, manifests };
}

/** An OCI image layout as a tar archive with all `recipes` in it, as `ctr images import` takes it. */
export function buildImageArchive(
  recipes: readonly ImageRecipe[],
  busyboxPath: string,
): Uint8Array {
  const { blobs, manifests } = buildImages(recipes, busyboxPath);
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return writeTar([
    { name: "oci-layout", data: text({ imageLayoutVersion: "1.0.0" }), mode: 0o644 },
    { name: "index.json", data: text({ schemaVersion: 2, manifests }), mode: 0o644 },
    ...[...blobs].map(([digest, data]) => ({
      name: `blobs/${digest.replace(":", "/")}`,
      data,
      mode: 0o644,
    })),
  ]);
}

const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

function baseLayer(busybox: Uint8Array): Uint8Array {
  const directories = ["bin", "dev", "etc", "proc", "sys", "tmp", "var"];
  return writeTar([
    ...directories.map((name): TarEntry => ({ name: `${name}/`, directory: true })),
    { name: "bin/busybox", data: busybox, mode: 0o755 },
    ...APPLETS.map((applet): TarEntry => ({ name: `bin/${applet}`, linkTo: "busybox" })),
    {
      name: "etc/passwd",
      data: new TextEncoder().encode("root:x:0:0:root:/:/bin/sh\n"),
      mode: 0o644,
    },
  ]);
}
