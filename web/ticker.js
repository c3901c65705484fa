// Time that passes in a hidden tab too. Browsers let a hidden page's own timers fire once a second or less;
// those of a worker go on.

const WORKER = 'onmessage = ({ data: [id, ms] }) => setTimeout(() => postMessage(id), ms);';

/** Defines `skipscope_sleep(ms)`, which the app waits with between slices of training. */
export function startTicker() {
  /** @type {Map<number, () => void>} */
  const waiting = new Map();
  let next = 0;
  const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    waiting.get(data)?.();
    waiting.delete(data);
  };
  Object.assign(window, {
    skipscope_sleep: (/** @type {number} */ ms) =>
      new Promise((/** @type {(value: void) => void} */ resolve) => {
        waiting.set(next, resolve);
        worker.postMessage([next, ms]);
        next += 1;
      }),
  });
}
