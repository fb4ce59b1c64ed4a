// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// node validate.mjs DOCUMENT ANSWERS: the document is OpenAPI 3.1, its schemas are JSON Schema, and the
// answers, a JSON array of [schema, value], are what the schemas say.

import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';

const [document, answers] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const wrong = [];

const validator = new Validator();
const { valid, errors } = await validator.validate(structuredClone(document));
if (!valid) wrong.push(`the document: ${JSON.stringify(errors)}`);
if (validator.version !== '3.1') wrong.push(`the document is of version ${validator.version}`);

// Every schema, also those of parameters and bodies, is compiled, and strictly.
const ajv = new Ajv2020({ strict: true, strictTypes: false, formats: { password: true, 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ } });
ajv.addKeyword('components');
ajv.addSchema({ $id: 'api', components: { schemas: document.components.schemas } }, 'api', false, false);
const local = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components'));

function* schemas(node) {
  if (node === null || typeof node !== 'object') return;
  for (const [name, value] of Object.entries(node)) {
    if (name === 'schema') yield value;
    else yield* schemas(value);
  }
}

let count = 0;
for (const schema of [...schemas(document.paths), ...Object.values(document.components.schemas)]) {
  try {
    ajv.compile(local(schema));
    count += 1;
  } catch (error) {
    wrong.push(`${JSON.stringify(schema)}: ${error.message}`);
  }
}

for (const [name, value] of answers) {
  const check = ajv.compile(local({ $ref: `#/components/schemas/${name}` }));
  if (!check(value)) wrong.push(`${JSON.stringify(value)} is no ${name}: ${JSON.stringify(check.errors)}`);
}
console.log(`${count} schemas, ${answers.length} answers`);
for (const line of wrong) console.log(line);
process.exit(wrong.length ? 1 : 0);
