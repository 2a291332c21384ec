import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, writeTree } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { noPython } from '../support/python.ts';
import { rigOk } from '../support/rig.ts';

const SERVER = `import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sys.prefix.encode())
    def log_message(self, *rest):
        print('asked for ' + self.path)
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
`;

describe.skipIf(noPython())('a Python app', () => {
  let max: RunningMax;
  beforeAll(async () => {
    max = await startMax();
  });
  afterAll(() => max.stop());

  test('is built, runs in its own virtual environment, and its log is there at once', async () => {
    const dir = await writeTree(join(max.home.dir, 'app'), { 'requirements.txt': '# nothing\n', 'main.py': SERVER });
    await deploy(max, 'api.net', dir);
    expect((await askApp(max, 'api.net', '/hello')).body).toMatch(/\/\.venv$/);
    const { stdout } = await rigOk(max.home, ['logs', 'build', 'api.net']);
    expect(stdout).toContain('builder python: requirements.txt: it has a requirements.txt, and it starts with main.py');
    await expect
      .poll(async () => (await rigOk(max.home, ['logs', 'app', 'api.net', '--no-follow'])).stdout, { timeout: 60_000 })
      .toContain('asked for /hello');
  }, 120_000);
});
