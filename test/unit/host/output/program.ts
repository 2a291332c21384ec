// A program that prints through rig's output with the streams of its own process, for tests that need real pipes,
// processes and terminals. argv: scenario, then `-o FORM` if any.
import { tmpdir } from 'node:os';
import { list, RigError, stream, value } from '@rig/plugin-api';
import type { Format } from '../../../../host/src/globals.ts';
import { processIo } from '../../../../host/src/io.ts';
import { createOutput } from '../../../../host/src/output/index.ts';

const [, , scenario = '', format, size] = process.argv;
const io = processIo('/nonexistent/rig.cjs');
const abort = new AbortController();
const output = createOutput(io, {
  ...(format && format !== '-' ? { format: format as Format } : {}),
  verbose: false,
  version: '0.0.0-test',
  stateDir: process.env.STATE_DIR ?? tmpdir(),
  abort,
  describeTarget: async () => ({ context: 'local', server: 'http://127.0.0.1:7420' }),
});
io.onSignal(() => abort.abort(new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: 130 })));

interface Row {
  n: number;
  text: string;
}
const lines = stream<Row>((row) => `${row.n} ${row.text}`);
const hour = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3_600_000));

async function* count(upTo: number): AsyncGenerator<Row> {
  for (let n = 1; n <= upTo; n++) yield { n, text: 'x'.repeat(100) };
}
async function* thenQuiet(first: number): AsyncGenerator<Row> {
  yield* count(first);
  await hour();
}

const scenarios: Record<string, () => Promise<void>> = {
  endless: () => output.render(lines as never, count(Number.POSITIVE_INFINITY)),
  many: async () => {
    await output.render(lines as never, count(Number(size)));
    output.service.note(`peak ${process.resourceUsage().maxRSS}`);
  },
  quiet: () => output.render(lines as never, thenQuiet(3)),
  list: () =>
    output.render(
      list<Row>({
        columns: [
          { header: 'N', value: (r) => r.n },
          { header: 'TEXT', value: (r) => r.text },
        ],
        name: (r) => String(r.n),
      }) as never,
      [{ n: 1, text: 'a fairly long text that does not fit into a narrow terminal at all' }],
    ),
  fails: async () => {
    throw new RigError({ code: 'RIG_TEST', message: 'it failed', hint: 'rig try', exitCode: 5 });
  },
  secret: async () => {
    const first = await output.prompt.secret('First');
    const second = await output.prompt.secret('Second');
    await output.render(value<string[]>((v) => v.map((s) => JSON.stringify(s))) as never, [first, second]);
  },
  name: async () => {
    await output.prompt.confirmByName('Deletes the app api.shop and its data.', 'api');
    output.service.note('confirmed');
  },
  confirm: async () => {
    output.service.note(`answer ${await output.prompt.confirm('Go on?')}`);
  },
  progress: async () => {
    const bar = output.service.progress('Uploading');
    for (let i = 0; i <= 10; i++) {
      bar.update(i * 1_000_000, 10_000_000, 'bytes');
      await new Promise((resolve) => setTimeout(resolve, 60));
      if (i === 5) output.service.line('a line in the middle');
    }
    bar.done('Uploaded 10 MB');
  },
  'progress left': async () => {
    output.service.progress('Hanging').update(1, 2);
    await new Promise((resolve) => setTimeout(resolve, 150));
  },
  lease: async () => {
    const lease = await output.lease();
    lease.setRawMode(true);
    output.service.note('queued note');
    await lease.write(`leased ${JSON.stringify(lease.size())} `);
    const resized = new Promise<void>((resolve) =>
      lease.onResize((to) => void lease.write(`now ${to.columns} `).then(resolve)),
    );
    const key = await new Promise<Buffer>((resolve) => lease.stdin.once('data', resolve));
    await lease.write(`key ${key.toString('hex')} `);
    if (process.env.RESIZE) await resized;
    await lease.release();
    output.service.note('free again');
  },
  'lease left': async () => {
    (await output.lease()).setRawMode(true);
    output.service.note('queued note');
    throw new RigError({ code: 'RIG_TEST', message: 'failed while leased' });
  },
  'lease signal': async () => {
    const lease = await output.lease();
    lease.setRawMode(true);
    lease.stdin.resume();
    await lease.write('leased ');
    await new Promise((_, reject) => abort.signal.addEventListener('abort', () => reject(abort.signal.reason)));
  },
};

let code = 0;
try {
  await scenarios[scenario]?.();
} catch (error) {
  code = await output.renderError(error);
}
await output.flush();
// Some scenarios wait for an hour; rig itself ends its process in this way too.
process.exit(code);
