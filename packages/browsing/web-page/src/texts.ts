export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = count ? Math.min(Math.floor(Math.log10(count) / 3), units.length - 1) : 0;
  return `${Number((count / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

export function moment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
