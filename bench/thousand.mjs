// A thousand uploads at once in one process: `node bench/thousand.mjs URL COUNT`. Prints milliseconds, requests, and the most
// memory that the process held.
import { channel } from 'node:diagnostics_channel';
import { connectModule, runModule } from './built.mjs';
import { smallUploads } from './small-uploads.mjs';

const [url = '', count = ''] = process.argv.slice(2);
const [{ connect }, { upload }] = await Promise.all([connectModule(), runModule()]);
const connection = await connect({ url, username: 'user', password: 'pass' });
let requests = 0;
channel('http.client.request.start').subscribe(() => {
  requests += 1;
});
const ms = await smallUploads(upload, connection, Number(count), Number(count));
const peakBytes = process.resourceUsage().maxRSS * 1024;
await connection.close();
console.log(JSON.stringify({ ms, requests, peakBytes }));
