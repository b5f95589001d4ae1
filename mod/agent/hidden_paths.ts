/** What systemd gives a service of its own: PrivateTmp=, PrivateDevices=, ProtectHome=. */
const PRIVATE = /^\/(tmp|var\/tmp|dev|home|root|run\/user)(\/|$)/;

/**
 * Whether a path of the node may look otherwise from inside of a service: podstead's
 * unit has its own `/tmp` and `/dev`, so that what is missing here may well be there.
 *
 * @param env this process's; systemd sets `INVOCATION_ID` for every service
 */
export function isHiddenFromService(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return env["INVOCATION_ID"] !== undefined && PRIVATE.test(path);
}
