import { Agent, request } from 'node:http';
import { findPeers } from '../../scripts/peers.mjs';
import { byTurns, ratio, spread } from '../measure.mjs';
import { serveSimulator, serveVcsim } from '../processes.mjs';

const REQUESTS = 2_000;
const AT_A_TIME = 16;

/** @returns {Promise<import('../measure.mjs').Part>} */
export async function simulator() {
  const { vcsim, version } = await findPeers();
  const starts = await byTurns(5, {
    ours: () => startMs(serveSimulator),
    vcsim: () => startMs(() => serveVcsim(vcsim))
  });
  const servers = { ours: await serveSimulator(), vcsim: await serveVcsim(vcsim) };
  const clients = { ours: await client(servers.ours.url), vcsim: await client(servers.vcsim.url) };
  try {
    const perSecond = await byTurns(7, { ours: clients.ours.measure, vcsim: clients.vcsim.measure });
    return {
      title: 'The simulator beside the real vcsim',
      how: `${REQUESTS} GETs of the list of libraries (\`/rest\`), ${AT_A_TIME} at a time on kept connections, seven rounds by turns; start is until the first line is printed, five rounds. govmomi ${version}.`,
      rows: [
        { what: 'requests, our simulator', figure: spread(perSecond.ours), unit: '/s' },
        { what: 'requests, vcsim', figure: spread(perSecond.vcsim), unit: '/s' },
        { what: 'start, our simulator', figure: spread(starts.ours), unit: 'ms' },
        { what: 'start, vcsim', figure: spread(starts.vcsim), unit: 'ms' }
      ],
      aims: [{ what: 'requests, ours / vcsim', figure: ratio(perSecond.ours, perSecond.vcsim), unit: '', digits: 2 }]
    };
  } finally {
    for (const { close } of Object.values(clients)) close();
    for (const { end } of Object.values(servers)) await end();
  }
}

/** @param {() => Promise<{ startMs: number, end(): Promise<void> }>} serve */
async function startMs(serve) {
  const server = await serve();
  await server.end();
  return server.startMs;
}

/** @param {string} url */
async function client(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const base = `${url}/rest/com/vmware`;
  const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  const login = await ask('POST', `${base}/cis/session`, { authorization: basic });
  const headers = { 'vmware-api-session-id': String(JSON.parse(login).value) };
  return {
    close: () => agent.destroy(),
    async measure() {
      const at = performance.now();
      let left = REQUESTS;
      const lane = async () => {
        for (; left > 0; left -= 1) await ask('GET', `${base}/content/library`, headers);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, lane));
      return REQUESTS / ((performance.now() - at) / 1_000);
    }
  };

  /**
   * @param {string} method
   * @param {string} to
   * @param {Record<string, string>} headers
   * @returns {Promise<string>}
   */
  function ask(method, to, headers) {
    return new Promise((resolve, reject) => {
      const asked = request(to, { method, agent, headers }, response => {
        let body = '';
        response.setEncoding('utf8').on('data', text => {
          body += text;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(`${method} ${to} was answered ${response.statusCode}`));
        });
      });
      asked.on('error', reject).end();
    });
  }
}
