/** The unit that a service's name means: `kubelet` is `kubelet.service`. */
export function unitName(name: string): string {
  return /\.(service|socket|timer|target|mount|path|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}
