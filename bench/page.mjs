// What was measured, as Markdown.
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/**
 * @param {import('./measure.mjs').Part[]} parts
 * @returns {string}
 */
export function page(parts) {
  const aims = parts.flatMap(part => part.aims).filter(aim => aim.limit !== undefined);
  return `# Benchmarks

Written by \`npm run bench\`, which measures everything in one run; \`npm run bench -- push\` measures one part (push, memory,
peer, many, slow, journal, resume, thousand, tar, help, small, simulator). What is compared runs by turns in the same run, and ratios are taken round by round, then
their median: figures of other machines differ, ratios should not by much.

Machine: ${machine()}.

${aims.length > 0 ? `## Aims\n\n${table(['what', 'aim', 'figure', ''], aims.map(aimRow))}\n` : ''}
${parts.map(describePart).join('\n')}`;
}

/** @param {import('./measure.mjs').Part} part */
export function describePart({ title, how, rows, aims }) {
  const figures = rows.map(({ what, figure, unit, digits = 0 }) =>
    typeof figure === 'number'
      ? [what, '', number(figure, digits), '', unit]
      : [what, number(figure.min, digits), number(figure.median, digits), number(figure.max, digits), unit]
  );
  const lines = aims.map(aim => {
    const [what, limit, figure, verdict] = aimRow(aim);
    return `- ${what}: ${figure}${limit === '' ? '' : ` (aim ${limit}: ${verdict})`}`;
  });
  return `## ${title}

${how}

${table(['', 'min', 'median', 'max', ''], figures)}
${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`;
}

/** @param {import('./measure.mjs').Aim} aim */
function aimRow({ what, figure, unit, sense, limit, digits = 0 }) {
  const of = (/** @type {number} */ value) => `${number(value, digits)} ${unit}`.trim();
  if (sense === undefined || limit === undefined) return [what, '', of(figure), ''];
  const met = sense === 'at least' ? figure >= limit : figure <= limit;
  return [what, `${sense} ${limit} ${unit}`.trim(), of(figure), met ? 'met' : 'missed'];
}

/**
 * @param {string[]} heads
 * @param {string[][]} rows
 */
function table(heads, rows) {
  const right = heads.map((_, column) => column > 0 && rows.every(row => /^[\d. ]*$/.test(row[column] ?? '')));
  return `| ${heads.join(' | ')} |
| ${right.map(each => (each ? '--:' : '---')).join(' | ')} |
${rows.map(row => `| ${row.join(' | ')} |\n`).join('')}`;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function number(value, digits) {
  return value.toFixed(digits);
}

function machine() {
  const cpu = cpus()[0]?.model ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1024 ** 3);
  const day = new Date().toISOString().slice(0, 10);
  return `${cpu.trim()}, ${availableParallelism()} cores, ${memory} GiB of memory, ${type()} ${release()}, Node ${process.versions.node}, on ${day}`;
}
