// Keeps the page working without a network after the first visit, and never mixes two builds: all files of
// a build lie in one cache, filled whole or not at all, and a page is served from one cache alone.

const BUILD = '{{version}}';
/** @type {[string, string][]} All files of this build, relative to the page, with their checksums. */
const FILES = JSON.parse('{{files}}');
const PREFIX = 'skipscope-';
const CACHE = PREFIX + BUILD;
/** Files that a page of this build fetched when it needed them: fonts for rare characters, archives. */
const EXTRA = /\/(?:fonts|data)\//;

/** Files that the page asks for with the build's checksum behind the name. */
const VERSIONED = /\.(?:js|wasm|css|svg)$/;

const scope = /** @type {any} */ (self).registration.scope;

self.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      try {
        // What the page has just loaded comes from the browser's own cache. The checksum refuses a file of
        // another build, should the site be changed meanwhile.
        const keep = async (/** @type {[string, string]} */ [file, integrity]) => {
          const url = new URL(file, scope);
          const asked = file === 'index.html' ? scope : `${url.href}${VERSIONED.test(file) ? `?v=${BUILD}` : ''}`;
          const options = { integrity, cache: /** @type {RequestCache} */ ('no-cache') };
          const answer = await fetch(asked, options);
          if (!answer.ok) {
            throw new Error(`${asked}: ${answer.status}`);
          }
          await cache.put(url, answer);
        };
        await Promise.all(FILES.map(keep));
      } catch (error) {
        await caches.delete(CACHE);
        throw error;
      }
    })(),
  );
});

// A new build takes over when no page of the old one is open any more, or when a page says so.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') {
    /** @type {any} */ (self).skipWaiting();
  }
});

self.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith(PREFIX) && name !== CACHE) {
          await caches.delete(name);
        }
      }
      await /** @type {any} */ (self).clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(scope)) {
    return;
  }
  event.respondWith(answer(request));
});

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  if (url.href === scope) {
    url.pathname += 'index.html';
  }
  const kept = await cache.match(url);
  // What the server offers may change from day to day; the last is better than none.
  const offered = /\/data\//.test(url.pathname);
  if (kept && !offered) {
    return kept;
  }
  try {
    const fresh = await fetch(request);
    if (fresh.ok && EXTRA.test(url.pathname)) {
      await cache.put(url, fresh.clone());
    }
    return fresh;
  } catch (error) {
    if (kept) {
      return kept;
    }
    if (url.pathname.endsWith('/data/index.json')) {
      // Without a network nothing is offered.
      return new Response('[]', { headers: { 'Content-Type': 'application/json' } });
    }
    throw error;
  }
}
