/** Which releases are in use by something that is no instance, such as a shell: their folders are kept. */
export class ReleaseHolds {
  readonly #held = new Map<string, Map<number, number>>();

  /** Keeps a release's folder until what it gives is called. */
  hold(appId: string, version: number): () => void {
    const versions = this.#held.get(appId) ?? new Map<number, number>();
    this.#held.set(appId, versions);
    versions.set(version, (versions.get(version) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (versions.get(version) ?? 0) - 1;
      if (left > 0) versions.set(version, left);
      else versions.delete(version);
      if (versions.size === 0) this.#held.delete(appId);
    };
  }

  /** The versions of an app that are held. */
  of(appId: string): number[] {
    return [...(this.#held.get(appId)?.keys() ?? [])];
  }
}
