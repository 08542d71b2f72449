// Whole uploads of one small file into new items, some at a time.

const content = Buffer.alloc(4_096, 7);
const source = {
  size: content.length,
  async *read() {
    yield content;
  }
};
let items = 0;

/**
 * Milliseconds that they take all together. Throws when one does not end well.
 *
 * @param {typeof import('../src/upload.ts').upload} upload
 * @param {import('../src/ports.ts').Ports} ports
 * @param {number} uploads
 * @param {number} atATime
 * @param {string} [library]
 */
export async function smallUploads(upload, ports, uploads, atATime, library = 'images') {
  const begun = performance.now();
  let left = uploads;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      items += 1;
      const to = { library, item: `item-${items}` };
      const report = await upload(ports, { to, files: [{ name: 'small.bin', source }] }).report;
      if (report.outcome !== 'done') throw new Error(`an upload ended ${report.outcome}: ${report.failure?.message}`);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return performance.now() - begun;
}
