// Whether this browser lends us a GPU, and if not, why: four reasons with four different remedies; and what it can.

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
 * Whether four invocations in a row see each other's values, as is known of the software adapter alone.
 * @param {GPUAdapter} adapter
 */
function hasQuads({ features, info }) {
  const four = info?.subgroupMinSize === 4 && info.subgroupMaxSize === 4;
  return four && info.architecture === 'swiftshader' && features.has('subgroups');
}

/** Has devices come with subgroups where {@link hasQuads}: wgpu cannot ask a browser for them. */
function askForQuads() {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (descriptor = {}) {
    /** @type {GPUFeatureName[]} */
    const more = hasQuads(this) ? ['subgroups'] : [];
    return requestDevice.call(this, { ...descriptor, requiredFeatures: [...(descriptor.requiredFeatures ?? []), ...more] });
  };
}

/**
 * Asks for the adapter that the app will ask for.
 * @returns {Promise<{info: AdapterInfo | null, quads: boolean}>} no info if the adapter says nothing about itself
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
  askForQuads();
  const quads = hasQuads(adapter);
  if (!adapter.info) {
    return { info: null, quads };
  }
  const { vendor, architecture, device, description } = adapter.info;
  return { info: { vendor, architecture, device, description }, quads };
}

/** Chrome, Chromium, Edge, … on Linux, where WebGPU hides behind a flag; Android and ChromeOS have it. */
function isLinuxChromium() {
  const agent = navigator.userAgent;
  return /\bLinux\b/.test(agent) && !/Android/.test(agent) && /\bChrom(e|ium)\//.test(agent);
}
