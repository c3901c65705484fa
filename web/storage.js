// What outlives the page, in the browser's own databases: checkpoints in two places that are used in turn,
// and earlier runs to compare with.

/** @typedef {{ slot: number, name: string, data: string, step: number, at: number }} Kept */

const DATABASE = 'skipscope';
const STORE = 'kept';
/** A database of its own: neither can stand in the other's way. */
const SHELF = 'skipscope-runs';
/** No run's curves are nearly as large. */
const LARGEST_CURVES = 16 << 20;
/** Set by the button that goes on after a failure. */
const WISH = 'skipscope-resume';

/** What this page has kept last, and how far it has come since. @type {{ kept: Kept | null, reached: number }} */
const state = { kept: null, reached: 0 };

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} use */
async function withStore(mode, use, name = DATABASE) {
  const open = indexedDB.open(name, 1);
  open.onupgradeneeded = () => open.result.createObjectStore(STORE);
  const database = await done(open);
  try {
    const transaction = database.transaction(STORE, mode);
    const result = await done(use(transaction.objectStore(STORE)));
    if (mode === 'readwrite') {
      // Kept is what the transaction has written, not what it was asked to.
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
    }
    return result;
  } finally {
    database.close();
  }
}

/** @param {Uint8Array} bytes of the app's memory, which moves */
const blob = (bytes) => new Blob([new Uint8Array(bytes)]);

/** @param {Blob} file @returns {Promise<Uint8Array | string>} its bytes, or why they cannot be had */
async function contents(file) {
  if (file.size > LARGEST_CURVES) {
    return `${file.size} bytes are too many for a run`;
  }
  return file.arrayBuffer().then((buffer) => new Uint8Array(buffer), String);
}

/** Defines what the app keeps checkpoints and runs with. */
export function startStorage() {
  Object.assign(window, {
    /** @param {string} header JSON of `Kept` @param {Uint8Array} bytes @param {Uint8Array} curves a run's file */
    async skipscope_keep(header, bytes, curves) {
      /** @type {Kept} */
      const kept = JSON.parse(header);
      await withStore('readwrite', (store) => store.put({ kept, bytes: blob(bytes), curves: blob(curves) }, kept.slot));
      state.kept = kept;
    },
    /** Headers of what is kept, as JSON. */
    async skipscope_kept() {
      const all = await withStore('readonly', (store) => store.getAll());
      return JSON.stringify(all.map((entry) => entry.kept));
    },
    /** @param {number} slot */
    async skipscope_take(slot) {
      const entry = await withStore('readonly', (store) => store.get(slot));
      if (!entry) {
        throw new Error('the kept checkpoint is gone');
      }
      return new Uint8Array(await entry.bytes.arrayBuffer());
    },
    /** What was measured before; null where nothing was kept of it. @param {number} slot */
    async skipscope_curves(slot) {
      const entry = await withStore('readonly', (store) => store.get(slot));
      if (!entry?.curves) {
        return null;
      }
      const curves = await contents(entry.curves);
      if (typeof curves === 'string') {
        throw new Error(curves);
      }
      return curves;
    },
    /** @param {number} slot */
    async skipscope_discard(slot) {
      await withStore('readwrite', (store) => store.delete(slot));
    },
    /** @param {number} id @param {Uint8Array} bytes a run's file */
    async skipscope_shelf_put(id, bytes) {
      await withStore('readwrite', (store) => store.put({ id, bytes: blob(bytes) }, id), SHELF);
    },
    /** @param {number} id */
    async skipscope_shelf_remove(id) {
      await withStore('readwrite', (store) => store.delete(id), SHELF);
    },
    /** Every run that is kept: its id, and its file or why it cannot be read. */
    async skipscope_shelf_all() {
      const all = await withStore('readonly', (store) => store.getAll(), SHELF);
      return Promise.all(all.map(async ({ id, bytes }) => [id, await contents(bytes)]));
    },
    skipscope_reached: (/** @type {number} */ step) => (state.reached = step),
    /** Whether to go on from what is kept without asking; asked once. */
    skipscope_resume() {
      const wish = sessionStorage.getItem(WISH) !== null;
      sessionStorage.removeItem(WISH);
      return wish;
    },
  });
}

/** What can be gone on from after a failure: the step, and how many steps are lost. */
export function lastKept() {
  return state.kept && { step: state.kept.step, back: Math.max(0, state.reached - state.kept.step) };
}

/** Loads the page again, to go on from what is kept. */
export function reloadAndResume() {
  sessionStorage.setItem(WISH, 'yes');
  location.reload();
}
