// Which mutants are tried: a plugin of Stryker. It leaves out texts that only people read, by one rule: a string with a blank
// in it. Of a room too large to be tried whole, it lets a sample through: those whose place and change hash to a multiple.
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { ROOMS } from './rooms.mjs';

const oneIn = Number(process.env.SHELVER_MUTATION_ONE_IN || ROOMS[process.env.SHELVER_MUTATION_ROOM ?? '']?.oneIn || 1);

/**
 * @typedef {{ line: number, column: number }} Point
 * @typedef {{ id: string, fileName: string, mutatorName: string, replacement: string, location: { start: Point, end: Point } }} Mutant
 */

const texts = {
  /** @param {{ node: { type: string, value?: string, quasis?: { value: { raw: string } }[] } }} path */
  shouldIgnore({ node }) {
    const written =
      node.type === 'StringLiteral'
        ? [node.value ?? '']
        : node.type === 'TemplateLiteral'
          ? (node.quasis ?? []).map(({ value }) => value.raw)
          : [];
    return written.some(text => text.includes(' ')) ? 'a text for people' : undefined;
  }
};

const sample = {
  async init() {},
  /** @param {Mutant[]} mutants */
  async check(mutants) {
    // Stryker has no word for "not tried": a mutant that does not compile does not count either.
    const left = { status: 'compileError', reason: 'not in the sample' };
    return Object.fromEntries(mutants.map(mutant => [mutant.id, isInSample(mutant) ? { status: 'passed' } : left]));
  },
  /** @param {Mutant[]} mutants */
  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }
};

/** @param {Mutant} mutant */
function isInSample({ fileName, location: { start, end }, mutatorName, replacement }) {
  const place = [relative(process.cwd(), fileName), start.line, start.column, end.line, end.column];
  const hash = createHash('sha256').update(JSON.stringify([...place, mutatorName, replacement]));
  return hash.digest().readUInt32BE(0) % oneIn === 0;
}

// What Stryker's declareValuePlugin makes, without an import from a package that is not in this tree.
export const strykerPlugins = [
  { kind: 'Ignore', name: 'texts', value: texts },
  { kind: 'Checker', name: 'sample', value: sample }
];
