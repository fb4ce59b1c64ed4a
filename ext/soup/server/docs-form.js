// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A call's parameters as a form, and what is sent.

const FORM = 'multipart/form-data';

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** One thing that the call is told: where it goes, and what was filled in. */
class Field {
  constructor(call, name, place, schema, { description, required } = {}) {
    this.name = name;
    this.place = place;
    this.schema = schema;
    this.required = Boolean(required);
    this.secret = schema.format === 'password';
    this.isFile = place === 'form' && (schema.contentMediaType ?? schema.items?.contentMediaType) !== undefined;
    this.input = this.makeInput();
    this.input.id = `${call.operationId}-${place}-${name}`;
    this.description = description ?? schema.description;
  }

  makeInput() {
    const { type, enum: values, minimum, maximum, maxLength, pattern } = this.schema;
    if (this.isFile) return element('input', { type: 'file', multiple: type === 'array' });
    if (values || type === 'boolean') {
      const options = (values ?? [false, true]).map((value) => element('option', { value }, String(value)));
      return element('select', {}, element('option', { value: '' }, '–'), ...options);
    }
    if (type === 'integer' || type === 'number') {
      return element('input', { type: 'number', min: minimum, max: maximum, step: type === 'integer' ? 1 : 'any' });
    }
    return element('input', {
      type: this.secret ? 'password' : 'text', maxlength: maxLength, pattern, autocomplete: 'off', spellcheck: 'false',
    });
  }

  get values() {
    if (this.isFile) return [...this.input.files];
    return this.input.value === '' ? [] : [this.input.value];
  }

  isMissing() { return this.required && !this.values.length; }

  focus() { this.input.focus(); }

  /** What it accepts, in few words. */
  get range() {
    const { minimum, maximum, default: fallback, type } = this.schema;
    const said = [];
    if (this.isFile) said.push(type === 'array' ? 'files' : 'a file');
    else if (minimum !== undefined && Math.abs(minimum) < 2 ** 53 - 1) said.push(`${minimum} … ${maximum}`);
    else if (type !== 'string') said.push(type);
    if (this.place === 'header') said.push('header');
    if (fallback !== undefined) said.push(`else ${fallback}`);
    return said.join(' · ');
  }

  show() {
    const label = element('label', { for: this.input.id }, this.name);
    if (this.required) label.append(element('b', { title: 'needed' }, ' *'));
    label.append(element('small', {}, this.range));
    const about = element('p', { id: `${this.input.id}-about` }, this.description ?? '');
    this.input.setAttribute('aria-describedby', about.id);
    if (this.required) this.input.setAttribute('aria-required', 'true');
    return element('div', { class: 'field' }, label, element('div', {}, this.input, about));
  }
}

/** Makes the form; gives what can be filled in. */
export function fields(place, call) {
  const form = call.requestBody?.content[FORM].schema;
  const made = Object.entries(form?.properties ?? {}).map(([name, schema]) =>
    new Field(call, name, 'form', schema, { required: form.required.includes(name) }));
  for (const param of call.parameters ?? []) {
    // A form's field does as well; a key has no place in an address, and needs no header then.
    if (form && (param.in === 'query' || param.schema.format === 'password')) continue;
    made.push(new Field(call, param.name, param.in, param.schema, param));
  }
  place.append(...made.map((field) => field.show()));
  return made;
}

function address(call, inputs) {
  const query = new URLSearchParams();
  let { path } = call;
  for (const field of inputs) {
    for (const value of field.values) {
      // A file's name may have directories in it.
      if (field.place === 'path') path = path.replace(`{${field.name}}`, value.split('/').map(encodeURIComponent).join('/'));
      if (field.place === 'query') query.append(field.name, value);
    }
  }
  return query.size ? `${path}?${query}` : path;
}

/** What fetch() is told. */
export function request(call, inputs, token) {
  const headers = new Headers();
  const options = { method: call.method.toUpperCase(), headers };
  if (token) headers.set('Authorization', `Bearer ${token}`);
  for (const field of inputs.filter(({ place }) => place === 'header')) {
    for (const value of field.values) headers.set(field.name, value);
  }
  if (call.requestBody) {
    options.body = new FormData();
    // The file goes last, so that it is worked on while it comes.
    const parts = inputs.filter(({ place }) => place === 'form').sort((a, b) => a.isFile - b.isFile);
    for (const field of parts) field.values.forEach((value) => options.body.append(field.name, value));
  }
  return { url: address(call, inputs), options };
}

const quote = (text) => (/^[\w@%+=:,./?&-]*$/.test(text) && !/[?&]/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The same on a command line; what is secret stays a variable. */
export function curl(call, inputs, token) {
  const words = ['curl'];
  const answers = Object.keys(call.responses['200']?.content ?? {});
  if (call.method === 'head') words.push('-I');
  if (answers[0] === 'text/event-stream') words.push('-N');
  if (token) words.push('-H', '"Authorization: Bearer $TOKEN"');
  for (const field of inputs) {
    for (const value of field.values) {
      if (field.place === 'header') words.push('-H', quote(`${field.name}: ${value}`));
      else if (field.isFile) words.push('-F', quote(`${field.name}=@${value.name}`));
      else if (field.place === 'form') words.push('-F', field.secret ? `"${field.name}=$KEY"` : quote(`${field.name}=${value}`));
    }
    if (field.isFile && !field.values.length) words.push('-F', `${field.name}=@FILE`);
  }
  if (answers.length && !/^(text\/|application\/json)/.test(answers[0])) words.push('-OJ');
  words.push(quote(new URL(address(call, inputs), location.href).href));
  return words.join(' ');
}
