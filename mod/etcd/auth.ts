/** Users and roles: the common name of a client certificate is the user. */
import type { Etcd } from "./client.ts";
import { Auth, PermissionType } from "./gen/etcd.ts";
import { wireRange } from "./keys.ts";
import type { KeyRange } from "./keys.ts";

/** What a role may do, with which keys. */
export interface EtcdRole {
  readonly name: string;
  readonly rights: readonly (KeyRange & { readonly access: "read" | "write" | "readwrite" })[];
}

/** A user without a password: only a certificate with its name opens the door. */
export interface EtcdUser {
  readonly name: string;
  readonly roles: readonly string[];
}

const ACCESS = {
  read: PermissionType.READ,
  write: PermissionType.WRITE,
  readwrite: PermissionType.READWRITE,
} as const;

/**
 * Makes roles and users, then turns authentication on. What is there already stays, so that it
 * can be repeated.
 *
 * @throws {PodsteadError} as every call of etcd
 */
export async function enableAuth(
  etcd: Pick<Etcd, "call">,
  { roles, users }: { readonly roles: readonly EtcdRole[]; readonly users: readonly EtcdUser[] },
): Promise<void> {
  // etcd wants a user root with the role root before it turns authentication on.
  for (const name of ["root", ...roles.map((role) => role.name)]) {
    await unlessThere(etcd.call(Auth.method.roleAdd, { name }));
  }
  for (const { name, rights } of roles) {
    for (const { access, ...range } of rights) {
      const perm = { permType: ACCESS[access], ...wireRange(range) };
      await etcd.call(Auth.method.roleGrantPermission, { name, perm });
    }
  }
  for (const user of [{ name: "root", roles: ["root"] }, ...users]) {
    const add = { name: user.name, options: { noPassword: true } };
    await unlessThere(etcd.call(Auth.method.userAdd, add));
    for (const role of user.roles) {
      await etcd.call(Auth.method.userGrantRole, { user: user.name, role });
    }
  }
  await etcd.call(Auth.method.authEnable, {});
}

async function unlessThere(request: Promise<unknown>): Promise<void> {
  await request.catch((error: Error) => {
    if (!/already exists/.test(error.message)) throw error;
  });
}
