/** What a process takes of the machine. */
import { readFileSync } from "node:fs";

/** CPU of a process so far, in milliseconds. Source: proc(5); the kernel's USER_HZ is 100. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** What of it are pages of files, above all of the executable: the kernel can have them back. */
export function residentFileBytes(pid: number): number {
  return statusBytes(pid, "RssFile");
}

/** A size in proc(5)'s `status`. */
function statusBytes(pid: number, field: string): number {
  const kib = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))
    ?.[1];
  return Number(kib) * 1024;
}

/** Resident memory in MiB. */
export function residentMib(pid: number): number {
  return residentBytes(pid) / (1024 * 1024);
}
