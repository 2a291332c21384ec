// Stores a secret in whatever keychain this session has, reads it back in another store, and forgets it.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openStore } from '../../../../host/src/auth/index.ts';
import { openKeychain } from '../../../../host/src/auth/keychain.ts';
import { createUser } from './user.ts';

const user = createUser(
  { DBUS_SESSION_BUS_ADDRESS: process.env.DBUS_SESSION_BUS_ADDRESS ?? '' },
  dirname(process.argv[2] ?? ''),
);
const access = await openKeychain(user.host());
if (access.reason !== undefined) console.log(JSON.stringify({ reason: access.reason }));
else {
  const server = 'https://max.example.com';
  const place = await openStore(user.host()).save([
    { kind: 'refresh', secret: 'sentinel-real', server, subject: 'ada', expiresAt: null },
  ]);
  const found = await openStore(user.host()).find('refresh', server);
  const same = found !== undefined && (await openStore(user.host()).reveal(found)) === 'sentinel-real';
  const inFile = readFileSync(user.file, 'utf8').includes('sentinel-real');
  await openStore(user.host()).remove(found ? [found] : []);
  console.log(JSON.stringify({ place, same, inFile, left: (await openStore(user.host()).list()).length }));
}
process.exit();
