// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What came back: status, headers, and the body as far as it can be shown.

const SHOWN_TEXT = 64 * 1024;
const SHOWN_BYTES = 256;
const KEPT_BYTES = 256 * 1024 * 1024;

function element(name, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

const count = (n) => n.toLocaleString('en').replaceAll(',', '\u202f');

/** Sixteen bytes a line, as hexdump has them. */
export function hexdump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}

const isText = (type) => /^text\/|[/+](json|xml|javascript)/.test(type);

function pretty(type, text) {
  if (!/[/+]json/.test(type)) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

export class Answer {
  constructor(place) {
    this.place = place;
    this.url = null;
    this.started = 0;
  }

  time(promise) {
    this.started = performance.now();
    return promise;
  }

  /** Shows it while it comes; gives what is to be said in the end. */
  async show(call, response) {
    const type = response.headers.get('Content-Type') ?? '';
    const head = this.showHead(response);
    const body = element('pre');
    body.tabIndex = 0;
    body.setAttribute('aria-label', 'Body');
    this.place.append(body);

    const chunks = [];
    let size = 0;
    const decoder = new TextDecoder();
    const live = /^text\/event-stream/.test(type);
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      if (size < KEPT_BYTES) chunks.push(part.value);
      size += part.value.length;
      if (live) this.appendText(body, decoder.decode(part.value, { stream: true }));
      this.showSize(head, size);
    }
    this.showSize(head, size);
    await this.showBody(body, type, new Blob(chunks, { type }), size, live);
    this.offer(call, head, response, new Blob(chunks, { type }), size);
    return response.ok ? '' : `The answer is ${response.status}.`;
  }

  showHead(response) {
    const head = element('header');
    const details = element('details');
    const list = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    head.append(element('span', `${response.status} ${response.statusText}`, `status ${response.ok || response.status === 304 ? 'ok' : 'no'}`),
      element('span', '', 'size'), element('span', `${Math.round(performance.now() - this.started)} ms`));
    details.append(element('summary', 'Headers'), element('pre', list));
    this.place.replaceChildren(head, details);
    this.place.hidden = false;
    return head;
  }

  showSize(head, size) {
    head.querySelector('.size').textContent = `${count(size)} bytes`;
  }

  appendText(body, text) {
    const whole = body.textContent + text;
    // Of a stream that goes on the end is what is looked at.
    body.textContent = whole.length > SHOWN_TEXT ? `…\n${whole.slice(-SHOWN_TEXT / 2).replace(/^[^\n]*\n/, '')}` : whole;
    body.scrollTop = body.scrollHeight;
  }

  async showBody(body, type, blob, size, live) {
    if (live) return;
    if (!size) body.remove();
    else if (isText(type)) {
      const text = pretty(type, await blob.text());
      body.textContent = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}\n…` : text;
    } else {
      const dump = hexdump(new Uint8Array(await blob.slice(0, SHOWN_BYTES).arrayBuffer()));
      body.textContent = size > SHOWN_BYTES ? `${dump}\n…` : dump;
    }
  }

  /** The body as a file; a job's events, to watch. */
  offer(call, head, response, blob, size) {
    const location = response.headers.get('Location');
    const link = element('a');
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    if (location) {
      link.textContent = 'Watch its events';
      link.href = `/?events=${encodeURIComponent(location)}`;
    } else if (size && size <= KEPT_BYTES) {
      const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
      this.url = URL.createObjectURL(blob);
      link.textContent = 'Save';
      link.href = this.url;
      link.download = name ?? new URL(response.url).pathname.split('/').pop() ?? call.operationId;
    } else return;
    head.append(link);
  }
}
