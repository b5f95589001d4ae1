/**
 * `systemctl show` and `journalctl --output=json` for tests that have no systemd: programs
 * that read what a test writes down. Put `path` first in the `PATH` of what is tested.
 */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A unit as `systemctl show` has it. */
export type UnitProperties = Readonly<Record<string, string>>;

/** A systemd that knows what it was told. */
export interface FakeSystemd {
  /** The directory with the programs. */
  readonly path: string;
  /** Sets a unit: `kubelet`, with its `ActiveState`, `SubState` and so on. */
  setUnit(name: string, properties: UnitProperties): void;
  /** Sets a unit's journal, oldest line first. */
  setJournal(name: string, lines: readonly string[]): void;
}

/** Prints each unit that is asked for, and `not-found` for one that was never set. */
const SYSTEMCTL = `#!/bin/sh
here=$(dirname "$0")
for unit in "$@"; do
  case $unit in
    *.service) ;;
    *) continue ;;
  esac
  echo "Id=$unit"
  if [ -f "$here/units/$unit" ]; then echo "LoadState=loaded"; cat "$here/units/$unit"
  else echo "LoadState=not-found"; fi
  echo
done
`;

/** Prints the journal of the unit, newest entry first with \`--reverse\`. */
const JOURNALCTL = `#!/bin/sh
here=$(dirname "$0")
order=cat
for word in "$@"; do
  case $word in
    --reverse) order=tac ;;
    --unit=*) unit=\${word#--unit=} ;;
  esac
done
[ -f "$here/journal/$unit" ] && $order "$here/journal/$unit"
exit 0
`;

/** Writes the programs into a directory. */
export function fakeSystemd(directory: string): FakeSystemd {
  for (const name of ["units", "journal"]) mkdirSync(join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, journalctl: JOURNALCTL })) {
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), 0o755);
  }
  // Whole or not at all: the programs may read at any time.
  const write = (path: string, text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  return {
    path: directory,
    setUnit(name, properties) {
      const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
      write(join(directory, "units", `${name}.service`), lines.join(""));
    },
    setJournal(name, lines) {
      const entries = lines.map((line, index) =>
        `${
          JSON.stringify({
            __CURSOR: `c${index}`,
            __REALTIME_TIMESTAMP: String((Date.now() - (lines.length - index) * 10) * 1000),
            MESSAGE: line,
            SYSLOG_IDENTIFIER: name,
            _SYSTEMD_UNIT: `${name}.service`,
            _PID: "1",
            PRIORITY: "6",
          })
        }\n`
      );
      write(join(directory, "journal", `${name}.service`), entries.join(""));
    },
  };
}
