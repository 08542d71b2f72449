// Where the kills landed, by the call that they met.
import { PLACES } from './place.ts';
import type { Plan } from './plan.ts';
import type { Landing } from './play.ts';

export function tableOf(
  played: readonly { readonly plan: Plan; readonly its: { readonly landings: readonly Landing[] } }[]
): string {
  const landings = played.flatMap(({ its }) => its.landings);
  const calls = ['the command', 'resume', 'again', 'cleanup', 'take-over'];
  const rows = PLACES.map(place => [
    place,
    ...calls.map(call => String(landings.filter(its => its.place === place && its.call === call).length))
  ]);
  const all = ['kills', ...calls.map(call => String(landings.filter(its => its.call === call).length))];
  const counted = (of: (plan: Plan) => string): string => {
    const counts = new Map<string, number>();
    for (const { plan } of played) counts.set(of(plan), (counts.get(of(plan)) ?? 0) + 1);
    return [...counts]
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(', ');
  };
  return [
    ...[['where the kill landed', ...calls], ...rows, all].map(line),
    `workflows: ${counted(({ workflow }) => workflow)}`,
    `profiles: ${counted(({ profile }) => profile)}`,
    `servers that died, too: ${played.filter(({ plan }) => plan.server !== undefined).length}; groups of processes behind a pipe: ${played.filter(({ plan }) => plan.piped).length}`
  ].join('\n');
}

function line([first = '', ...others]: readonly string[]): string {
  return `  ${first.padEnd(32)}${others.map(cell => cell.padStart(13)).join('')}`;
}
