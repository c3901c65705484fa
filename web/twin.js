// The page for screen readers: egui draws into a canvas, which says nothing to them. This says the same in
// HTML: what is going on, the buttons that matter, the numbers. It is seen only while it has the focus.

import { TWIN, languages } from './texts.js';

/** Seconds between two readings of the numbers, and between two announcements. */
const READING = 1;
const ANNOUNCEMENT = 5;

/** @param {number | null | undefined} value @param {number} digits */
const fixed = (value, digits) => (typeof value === 'number' ? value.toFixed(digits) : '–');
/** @param {number | null | undefined} value */
const percent = (value) => (typeof value === 'number' ? `${(100 * value).toFixed(1)} %` : '–');

/** The language that the app speaks; it writes it on the page. */
function language() {
  const tag = document.documentElement.lang;
  return tag.startsWith('zh') ? 'zh' : tag ? 'en' : languages()[0];
}

/**
 * Fills `#twin` and keeps it true.
 * @param {import('./api.js').Skipscope} api
 */
export function startTwin(api) {
  const section = document.getElementById('twin');
  if (!section) {
    return;
  }
  const status = section.querySelector('[role=status]');
  const buttons = /** @type {HTMLButtonElement[]} */ ([...section.querySelectorAll('button')]);
  const numbers = section.querySelector('dl');
  const layers = section.querySelector('tbody');
  let running = false;
  let chosen = '';
  let announced = -Infinity;
  let spoken = '';

  for (const button of buttons) {
    button.addEventListener('click', async () => {
      const what = button.dataset.command;
      const command = what === 'run' && running ? 'pause' : what;
      try {
        if (command === 'restart') {
          await api.command('stop');
          await api.command('run');
        } else if (command) {
          await api.command(command);
        }
      } catch (error) {
        say(String(/** @type {Error} */ (error).message), true);
      }
      await read();
    });
  }

  /** @param {string} text @param {boolean} [now] */
  function say(text, now = false) {
    const time = performance.now() / 1000;
    if (status && text !== spoken && (now || time - announced >= ANNOUNCEMENT)) {
      status.textContent = text;
      spoken = text;
      announced = time;
    }
  }

  async function read() {
    /** @type {any} */
    const s = await api.snapshot();
    const words = TWIN[language()];
    const changed = running !== s.running || chosen !== (s.chosen?.name ?? '');
    running = s.running;
    chosen = s.chosen?.name ?? '';
    section?.setAttribute('aria-label', words.title);
    for (const button of buttons) {
      const name = button.dataset.command === 'run' && running ? 'pause' : button.dataset.command;
      button.textContent = words.buttons[/** @type {keyof typeof words.buttons} */ (name)];
    }
    const status = words.status(s.model ?? '–', words.phases[/** @type {keyof typeof words.phases} */ (s.phase)] ?? s.phase, s.step, fixed(s.loss, 3), percent(s.test_accuracy));
    say(s.chosen ? `${status}; ${block(s.chosen, words)}` : status, changed);
    // Rewriting what has not changed would take a reader's place away.
    const rows = [
      [words.network, s.model ?? '–'],
      [words.data, s.data ?? '–'],
      [words.epoch, `${s.epochs ? s.epoch + 1 : 0} / ${s.epochs}`],
      [words.step, `${s.step} / ${s.total_steps}`],
      [words.trainLoss, fixed(s.loss, 3)],
      [words.testLoss, fixed(s.evaluation?.loss, 3)],
      [words.testAccuracy, percent(s.test_accuracy)],
      [words.speed, s.images_per_s ? words.perSecond(Math.round(s.images_per_s)) : '–'],
      [words.picture, picture(s, words)],
      ...(s.chosen ? [[words.block, block(s.chosen, words)]] : []),
    ];
    update(numbers, rows, (term, value) => `<dt>${term}</dt><dd>${value}</dd>`);
    // In the network's order, batch norms left out.
    /** @type {string[]} */
    const names = s.model_info?.param_names ?? [];
    const norms = names
      .map((name, k) => [name, Number(s.last?.grad_norm?.[k] ?? NaN).toPrecision(3)])
      .filter(([name]) => name.endsWith('.weight') && !/bn\d|downsample\.1/.test(name));
    update(layers, norms, (name, norm) => `<tr><th scope="row">${name}</th><td>${norm}</td></tr>`);
    const caption = section?.querySelector('caption');
    if (caption && caption.textContent !== words.gradients) {
      caption.textContent = words.gradients;
    }
  }

  /** @param {any} chosen @param {typeof TWIN.en} words */
  function block({ name, index, of, share, gradient_norm: norm }, words) {
    const digits = typeof norm === 'number' ? norm.toPrecision(3) : '–';
    return words.chosen(name, index + 1, of, fixed(share, 2), digits);
  }

  /** @param {any} s @param {typeof TWIN.en} words */
  function picture(s, words) {
    const p = s.seen?.probabilities;
    if (!p?.length) {
      return '–';
    }
    const best = p.indexOf(Math.max(...p));
    const name = (/** @type {number} */ k) => s.data_info?.classes?.[k] ?? String(k);
    return words.prediction(name(best), p[best].toFixed(2), s.seen.label === null ? null : name(s.seen.label));
  }

  setInterval(() => {
    // Nobody reads a hidden page.
    if (!document.hidden) {
      read().catch(() => {});
    }
  }, READING * 1000);
  read().catch(() => {});
}

/**
 * Renews the children of `parent` row by row, only where their text differs.
 * @param {Element | null} parent
 * @param {string[][]} rows
 * @param {(a: string, b: string) => string} html
 */
function update(parent, rows, html) {
  if (!parent) {
    return;
  }
  const escape = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const text = rows.map(([a, b]) => html(escape(a), escape(b))).join('');
  if (parent.innerHTML !== text) {
    parent.innerHTML = text;
  }
}
