// Rows as a person reads them: aligned columns, numbers to the right, names made harmless.
import { columnsOf, harmless } from '../view/words.ts';

/**
 * @param right indexes of the columns that hold numbers
 * @example `columns(['name', 'size'], [['a', '12 B']], [1])` is `'name  size\na     12 B\n'`.
 */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = []
): string {
  const all = [head, ...rows.map(row => row.map(harmless))];
  const widths = head.map((_, column) => Math.max(...all.map(row => columnsOf(row[column] ?? ''))));
  return all
    .map(row => {
      const cells = row.map((text, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - columnsOf(text));
        return right.includes(column) ? gap + text : text + gap;
      });
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
