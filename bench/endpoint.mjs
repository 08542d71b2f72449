// A server that counts the bytes of a PUT and keeps none of them; it lets anybody log in, so that `connect` comes through.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  let bytes = 0;
  request.on('data', chunk => {
    bytes += chunk.length;
  });
  request.on('end', () => {
    const login = request.method === 'POST';
    response.writeHead(login ? 201 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(login ? 'a-session' : { bytes }));
  });
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`);
});
process.stdin.resume().on('end', () => process.exit());
