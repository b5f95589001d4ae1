/** What systemd gives a service of its own: PrivateTmp=, PrivateDevices=, ProtectHome=. */
const PRIVATE = /^\/(tmp|var\/tmp|dev|home|root|run\/user)(\/|$)/;

/**
 * Whether a path of the node may look otherwise from inside of a service: podstead's
 * unit has its own `/tmp` and `/dev`, so that what is missing here may well be there.
 *
 * @param self this process; systemd tells a service its own process ID in
 * `SYSTEMD_EXEC_PID`, which its children inherit without being meant
 */
export function isHiddenFromService(
  path: string,
  self: {
    readonly pid: number;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): boolean {
  return self.env["SYSTEMD_EXEC_PID"] === String(self.pid) && PRIVATE.test(path);
}
