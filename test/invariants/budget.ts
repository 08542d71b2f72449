// The retry budget: what is granted was there, what is refused was not, and cleaning up is not made to pay.
import type { Moment } from './course.ts';

/** @param tokens how many the budget of each life holds at first, and at most */
export function budget(course: readonly Moment[], tokens: number): string[] {
  const wrong: string[] = [];
  let left = tokens;
  let life = 0;
  let cleaning: string | undefined;
  for (const moment of course) {
    if (moment.life !== life) {
      left = tokens;
      cleaning = undefined;
      life = moment.life;
    }
    if (moment.what !== 'draw') {
      const { op, failed } = moment.call;
      cleaning = moment.what === 'back' && CLEANING.has(op) && failed !== undefined ? op : undefined;
      continue;
    }
    const { cost, spare, granted } = moment.draw;
    if (cost < 0) {
      left = Math.min(tokens, left - cost);
      continue;
    }
    if (granted && cost + spare > left) wrong.push(`a retry for ${cost} was granted, and ${left} were left`);
    if (!granted && cost + spare <= left) wrong.push(`a retry for ${cost} was refused, and ${left} were left`);
    if (granted) left -= cost;
    if (cleaning !== undefined) wrong.push(`${cleaning} had to pay for being tried again`);
  }
  return wrong;
}

const CLEANING: ReadonlySet<string> = new Set([
  'cancelSession',
  'failSession',
  'deleteItem',
  'cancelDownload',
  'failDownload'
]);
