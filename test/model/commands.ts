// What may be done to the service, as commands of fast-check: each picks somebody and something of what the model knows.
import fc from 'fast-check';
import type { Args, Op } from './call.ts';
import { Calling, type Command, InARow, Together } from './calling.ts';
import { LoggingOut } from './logging-out.ts';
import { Waiting, WaitingForExpiry } from './passing.ts';
import { addCall, fetchCall, fileCall, itemCall, putCall, type Sent, sessionCall, type Who } from './picks.ts';

const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> => oftener(4, usual, ...others);
const oftener = <T>(weight: number, usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const who: fc.Arbitrary<Who> = fc.record({
  user: oftener<'ann' | 'bob'>(2, 'ann', 'bob'),
  pick: fc.record({ any: oftener(7, false, true), at: fc.nat(3) }),
  looks: fc.boolean()
});
const token = oftener<string | undefined>(
  1,
  undefined,
  '3f0e1d2c-0000-4000-8000-000000000001',
  '3f0e1d2c-0000-4000-8000-000000000002',
  'no uuid'
);
const progress = often<number | undefined>(undefined, 0, 30, 70, 100, -1, 101);

/** One command, more often one that leads far. */
export function anyCommand(): fc.Arbitrary<Command> {
  const session = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Calling> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => sessionCall(shelf, op, its, args)));
  const file = (op: Op): fc.Arbitrary<Calling> =>
    fc.tuple(who, fc.nat(4)).map(([its, at]) => new Calling(op, its, { at }, shelf => fileCall(shelf, op, its, at)));
  const item = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Calling> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => itemCall(shelf, op, its, args)));
  const message = fc.constant({ message: 'somebody gave up' });
  const adds = fc
    .tuple(
      who,
      fc.nat(6),
      fc.nat(3),
      fc.constantFrom('size', 'size', 'both', 'digest', 'nothing'),
      often('', '/', 'none')
    )
    .map(
      ([its, at, variant, tells, odd]) =>
        new Calling('u.f.add', its, { at, variant, tells, odd }, shelf => addCall(shelf, its, at, variant, tells, odd))
    );
  const puts = fc
    .tuple(who, fc.nat(3), oftener<Sent>(2, 'whole', 'short', 'long', 'altered'))
    .map(([its, at, sent]) => new Calling('PUT', its, { at, sent }, shelf => putCall(shelf, its, at, sent)));
  const created = fc.record({
    library_id: often('images', 'mirror', 'nowhere'),
    name: fc.constantFrom('one', 'two', 'three', 'x'.repeat(80), 'x'.repeat(81), ''),
    type: fc.constantFrom(undefined, 'iso', 'ovf', 'ovf'),
    client_token: token
  });
  // Only what ends, changes or keeps a session: what reads says little of an order.
  const crossing = fc.oneof(
    ...[session('u.complete'), session('u.cancel'), session('u.fail', message), session('u.keepAlive')],
    ...[session('u.delete'), adds, puts, puts, file('u.f.remove'), item('item.delete')],
    item('u.create', fc.record({ client_token: token })),
    item('d.create')
  );
  const all: [number, fc.Arbitrary<Command>][] = [
    [4, item('item.create', created)],
    [1, item('item.delete')],
    [2, item('item.get')],
    [2, item('item.list', fc.record({ library_id: often('images', 'mirror', 'nowhere') }))],
    [2, item('item.files')],
    [8, item('u.create', fc.record({ client_token: token }))],
    [2, item('u.list')],
    [2, session('u.get')],
    [4, session('u.keepAlive', fc.record({ progress }))],
    [12, session('u.complete')],
    [2, session('u.cancel')],
    [2, session('u.fail', message)],
    [4, session('u.delete')],
    [16, adds],
    [18, puts],
    [2, file('u.f.get')],
    [2, session('u.f.list')],
    [4, file('u.f.remove')],
    [4, session('u.f.validate')],
    [4, item('d.create', fc.record({ client_token: token }))],
    [2, item('d.list')],
    [2, session('d.get')],
    [2, session('d.keepAlive', fc.record({ progress }))],
    [2, session('d.cancel')],
    [2, session('d.fail', message)],
    [2, session('d.delete')],
    [2, session('d.f.list')],
    [2, file('d.f.get')],
    [6, file('d.f.prepare')],
    [4, fc.tuple(who, fc.nat(4)).map(([its, at]) => new Calling('GET', its, { at }, shelf => fetchCall(shelf, at)))],
    [3, fc.tuple(item('u.create'), file('u.f.remove'), session('u.complete')).map(calls => new InARow(calls))],
    [8, fc.array(crossing, { minLength: 2, maxLength: 3 }).map(calls => new Together(calls))],
    [6, fc.tuple(fc.nat(3), fc.constantFrom<[-1, 1]>(-1, 1)).map(([at, ms]) => new WaitingForExpiry(at, ms))],
    [4, fc.oneof(fc.nat(60_000), fc.integer({ min: 240_000, max: 360_000 })).map(ms => new Waiting(ms))],
    [2, fc.constantFrom('ann', 'bob').map(user => new LoggingOut(user))]
  ];
  return fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}
