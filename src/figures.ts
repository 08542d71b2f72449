// Times and rates as a person writes them, in options and in files.

/** @example `durationMs('90')` and `durationMs('1m30s')` are 90 000 (milliseconds); of what is no time, undefined. */
export function durationMs(text: string): number | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)?/g)];
  const whole = parts.map(part => part[0]).join('') === text && parts.every(part => part[2] || parts.length === 1);
  const ms = parts.reduce((sum, [, figure, unit = 's']) => sum + Number(figure) * (UNITS_MS[unit] as number), 0);
  return whole && ms >= 1 && ms <= LONGEST_MS ? Math.round(ms) : undefined;
}
/** No time is written so long. */
const LONGEST_TEXT = 100;
/** Some nine thousand years: what is added to now is still a date. */
const LONGEST_MS = 2 ** 48;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @example `byteCount('20M')` is 20 971 520; of what is no number of bytes, undefined. */
export function byteCount(text: string): number | undefined {
  const [, figure, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(figure) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' '));
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
