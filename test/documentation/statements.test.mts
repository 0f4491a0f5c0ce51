import { describe, expect, it } from 'vitest';

import manifest from '../../package.json' with { type: 'json' };
import { readDeletionAnswer } from '../../nodes/Nexthink/api/deletionAnswer.ts';
import { failureOfAnswer } from '../../nodes/Nexthink/api/failure.ts';
import {
	readExecuted,
	readExportStart,
	readExportStatus,
} from '../../nodes/Nexthink/api/queryAnswer.ts';
import { LONGEST_BODY } from '../../nodes/Nexthink/api/readBody.ts';
import { whyUnusable } from '../../nodes/Nexthink/input/usableText.ts';
import { makeItems } from '../../nodes/Nexthink/operations/deleteDevices/items.ts';
import {
	countsOf,
	sumsOf,
	type DeletionReport,
} from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import { QUERIES_TO_SAVE } from '../../nodes/Nexthink/operations/lookUp/queriesToSave.ts';
import { backOff, waitOfFlood } from '../../nodes/Nexthink/requests/pace.ts';
import { SAVED_QUERIES } from '../simulator/saved-queries.mts';
import { CODES_OF_DELETIONS, CODES_OF_QUERIES } from './error-codes.mts';
import { read } from './user-texts.mts';

const MOST_LINES = 180;

describe('the README', () => {
	it(`has at most ${MOST_LINES} lines`, () => {
		expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
	});

	it('installs the version that the package has', () => {
		expect(read('README.md')).toContain(
			`[{"name":"${manifest.name}","version":"${manifest.version}"}]`,
		);
	});

	it('has a row in the choice of workflows for each of them', async () => {
		const { readExampleWorkflows } = await import('../demonstration/example-workflows.mts');
		const [, choice = ''] = read('README.md').split('## Choose your workflow');
		for (const { file } of readExampleWorkflows()) {
			expect(choice, file).toContain(`](examples/${file})`);
		}
	});
});

/** A dry run of devices that would all be sent. */
function dryRunOf(devices: number): DeletionReport {
	const list = Array.from({ length: devices }, (_, index) => ({ uid: `u${index}`, name: 'n' }));
	return {
		plan: {
			entries: list.map((device, index) => ({ itemIndex: index, device: index, ...device })),
			devices: list,
			malformedUids: 0,
		},
		errorPath: 'errorOutput',
		failOnUnscheduled: false,
		dryRun: true,
	};
}

describe('what a page quotes', () => {
	it.each([
		['README.md', 4],
		['docs/first-deletion.md', 1],
	])('of the hint of a dry run, %s quotes as it is', (page, devices) => {
		const report = dryRunOf(devices);
		const { outcomes, items } = makeItems(report, { areEntriesOfLists: false });
		expect(read(page)).toContain(`"${sumsOf(countsOf(report, outcomes), true)}"`);
		expect(read('docs/first-deletion.md')).toContain(String(items[0]?.json.reason));
	});

	it('of an item without a name, the tutorial quotes as it is', () => {
		expect(read('docs/first-deletion.md')).toContain(`"${whyUnusable('name', '')}"`);
	});
});

describe('the issue form for a report from a tenant', () => {
	it('asks each open question of the page, in a field of its own', () => {
		const [, table = ''] = read('docs/verify-uid.md').split('## The open questions\n');
		const questions = [...table.matchAll(/^\| (.+?\?) +\|/gm)].map(([, question]) => question);
		const form = read('.github/ISSUE_TEMPLATE/report-from-a-tenant.yml');
		const labels = [...form.matchAll(/^ {6}label: (.+\?)$/gm)].map(([, label]) => label);
		expect(questions.length).toBeGreaterThan(0);
		expect(labels).toEqual(questions);
	});
});

describe('the queries that the page of lookups says to save', () => {
	const page = read('docs/look-up.md');
	const [byName, byUid, bySerialNumber, all] = SAVED_QUERIES.map(({ text = '' }) => text);

	it('are those of the simulated tenant', () => {
		expect(byName).toBe(QUERIES_TO_SAVE.query.join(' '));
		expect(all).toBe(QUERIES_TO_SAVE.export.join(' '));
	});

	it.each([byUid, bySerialNumber])(
		'have, in place of its second line, that of: %s',
		(text = '') => {
			const [first, where, ...list] = text.split(/ (?=\|)/);
			expect([first, QUERIES_TO_SAVE.query[1], ...list]).toEqual(QUERIES_TO_SAVE.query);
			expect(page).toContain(`save \`${where}\``);
		},
	);
});

describe('the page of error codes', () => {
	const statuses = Array.from({ length: 400 }, (_, offset) => 200 + offset);
	const codes = [
		undefined,
		'EMPTY_REQUEST',
		'INVALID_REQUEST',
		'BATCH_SIZE_EXCEEDED',
		'EMPTY_TENANT',
		'FEATURE_NOT_ENABLED',
		'INTERNAL_ERROR',
	];
	const answers = statuses.flatMap((httpStatus) =>
		codes.map((code) => ({ httpStatus, headers: {}, body: { code, message: 'No.' } })),
	);

	it('has every code that an answer to a deletion can lead to', () => {
		for (const answer of answers) {
			const { row } = failureOfAnswer(answer, 'id', 0);
			expect(CODES_OF_DELETIONS).toContain(row);
			const read = readDeletionAnswer(answer, 'id', 0);
			if (!read.accepted) expect(CODES_OF_DELETIONS).toContain(read.failure.row);
		}
	});

	it('has every code that an answer to a lookup, a query or an export can lead to', () => {
		for (const answer of answers) {
			for (const reader of [readExecuted, readExportStart, readExportStatus]) {
				const read = reader(answer, 'id', 0);
				if ('failure' in read) expect(CODES_OF_QUERIES).toContain(read.failure.row);
			}
		}
		expect(CODES_OF_QUERIES).toEqual(
			expect.arrayContaining(['UNAUTHORIZED', 'INVALID_PARAMETER', 'QUERY_HIDES_DEVICES']),
		);
	});
});

describe('the page of limits', () => {
	const page = read('docs/limits.md');

	it('has the longest text that the node accepts', () => {
		expect(whyUnusable('UID', 'x'.repeat(1024))).toBeUndefined();
		expect(whyUnusable('UID', 'x'.repeat(1025))).toBeDefined();
		expect(page).toContain('1,024 characters');
	});

	it('has the longest waits before a retry', () => {
		const longest = [1, 2, 3, 4, 5, 6].map((repeat) => backOff(repeat, () => 1) / 1000);
		expect(page).toContain(
			`at most ${longest.slice(0, -1).join(', ')} and ${longest.at(-1)} seconds`,
		);
		expect(longest.at(-1)).toBe(backOff(10, () => 1) / 1000);
	});

	it('has the waits of a tenant that throttles without a time', () => {
		const [least, most, longest] = [
			waitOfFlood(1, () => 0),
			waitOfFlood(1, () => 1),
			waitOfFlood(10, () => 1),
		].map((milliseconds) => milliseconds / 1000);
		expect(page).toContain(`${least} to ${most} seconds, doubling up to ${longest}`);
	});

	it('has the longest response to a deletion', () => {
		expect(page).toContain(`${LONGEST_BODY / 1024 / 1024} MB; to a query`);
	});
});
