// @ts-check
// `uploadMachine` as a child of a machine of your own, in an actor system of your own.
import { bytesSource, memoryJournal, prepareUpload, uploadActors } from 'shelver';
import { uploadMachine } from 'shelver/machines';
import { createSimulator, virtualClock } from 'shelver/simulator';
import { createActor, fromPromise, setup, toPromise } from 'xstate';

const clock = virtualClock(); // time passes in the simulator only, so nothing here waits
const server = createSimulator({ clock, libraries: ['images'] }).connect({ journal: memoryJournal() });
const files = [{ name: 'os.img', source: bytesSource('what the build made') }];
const { input, means } = await prepareUpload(server, { to: 'images/nightly', files });

const releaseMachine = setup({
  actors: {
    build: fromPromise(async () => console.log('built')),
    upload: uploadMachine.provide({ actors: uploadActors(means) })
  }
}).createMachine({
  initial: 'building',
  states: {
    building: { invoke: { src: 'build', onDone: 'uploading' } },
    uploading: {
      invoke: {
        src: 'upload',
        input,
        onDone: [{ guard: ({ event }) => event.output.outcome === 'done', target: 'released' }, { target: 'broken' }],
        onSnapshot: { actions: ({ event }) => console.log('upload:', event.snapshot.value) }
      }
    },
    released: { type: 'final' },
    broken: { type: 'final' }
  }
});

const release = createActor(releaseMachine).start();
await clock.run(toPromise(release));
console.log('release:', release.getSnapshot().value);
