import { createRequire } from 'node:module';

import type { INode } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import {
	ERROR_CODES,
	errorCodeEntry,
	rowOf,
	type ErrorCodeEntry,
	type KnownErrorCode,
} from '../../../nodes/Nexthink/api/errorCodes.ts';

// The build of n8n-workflow that n8n itself loads.
const { NodeApiError, NodeOperationError } = createRequire(import.meta.url)(
	'n8n-workflow',
) as typeof import('n8n-workflow');

const ROWS = Object.entries(ERROR_CODES) as Array<[KnownErrorCode, ErrorCodeEntry]>;

const node: INode = {
	id: '',
	name: '',
	type: 'test',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** What n8n makes of a message: it replaces one in which it finds a system code, in whatever letter case. */
function shownByN8n(message: string): string[] {
	return [
		new NodeOperationError(node, message).message,
		new NodeApiError(node, {}, { message }).message,
		new NodeApiError(node, {}, { message, httpCode: '403' }).message,
	];
}

describe('the table of error codes', () => {
	it('holds every code of the design', () => {
		expect(ROWS.map(([code]) => code)).toEqual(
			expect.arrayContaining([
				'UNAUTHORIZED',
				'TOKEN_UNAVAILABLE',
				'FEATURE_NOT_ENABLED',
				'FORBIDDEN',
				'EMPTY_TENANT',
				'NOT_FOUND',
				'EMPTY_REQUEST',
				'BATCH_SIZE_EXCEEDED',
				'INVALID_REQUEST',
				'RATE_LIMITED',
				'SERVICE_UNAVAILABLE',
				'INTERNAL_ERROR',
				'TIMEOUT',
				'NETWORK_ERROR',
				'UNEXPECTED_RESPONSE',
				'MAX_DEVICES_EXCEEDED',
				'INVALID_UID',
				'INVALID_PARAMETER',
				'CIRCUIT_OPEN',
				'CANCELLED',
			]),
		);
	});

	it.each(ROWS)('says of %s what happened, as a sentence without its full stop', (_, row) => {
		expect(row.message).toMatch(/^[A-Z][^.!?\n]*[a-zA-Z]$/);
		expect(row.message).not.toMatch(/ {2}|[.!?…:;,]$/);
	});

	it.each(ROWS)('says of %s how to get on, in whole sentences', (_, row) => {
		expect(row.advice).toMatch(/^[A-Z].*[a-z)]\.$/);
		expect(row.advice).not.toMatch(/ {2}|\.\.|\n/);
		for (const sentence of row.advice.split(/(?<=\.) /)) expect(sentence).toMatch(/^[A-Z].*\.$/);
	});

	it.each(ROWS)('has texts for %s that n8n does not replace by its own', (_, row) => {
		for (const text of [row.message, row.advice, `${row.message}. ${row.advice}`]) {
			for (const shown of shownByN8n(text)) expect(shown).toBe(text);
		}
	});

	it('would be caught with a text that n8n replaces', () => {
		for (const text of ['It says deviceExists', 'Not eperm', 'ENOTFOUND']) {
			for (const shown of shownByN8n(text)) expect(shown).not.toBe(text);
		}
	});

	it.each([
		'UNAUTHORIZED',
		'FEATURE_NOT_ENABLED',
		'FORBIDDEN',
		'EMPTY_TENANT',
		'NOT_FOUND',
		'EMPTY_REQUEST',
		'MAX_DEVICES_EXCEEDED',
		'INVALID_UID',
		'INVALID_PARAMETER',
	] as const)('stops the run at %s, which no repetition can mend', (code) => {
		expect(ERROR_CODES[code]).toMatchObject({ then: 'stop', retryable: false });
	});

	it.each([
		'TOKEN_UNAVAILABLE',
		'SERVICE_UNAVAILABLE',
		'INTERNAL_ERROR',
		'TIMEOUT',
		'NETWORK_ERROR',
	] as const)('repeats the request after %s', (code) => {
		expect(ERROR_CODES[code]).toMatchObject({ then: 'repeat', retryable: true });
	});

	it('repeats the request after RATE_LIMITED, and slows down', () => {
		expect(ERROR_CODES.RATE_LIMITED).toMatchObject({ then: 'slowDown', retryable: true });
	});

	it('sends the devices in smaller requests after BATCH_SIZE_EXCEEDED and INVALID_REQUEST', () => {
		expect(ERROR_CODES.BATCH_SIZE_EXCEEDED).toMatchObject({ then: 'halve', retryable: false });
		expect(ERROR_CODES.INVALID_REQUEST).toMatchObject({ then: 'split', retryable: false });
	});

	it.each(['UNEXPECTED_RESPONSE', 'REQUEST_REFUSED'] as const)(
		'neither repeats the request after %s nor stops the run there',
		(code) => {
			expect(ERROR_CODES[code]).toMatchObject({ then: 'goOn', retryable: false });
		},
	);

	it.each(ROWS)('finds the row of %s by its name', (code, row) => {
		expect(errorCodeEntry(code)).toBe(row);
	});

	it.each(['', 'unauthorized', 'UNHEARD_OF', 'constructor', 'toString', '__proto__'])(
		'has no row for "%s"',
		(code) => {
			expect(errorCodeEntry(code)).toBeUndefined();
		},
	);
});

