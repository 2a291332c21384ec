import { type Http, isRigError, type Output } from '@rig/plugin-api';
import type { App, Network } from '@rig/plugin-api/max';
import type { Ref } from '../apps.ts';

/** The name that the app of an id has now; `undefined` where it is no more. */
export async function appOfId(http: Http, id: string): Promise<Ref | undefined> {
  for await (const app of http.pages<App>('/v1/apps'))
    if (app.id === id) return { app: app.name, network: app.network };
  return undefined;
}

/** The name that the network of an id has now; `undefined` where it is no more. */
export async function networkOfId(http: Http, id: string): Promise<string | undefined> {
  for await (const network of http.pages<Network>('/v1/networks')) if (network.id === id) return network.name;
  return undefined;
}

/** Reads by name something that may get another name meanwhile: it is found again by its id. */
export class Renamed<N> {
  #name: N;
  #id: string | undefined;
  readonly #show: (name: N) => string;
  readonly #find: (id: string) => Promise<N | undefined>;
  readonly #output: Pick<Output, 'note'>;

  constructor(
    name: N,
    show: (name: N) => string,
    find: (id: string) => Promise<N | undefined>,
    output: Pick<Output, 'note'>,
  ) {
    this.#name = name;
    this.#show = show;
    this.#find = find;
    this.#output = output;
  }

  /** Reads it, under the name that it has now. */
  async read<T>(ask: (name: N) => Promise<{ status: T; id: string }>): Promise<T> {
    const read = async (): Promise<T> => {
      const { status, id } = await ask(this.#name);
      this.#id ??= id;
      return status;
    };
    try {
      return await read();
    } catch (error) {
      const isGone =
        isRigError(error) && (error.code === 'RIG_APP_NOT_FOUND' || error.code === 'RIG_NETWORK_NOT_FOUND');
      const name = isGone && this.#id !== undefined ? await this.#find(this.#id) : undefined;
      if (name === undefined) throw error;
      this.#output.note(`${this.#show(this.#name)} is ${this.#show(name)} from now on`);
      this.#name = name;
      return read();
    }
  }
}
