import { describe, expect, it } from 'vitest';

import { requestIdSource } from '../../../nodes/Nexthink/deletion/requestIds.ts';
import { isUuid } from '../../../nodes/Nexthink/input/uuid.ts';

const GIVEN = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** The namespace for domain names, RFC 9562, 6.6. */
const DNS_NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

const body = (...uids: string[]) => uids.map((uid) => ({ uid, name: `name of ${uid}` }));

describe('a UUID', () => {
	it.each([
		GIVEN,
		GIVEN.toUpperCase(),
		'00000000-0000-0000-0000-000000000000',
		'ffffffff-ffff-ffff-ffff-ffffffffffff',
	])('is %s', (text) => {
		expect(isUuid(text)).toBe(true);
	});

	it.each([
		'',
		' ',
		`${GIVEN}\n`,
		`${GIVEN}\r\nX-Evil: 1`,
		`\n${GIVEN}`,
		` ${GIVEN}`,
		`${GIVEN} `,
		`{${GIVEN}}`,
		`urn:uuid:${GIVEN}`,
		GIVEN.replaceAll('-', ''),
		GIVEN.slice(1),
		`${GIVEN}0`,
		GIVEN.replace('0', 'g'),
		GIVEN.replaceAll('-', '_'),
		'0f8fad5b-d9cb-469f-a165-7086772895\u00e9e',
	])('is not %j', (text) => {
		expect(isUuid(text)).toBe(false);
	});
});

describe('the id of a request', () => {
	it('is the given one for the first body', () => {
		expect(requestIdSource(GIVEN)(body('a'))).toBe(GIVEN);
	});

	it('is derived from the given one for every other body, as RFC 9562 says of version 5', () => {
		const requestIdOf = requestIdSource(DNS_NAMESPACE);
		requestIdOf(body('first'));
		// Test vector of RFC 9562, A.4.
		expect(requestIdOf(body('www.example.com'))).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
	});

	it('does not depend on the letter case of the given one', () => {
		const ids = [GIVEN, GIVEN.toUpperCase()].map((given) => {
			const requestIdOf = requestIdSource(given);
			requestIdOf(body('first'));
			return requestIdOf(body('a', 'b'));
		});
		expect(ids[0]).toBe(ids[1]);
	});

	it('is the same for the same body in another run with the same given one', () => {
		const idsOf = () => [body('a'), body('b', 'c'), body('d')].map(requestIdSource(GIVEN));
		expect(idsOf()).toEqual(idsOf());
	});

	it('differs from body to body', () => {
		const requestIdOf = requestIdSource(GIVEN);
		const bodies = [body('a'), body('b'), body('c', 'd'), body('d', 'c'), body('cd'), body('c')];
		const ids = bodies.map((devices) => requestIdOf(devices));
		expect(new Set(ids).size).toBe(bodies.length);
		for (const id of ids) expect(isUuid(id)).toBe(true);
	});

	it('is random where none is given', () => {
		const requestIdOf = requestIdSource(undefined);
		const ids = Array.from({ length: 100 }, () => requestIdOf(body('a')));
		expect(new Set(ids).size).toBe(100);
		for (const id of ids) expect(isUuid(id)).toBe(true);
	});
});
