// What is added for the service to fetch goes out whole, and nothing of its secrets comes back.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { performCall } from '../../src/effects/perform.ts';
import { PortFailure } from '../../src/ports.ts';
import { counting, never } from './counting.ts';

const URI = 'https://me:canary-pw@mirror.example/a.iso?sig=canary-sig%2F1&v=2';
const PULLED = { name: 'a.iso', pull: { uri: URI, thumbprint: 'AA' } };
const ADD = { op: 'addFile', args: { sessionId: 's', name: 'a.iso', size: 7, pull: 0 } } as const;

describe('a file that the service is to fetch', () => {
  it('should be added with its source, and one that is sent without', async () => {
    const { means, calls } = counting();
    await performCall({ ...means, files: [PULLED] }, ADD, never);
    await performCall(means, { op: 'addFile', args: { sessionId: 's', name: 'a', size: 1 } }, never);
    expect(calls.map(([method, [, spec]]) => [method, spec])).toEqual([
      ['addFile', { name: 'a.iso', size: 7, sourceType: 'PULL', source: PULLED.pull }],
      ['addFile', { name: 'a', size: 1, sourceType: 'PUSH' }]
    ]);
  });
  it('should be a defect when the plan has none at its place, or one to be sent', async () => {
    const { means } = counting();
    for (const files of [[], means.files]) {
      await expect(performCall({ ...means, files }, ADD, never)).rejects.toMatchObject({
        failure: { code: 'INTERNAL' }
      });
    }
    const digest = { op: 'digest', args: { file: 0, name: 'a.iso', algorithm: 'SHA1' } } as const;
    await expect(performCall({ ...means, files: [PULLED] }, digest, never)).rejects.toMatchObject({
      failure: { message: 'Error: the plan has no file 0 to read' }
    });
  });
});

describe('an answer', () => {
  const echoes = [
    URI,
    'me:canary-pw',
    'sig=canary-sig%2F1&v=2',
    'canary-sig/1',
    'canary-sig%2F1',
    'canary-sig%2f1',
    'canary-pw'
  ];
  const echo = { name: 'a.iso', list: echoes.map(text => `could not get ${text}`), size: 7, nothing: null };

  it('should hold nothing of the secrets of a source, whether it is good or bad', async () => {
    const heard: unknown[] = [];
    const log = { answer: (_op: string, _about: unknown, outcome: unknown) => void heard.push(outcome) };
    const good = counting(() => echo);
    heard.push(await performCall({ ...good.means, files: [PULLED] }, ADD, never, log));
    const bad = counting(() => {
      throw new PortFailure(
        failure('SERVER_ERROR', `could not get ${URI}`, {
          service: { messages: [{ id: 'x', default_message: URI, args: echoes }] }
        })
      );
    });
    await performCall({ ...bad.means, files: [PULLED] }, ADD, never, log).catch(failed => heard.push(failed));
    expect(JSON.stringify(heard)).not.toContain('canary');
    expect(heard).toHaveLength(4);
    expect(heard[1]).toMatchObject({
      value: { size: 7, nothing: null, list: expect.arrayContaining(['could not get https://mirror.example/a.iso']) }
    });
  });
  it('should name the file as it is, though its address names it in the query, too', async () => {
    const { means } = counting(() => ({ name: 'fox.iso', errorMessage: 'no fox.iso with canary-sig' }));
    const files = [{ ...PULLED, name: 'fox.iso', pull: { uri: 'https://x.example/get?files=fox.iso&sig=canary-sig' } }];
    const { value } = await performCall({ ...means, files }, { op: 'getSession', args: { id: 's' } }, never);
    expect(value).toEqual({ name: 'fox.iso', errorMessage: 'no fox.iso with [hidden]' });
  });
  it('should be left as it is where no source holds a secret', async () => {
    const { means } = counting(() => echo);
    const plain = { name: 'a.iso', pull: { uri: 'https://mirror.example/a.iso?v=2' } };
    for (const files of [means.files, [plain]]) {
      const { value } = await performCall({ ...means, files }, { op: 'getSession', args: { id: 's' } }, never);
      expect(value).toBe(echo);
    }
  });
});
