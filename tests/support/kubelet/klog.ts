/** Takes one log line of the stand-in, without its end of line. */
export type LogSink = (line: string) => void;

/** Writes lines in the kubelet's own text format. */
export interface Klog {
  info(message: string, values?: Readonly<Record<string, unknown>>): void;
  error(message: string, values?: Readonly<Record<string, unknown>>): void;
}

/**
 * A logger whose lines look like the kubelet's: `I0714 12:00:00.000000 4711 kubelet] "Message" key="value"`.
 *
 * @param sink takes each line
 * @param now milliseconds since the epoch
 */
export function klog(sink: LogSink, now: () => number = Date.now): Klog {
  const write = (level: string, message: string, values: Readonly<Record<string, unknown>>) => {
    const iso = new Date(now()).toISOString();
    const stamp = `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`;
    const pairs = Object.entries(values)
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join("");
    sink(`${level}${stamp} ${process.pid} kubelet] ${JSON.stringify(message)}${pairs}`);
  };
  return {
    info: (message, values = {}) => write("I", message, values),
    error: (message, values = {}) => write("E", message, values),
  };
}
