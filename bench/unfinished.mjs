// Leaves runs unfinished: `node bench/unfinished.mjs URL JOURNAL FILE COUNT` begins uploads of the file to a server that does
// not take its bytes, and is killed, as by kill -9, as soon as all of them wait for it.
import { connectModule, runModule, sqliteJournalModule } from './built.mjs';

const [url = '', path = '', file = '', count = ''] = process.argv.slice(2);
const [{ connect }, { upload }, { sqliteJournal }] = await Promise.all([
  connectModule(),
  runModule(),
  sqliteJournalModule()
]);
const journal = await sqliteJournal({ path, now: Date.now });
const connection = await connect({ url, username: 'user', password: 'pass', journal });
let pushing = 0;
for (let item = 0; item < Number(count); item += 1) {
  upload(connection, { to: { library: 'images', item: `item-${item}` }, files: [file] }).timeline$.subscribe(event => {
    if (event.type === 'ended') throw new Error(`an upload ended ${event.outcome}: ${event.failure?.message}`);
    if (event.type !== 'call' || event.op !== 'push') return;
    pushing += 1;
    if (pushing === Number(count)) process.kill(process.pid, 'SIGKILL');
  });
}
