import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, gzipSync } from 'node:zlib';

/** Files of a package: text by path. */
type Files = Record<string, string>;

/** A registry of npm and an index of Python packages (PEP 503) on this machine. */
export interface PackageIndex {
  /** For `npm_config_registry`. */
  npm: string;
  /** For `PIP_INDEX_URL`. */
  simple: string;
  /** What was asked for. */
  asked: string[];
  /** Adds a package of npm; gives its entry for a lock file. */
  addNpm(name: string, version: string, files: Files, manifest?: object): object;
  /** Adds a wheel; the files lie in `site-packages`. */
  addWheel(name: string, version: string, files: Files, entryPoints?: string): void;
  close(): Promise<void>;
}

/** Starts an index that has no package yet. */
export async function startPackageIndex(): Promise<PackageIndex> {
  const bodies = new Map<string, { type: string; body: () => Buffer | string }>();
  const wheels = new Map<string, string[]>();
  const versions = new Map<string, Record<string, object>>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    const found = bodies.get(path);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.type ?? 'text/plain' });
    response.end(found?.body() ?? 'not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    npm: `${url}/npm/`,
    simple: `${url}/simple/`,
    asked,
    addNpm(name, version, files, manifest = {}) {
      const description = { name, version, ...manifest };
      const tarball = gzipSync(
        tar({ 'package/package.json': JSON.stringify(description), ...under('package', files) }),
      );
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const path = `/npm/${name}/-/${name}-${version}.tgz`;
      bodies.set(path, { type: 'application/octet-stream', body: () => tarball });
      const dist = { tarball: `${url}${path}`, integrity };
      const all = { ...versions.get(name), [version]: { ...description, dist } };
      versions.set(name, all);
      const packument = JSON.stringify({ name, 'dist-tags': { latest: version }, versions: all });
      bodies.set(`/npm/${name}`, { type: 'application/json', body: () => packument });
      const scripts = 'scripts' in manifest ? { hasInstallScript: true } : {};
      return { version, resolved: dist.tarball, integrity, ...scripts };
    },
    addWheel(name, version, files, entryPoints) {
      const info = `${name}-${version}.dist-info`;
      const all: Files = {
        ...files,
        [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
        [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        ...(entryPoints !== undefined && { [`${info}/entry_points.txt`]: entryPoints }),
      };
      const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
      const wheel = zip({ ...all, [`${info}/RECORD`]: record });
      const file = `${name}-${version}-py3-none-any.whl`;
      bodies.set(`/files/${file}`, { type: 'application/octet-stream', body: () => wheel });
      const links = [...(wheels.get(name) ?? []), `<a href="/files/${file}">${file}</a>`];
      wheels.set(name, links);
      const page = `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`;
      bodies.set(`/simple/${name}/`, { type: 'text/html', body: () => page });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function under(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}

/** A tar archive in the ustar form. */
function tar(files: Files): Buffer {
  const blocks = Object.entries(files).flatMap(([path, text]) => {
    const body = Buffer.from(text);
    const head = Buffer.alloc(512);
    head.write(path, 0);
    head.write('0000755\x000000\x000000\0', 100);
    head.write(`${body.length.toString(8).padStart(11, '0')}\u000000000000000\0`, 124);
    head.write('        0', 148);
    head.write('ustar\u000000', 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [head, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A zip archive whose files are stored as they are. */
function zip(files: Files): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path);
    const body = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc32(body), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(body.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, name, body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(0o100644 * 65536, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), fields, rest, name]));
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
