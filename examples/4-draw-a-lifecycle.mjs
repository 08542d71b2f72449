// @ts-check
// A lifecycle drawn, and the way that one run took through it: Mermaid text, for whatever shows Mermaid.
import { bytesSource, memoryJournal, upload } from 'shelver';
import { diagram, pathDiagram } from 'shelver/diagram';
import { updateFileMachine } from 'shelver/machines';
import { createSimulator, virtualClock } from 'shelver/simulator';

console.log(diagram(updateFileMachine, 'mermaid'));

const clock = virtualClock();
const server = createSimulator({ clock }).connect({ journal: memoryJournal() });
const run = upload(server, { to: 'images/empty', files: [{ name: 'empty.txt', source: bytesSource('') }] });
console.log(pathDiagram((await clock.run(run.report)).path));
