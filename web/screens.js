// What is on screen before the app draws, and what covers it when it cannot go on.

import { lastKept, reloadAndResume } from './storage.js';
import { LOADING, PROBLEMS, RESUME, UPDATE, languages } from './texts.js';

const LANG = { en: 'en', zh: 'zh-CN' };
document.documentElement.lang = LANG[languages()[0]];

/** @param {string} id */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`the page has no #${id}`);
  }
  return element;
}

/**
 * Shows how much of the module has arrived.
 * @param {number} received in bytes
 * @param {number} total in bytes; 0 if unknown
 */
export function showProgress(received, total) {
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
  const [language] = languages();
  byId('progress').textContent = LOADING[language].received(megabytes(received), total ? megabytes(total) : '?');
  if (total) {
    const percent = Math.min(100, (100 * received) / total);
    const bar = byId('bar');
    bar.setAttribute('aria-valuenow', percent.toFixed(0));
    /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${percent}%`;
  }
}

/** Everything is here; the app is starting. */
export function showStarting() {
  const [language] = languages();
  byId('progress').textContent = LOADING[language].starting;
}

/** The app draws from now on. */
export function hideLoading() {
  byId('loading').hidden = true;
  byId('skipscope').focus();
}

/**
 * Offers a newer version of the page.
 * @param {() => void} reload
 */
export function offerUpdate(reload) {
  const [language] = languages();
  const line = byId('update');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = UPDATE[language].action;
  button.addEventListener('click', reload);
  line.replaceChildren(`${UPDATE[language].ready} `, button);
  line.hidden = false;
}

let covered = false;

/**
 * Covers the page: what happened, what to do, one button. The first problem stays; those that follow are
 * most often its consequences.
 * @param {import('./texts.js').Kind} kind
 * @param {string} detail shown as it is, for reports
 */
export function showProblem(kind, detail) {
  if (covered) {
    return;
  }
  covered = true;
  // A dialog would lie above everything, this included.
  document.querySelectorAll('dialog[open]').forEach((dialog) => /** @type {HTMLDialogElement} */ (dialog).close());
  const order = languages();
  const card = document.createElement('article');
  order.forEach((language, nth) => {
    const text = PROBLEMS[kind][language];
    const section = add(card, 'section');
    section.lang = LANG[language];
    const title = add(section, 'h2', text.title);
    if (nth === 0) {
      title.id = 'overlay-title';
    }
    add(section, 'p', text.what);
    const list = add(section, 'ul');
    text.todo.forEach((step) => add(list, 'li', step));
  });
  // What can be gone on from, where something was kept before it happened.
  const kept = kind === 'panic' || kind === 'device-lost' ? lastKept() : null;
  if (kept) {
    for (const language of order) {
      add(card, 'p', RESUME[language].kept(kept.step, kept.back)).lang = LANG[language];
    }
  }
  if (detail) {
    add(card, 'pre', detail);
  }
  const action = add(card, kind === 'insecure' ? 'a' : 'button', order.map((l) => (kept ? RESUME[l].action(kept.step) : PROBLEMS[kind][l].action)).join(' · '));
  action.className = 'action';
  if (action instanceof HTMLAnchorElement) {
    action.href = location.href.replace(/^http:/, 'https:');
  } else {
    action.addEventListener('click', kept ? reloadAndResume : () => location.reload());
  }

  const overlay = byId('overlay');
  overlay.dataset.kind = kind;
  overlay.replaceChildren(card);
  overlay.hidden = false;
  byId('loading').inert = true;
  byId('skipscope').inert = true;
  action.focus();
}

/**
 * Appends an element with text, in which `backticks` mark code.
 * @param {HTMLElement} parent
 * @param {string} tag
 */
function add(parent, tag, text = '') {
  const element = document.createElement(tag);
  text.split('`').forEach((piece, nth) => {
    if (nth % 2) {
      add(element, 'code').textContent = piece;
    } else {
      element.append(piece);
    }
  });
  parent.append(element);
  return element;
}
