// Registers the service worker, and tells when a new version of the page is ready.

/** @param {(reload: () => void) => void} ready called when a new build has arrived whole */
export async function keepOffline(ready) {
  // Addresses with plain http, other than this very computer's, have none.
  if (!navigator.serviceWorker) {
    return;
  }
  const registered = await navigator.serviceWorker.getRegistrations();
  const wanted = document.querySelector('meta[name=offline]')?.getAttribute('content') === 'yes';
  if (!wanted && !registered.length) {
    return;
  }
  // Whether this page is one that an earlier visit has left here.
  const known = Boolean(navigator.serviceWorker.controller);
  const registration = await navigator.serviceWorker.register(new URL('sw.js', import.meta.url), {
    updateViaCache: 'none',
  });
  const watch = (/** @type {ServiceWorker | null} */ worker) => {
    const check = () => {
      if (known && worker?.state === 'installed') {
        ready(() => {
          navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
          worker.postMessage('take over');
        });
      }
    };
    worker?.addEventListener('statechange', check);
    check();
  };
  watch(registration.waiting);
  registration.addEventListener('updatefound', () => watch(registration.installing));
}
