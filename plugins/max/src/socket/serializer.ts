import type { Serializer } from './message.ts';
import { serializerV1 } from './serializer-v1.ts';
import { serializerV2 } from './serializer-v2.ts';

/** Chooses the serializer for the `vsn` that a client asked for; undefined when there is none for it. */
export function negotiateSerializer(vsn: string | undefined): Serializer | undefined {
  if (vsn === undefined) return serializerV1;
  const match = /^(\d+)\.(\d+)\.\d+$/.exec(vsn);
  if (match === null) return undefined;
  if (match[1] === '1' && match[2] === '0') return serializerV1;
  if (match[1] === '2' && match[2] === '0') return serializerV2;
  return undefined;
}
