import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findImage, imageStorage, listImages, pullImage } from "../../mod/cri/mod.ts";
import { PodsteadError } from "../../mod/core/mod.ts";
import { BUSYBOX_IMAGE, NGINX_IMAGE, PAUSE_IMAGE } from "../support/images.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { startRegistry } from "../support/registry.ts";

describeWithContainerd("images", (containerd) => {
  it("listImages() has every image, sorted by name", async () => {
    const images = await listImages(containerd().runtime);
    assert.deepEqual(images.map(({ tags }) => tags), [
      [BUSYBOX_IMAGE],
      [NGINX_IMAGE],
      [PAUSE_IMAGE],
    ]);
    assert.ok(images.every(({ id, sizeBytes }) => id.startsWith("sha256:") && sizeBytes > 100_000));
  });

  it("findImage() finds by a short name, and knows what is not there", async () => {
    const { runtime } = containerd();
    assert.deepEqual((await findImage(runtime, "nginx"))?.tags, [NGINX_IMAGE]);
    assert.equal(await findImage(runtime, "nothing"), undefined);
  });

  it("imageStorage() says where images are", async () => {
    const [storage] = await imageStorage(containerd().runtime);
    assert.ok(storage?.mountpoint.startsWith(containerd().directory));
  });

  it("pullImage() pulls with the credentials, and tells how far it is", async () => {
    await using registry = await startRegistry({ username: "u", password: "p", slowMs: 700 });
    const { runtime } = containerd();
    const name = `${registry.host}/team/app:1`;
    const refused = await failure(pullImage(runtime, name));
    assert.equal(refused.code, "permission", refused.message);
    assert.match(refused.message, new RegExp(`registry "${registry.host}" .* without a login`));
    const wrong = await failure(pullImage(runtime, name, {
      logins: [login("u", "other"), login("v", "p")],
    }));
    assert.match(
      wrong.message,
      /to user "u" of Secret default\/u, and to user "v" of Secret default\/v \(401\)/,
    );
    const progress: number[] = [];
    const ref = await pullImage(runtime, name, {
      logins: [login("u", "other"), login("u", "p")],
      onProgress: ({ totalBytes }) => progress.push(totalBytes),
    });
    assert.equal((await findImage(runtime, name))?.id, ref);
    assert.ok(progress.some((total) => total > 100_000), `progress was ${progress}`);
    const missing = await failure(
      pullImage(runtime, `${registry.host}/team/none:1`, {
        logins: [login("u", "p")],
      }),
    );
    assert.equal(missing.code, "not-found", missing.message);
  });

  it("pullImage() says in one line why a registry cannot be reached", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // The server listens on a TCP port, so this is no path.
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(pullImage(containerd().runtime, `127.0.0.1:${port}/a:1`));
    assert.match(error.message, /^Cannot pull "127\.0\.0\.1:\d+\/a:1": dial tcp .*refused$/);
  });
});

function login(username: string, password: string) {
  return { auth: { username, password }, pattern: "", from: `Secret default/${username}` };
}

async function failure(job: Promise<unknown>): Promise<PodsteadError> {
  try {
    await job;
  } catch (error) {
    assert.ok(error instanceof PodsteadError, `not a PodsteadError: ${error}`);
    return error;
  }
  assert.fail("it did not fail");
}
