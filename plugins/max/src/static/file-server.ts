import { createReadStream, realpathSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { type ByteRange, parseRange } from './byte-range.ts';
import { contentTypeOf } from './content-types.ts';
import { type Found, findFile } from './find-file.ts';

type FoundFile = Extract<Found, { kind: 'file' }>;

/** Makes a server of the files below a folder: types, ranges, validators, index.html, 404.html. */
export function createFileServer(folder: string): Server {
  const root = realpathSync(folder);
  return createServer((req, res) => {
    serve(root, req, res).catch(() => {
      if (res.headersSent) res.destroy();
      else plain(req, res, 500, 'the file could not be read\n');
    });
  });
}

async function serve(root: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', 'GET, HEAD');
    plain(req, res, 405, 'only GET and HEAD are served here\n');
    return;
  }
  const found = await findFile(root, req.url ?? '/');
  if (found.kind === 'redirect') {
    res.setHeader('location', found.location);
    plain(req, res, 308, '');
    return;
  }
  if (found.kind === 'none') {
    const page = await findFile(root, '/404.html');
    if (page.kind === 'file') send(req, res, 404, page);
    else plain(req, res, 404, 'not found\n');
    return;
  }
  sendFile(req, res, found);
}

function sendFile(req: IncomingMessage, res: ServerResponse, file: FoundFile): void {
  const etag = `"${file.size.toString(36)}-${Math.floor(file.mtimeMs).toString(36)}"`;
  const modified = new Date(Math.floor(file.mtimeMs / 1000) * 1000);
  res.setHeader('etag', etag);
  res.setHeader('last-modified', modified.toUTCString());
  // Kept, but asked for again: a release may change any file.
  res.setHeader('cache-control', 'no-cache');
  res.setHeader('accept-ranges', 'bytes');
  if (isFresh(req, etag, modified)) {
    res.writeHead(304).end();
    return;
  }
  const rangeHolds = ifRangeHolds(req.headers['if-range'], etag, modified);
  const range = rangeHolds ? parseRange(req.headers.range, file.size) : undefined;
  if (range === 'unsatisfiable') {
    res.setHeader('content-range', `bytes */${file.size}`);
    plain(req, res, 416, 'no such part of the file\n');
    return;
  }
  send(req, res, range === undefined ? 200 : 206, file, range);
}

function send(req: IncomingMessage, res: ServerResponse, status: number, file: FoundFile, range?: ByteRange): void {
  const length = range === undefined ? file.size : range.end - range.start + 1;
  res.setHeader('content-type', contentTypeOf(file.path));
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('content-length', length);
  if (range !== undefined) res.setHeader('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
  res.writeHead(status);
  if (req.method === 'HEAD' || length === 0) {
    res.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  // A failure midway, or a client that goes, destroys both; the client sees a cut body, never a false one.
  pipeline(createReadStream(file.path, { start, end }), res, () => {});
}

function isFresh(req: IncomingMessage, etag: string, modified: Date): boolean {
  const match = req.headers['if-none-match'];
  if (match !== undefined) {
    return match.trim() === '*' || match.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = Date.parse(req.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && modified.getTime() <= since;
}

function ifRangeHolds(header: string | string[] | undefined, etag: string, modified: Date): boolean {
  if (typeof header !== 'string') return true;
  return header.startsWith('"') ? header === etag : Date.parse(header) === modified.getTime();
}

function plain(req: IncomingMessage, res: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length });
  res.end(req.method === 'HEAD' ? undefined : body);
}
