import { UsageError } from "../core/mod.ts";

const SUFFIX = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/**
 * The unit that a service's name means: `kubelet` is `kubelet.service`.
 *
 * @throws {UsageError} for what cannot be a unit's name (systemd.unit(5))
 */
export function unitName(name: string): string {
  if (!/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$/.test(name)) {
    throw new UsageError(`${JSON.stringify(name)} is not a unit's name`, {
      hint: "A unit is named such as kubelet or kubelet.service",
    });
  }
  return SUFFIX.test(name) ? name : `${name}.service`;
}