describe('the row that an answer falls under', () => {
	it.each<[number, string | undefined, KnownErrorCode]>([
		[400, 'EMPTY_REQUEST', 'EMPTY_REQUEST'],
		[400, 'INVALID_REQUEST', 'INVALID_REQUEST'],
		[400, 'BATCH_SIZE_EXCEEDED', 'BATCH_SIZE_EXCEEDED'],
		[400, 'EMPTY_TENANT', 'EMPTY_TENANT'],
		[403, 'FEATURE_NOT_ENABLED', 'FEATURE_NOT_ENABLED'],
		[500, 'INTERNAL_ERROR', 'INTERNAL_ERROR'],
		[301, undefined, 'UNEXPECTED_RESPONSE'],
		[302, undefined, 'UNEXPECTED_RESPONSE'],
		[304, undefined, 'UNEXPECTED_RESPONSE'],
		[400, undefined, 'REQUEST_REFUSED'],
		[401, undefined, 'UNAUTHORIZED'],
		[403, undefined, 'FORBIDDEN'],
		[404, undefined, 'NOT_FOUND'],
		[408, undefined, 'TIMEOUT'],
		[413, undefined, 'BATCH_SIZE_EXCEEDED'],
		[415, undefined, 'REQUEST_REFUSED'],
		[418, undefined, 'REQUEST_REFUSED'],
		[429, undefined, 'RATE_LIMITED'],
		[499, undefined, 'TIMEOUT'],
		[500, undefined, 'INTERNAL_ERROR'],
		[501, undefined, 'SERVICE_UNAVAILABLE'],
		[502, undefined, 'SERVICE_UNAVAILABLE'],
		[503, undefined, 'SERVICE_UNAVAILABLE'],
		[504, undefined, 'SERVICE_UNAVAILABLE'],
		[599, undefined, 'SERVICE_UNAVAILABLE'],
		// A documented code that comes with a status of another class says less than the status.
		[500, 'EMPTY_REQUEST', 'INTERNAL_ERROR'],
		[503, 'BATCH_SIZE_EXCEEDED', 'SERVICE_UNAVAILABLE'],
		[503, 'INTERNAL_ERROR', 'INTERNAL_ERROR'],
		[400, 'INTERNAL_ERROR', 'REQUEST_REFUSED'],
		[302, 'EMPTY_TENANT', 'UNEXPECTED_RESPONSE'],
		// So does one that comes with a status that asks for another attempt.
		[429, 'INVALID_REQUEST', 'RATE_LIMITED'],
		[429, 'BATCH_SIZE_EXCEEDED', 'RATE_LIMITED'],
		[408, 'INVALID_REQUEST', 'TIMEOUT'],
		[499, 'FEATURE_NOT_ENABLED', 'TIMEOUT'],
		// The node's own codes are not Nexthink's to use.
		[400, 'CANCELLED', 'REQUEST_REFUSED'],
		[429, 'CIRCUIT_OPEN', 'RATE_LIMITED'],
		[503, 'UNAUTHORIZED', 'SERVICE_UNAVAILABLE'],
	])('%i with the code %s is that of %s', (httpStatus, code, row) => {
		expect(rowOf(httpStatus, code)).toBe(row);
	});

	it.each(['NEW_CODE', 'constructor', 'toString', '__proto__', ''])(
		'is decided by the HTTP status where the API says "%s"',
		(code) => {
			const statuses = Array.from({ length: 300 }, (_, index) => 300 + index);
			expect(statuses.map((status) => rowOf(status, code))).toEqual(
				statuses.map((status) => rowOf(status, undefined)),
			);
		},
	);

	it('exists for every HTTP status', () => {
		const rows = Array.from({ length: 400 }, (_, index) => rowOf(200 + index, undefined));
		expect(rows.filter((row) => !Object.hasOwn(ERROR_CODES, row))).toEqual([]);
	});
});
