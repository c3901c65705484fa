// Whether this browser lends us a GPU, and if not, why: four reasons with four different remedies.

/** A reason why the page cannot go on; `kind` selects the text. */
export class Problem extends Error {
  /**
   * @param {import('./texts.js').Kind} kind
   * @param {string} message for developers and reports, in English
   */
  constructor(kind, message) {
    super(message);
    this.name = 'Problem';
    this.kind = kind;
  }
}

/**
 * What the browser tells about the GPU; empty strings where it keeps it to itself.
 * @typedef {{ vendor: string, architecture: string, device: string, description: string }} AdapterInfo
 */

/**
 * Asks for the adapter that the app will ask for.
 * @returns {Promise<AdapterInfo | null>} null if there is an adapter that says nothing about itself
 * @throws {Problem}
 */
export async function findAdapter() {
  if (!window.isSecureContext) {
    throw new Problem('insecure', `WebGPU needs https or localhost; this is ${location.origin}`);
  }
  if (!navigator.gpu) {
    throw new Problem(isLinuxChromium() ? 'flag' : 'browser', 'this browser has no navigator.gpu');
  }
  let adapter = null;
  let why = 'navigator.gpu.requestAdapter() found none';
  try {
    adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    why = `navigator.gpu.requestAdapter() failed: ${error}`;
  }
  if (!adapter) {
    throw new Problem(isLinuxChromium() ? 'flag' : 'adapter', why);
  }
  if (!adapter.info) {
    return null;
  }
  const { vendor, architecture, device, description } = adapter.info;
  return { vendor, architecture, device, description };
}

/** Chrome, Chromium, Edge, … on Linux, where WebGPU hides behind a flag; Android and ChromeOS have it. */
function isLinuxChromium() {
  const agent = navigator.userAgent;
  return /\bLinux\b/.test(agent) && !/Android/.test(agent) && /\bChrom(e|ium)\//.test(agent);
}
