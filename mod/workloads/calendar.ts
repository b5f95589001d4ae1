/** The schedule of a CronJob as systemd writes it; see systemd.time(7), "Calendar Events". */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS = [
  ...["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
];

/** Cron's names for schedules (robfig/cron, which Kubernetes uses). */
const NAMED: Readonly<Record<string, string>> = {
  "@yearly": "yearly",
  "@annually": "yearly",
  "@monthly": "monthly",
  "@weekly": "Sun *-*-* 00:00:00",
  "@daily": "daily",
  "@midnight": "daily",
  "@hourly": "hourly",
};

/**
 * A schedule of five fields, or a name such as `@daily`, as `OnCalendar=` has it.
 *
 * @returns undefined if systemd has no such expression, or it is no schedule: cron takes a day of
 * the month *or* a day of the week where both are given, systemd both
 */
export function onCalendar(schedule: string, timeZone?: string): string | undefined {
  const zone = timeZone === undefined ? "" : ` ${timeZone}`;
  const named = Object.hasOwn(NAMED, schedule) ? NAMED[schedule] : undefined;
  if (named !== undefined) return `${named}${zone}`;
  const fields = schedule.trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5) return undefined;
  const isAny = (field: string) => field === "*" || field === "?";
  if (!isAny(day) && !isAny(weekday)) return undefined;
  const parts = [
    numbers(month, 1, 12, (name) => MONTHS.indexOf(name) + 1),
    numbers(day, 1, 31),
    numbers(hour, 0, 23),
    numbers(minute, 0, 59),
  ];
  const days = isAny(weekday) ? "" : weekdays(weekday);
  if (days === undefined || parts.includes(undefined)) return undefined;
  const [months, dates, hours, minutes] = parts;
  return `${days === "" ? "" : `${days} `}*-${months}-${dates} ${hours}:${minutes}:00${zone}`;
}

/** One field: `*`, `5`, `1,2`, `1-5`, each with a step. */
function numbers(
  field: string,
  first: number,
  last: number,
  numberOf: (name: string) => number = () => -1,
): string | undefined {
  const parts = field.split(",").map((part) => {
    const [, from = "", to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const value = (text: string) =>
      /^\d+$/.test(text) ? Number(text) : numberOf(text.toLowerCase());
    const isValid = (number: number) => number >= first && number <= last;
    if (from === "*" || from === "?") {
      if (to !== undefined) return undefined;
      return step === undefined ? "*" : `${two(first)}/${Number(step)}`;
    }
    if (from === "" || !isValid(value(from)) || (to !== undefined && !isValid(value(to)))) {
      return undefined;
    }
    const every = step === undefined ? "" : `/${Number(step)}`;
    if (to !== undefined) return `${two(value(from))}..${two(value(to))}${every}`;
    return `${two(value(from))}${every}`;
  });
  if (parts.includes(undefined) || (parts.includes("*") && parts.length > 1)) return undefined;
  return parts.join(",");
}

/** Days of the week: `1-5`, `MON,THU`, `0`; undefined for steps, which systemd does not have. */
function weekdays(field: string): string | undefined {
  const dayOf = (text: string) =>
    /^[0-7]$/.test(text)
      ? DAYS[Number(text)]
      : DAYS.find((day) => day.toLowerCase() === text.toLowerCase());
  const parts = field.split(",").map((part) => {
    const [from = "", to, ...rest] = part.split("-");
    const [first, last] = [dayOf(from), to === undefined ? undefined : dayOf(to)];
    if (first === undefined || rest.length > 0 || (to !== undefined && last === undefined)) {
      return undefined;
    }
    if (last === undefined) return first;
    // With systemd a week ends with Sunday.
    return first === "Sun" ? `Sun,Mon..${last}` : `${first}..${last}`;
  });
  return parts.includes(undefined) ? undefined : parts.join(",");
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
