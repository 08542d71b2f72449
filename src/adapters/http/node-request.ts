// Requests as Node makes them, with one difference: an answer that would switch protocols (101), which nobody asked for, is a
// failure. Otherwise the request would neither be answered nor fail, and no time-out of got's runs any more.
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { RequestFunction } from 'got';

/** What got is to make requests by (its option `request`). */
export const nodeRequest: RequestFunction = (url, options, callback) => {
  const asked = (url.protocol === 'https:' ? secure : plain)(url, options, callback);
  asked.on('upgrade', (_answer, socket) => {
    socket.destroy();
    // as the parser of Node calls it
    asked.emit('error', Object.assign(new Error('protocols are not switched'), { code: 'HPE_PAUSED_UPGRADE' }));
  });
  return asked;
};
