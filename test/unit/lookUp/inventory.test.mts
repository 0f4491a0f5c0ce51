import { describe, expect, it } from 'vitest';

import { Inventory } from '../../../nodes/Nexthink/lookUp/inventory.ts';
import type { MatchRules } from '../../../nodes/Nexthink/lookUp/match.ts';

const RULES: MatchRules = {
	...{ matchColumn: 'device.name', uidColumn: 'device.uid', nameColumn: 'device.name' },
	...{ checkColumns: [], hostNameOnly: false, mayBeLocal: true },
};
const TITLES = ['device.uid', 'device.name', 'site'];

/** An inventory of these devices, by uid, name and site. */
function inventoryOf(
	questions: readonly string[],
	rows: readonly string[][],
	rules: Partial<MatchRules> = {},
): Inventory {
	const inventory = new Inventory(questions, { ...RULES, ...rules });
	for (const cells of [TITLES, ...rows]) expect(inventory.take(cells)).toBeUndefined();
	return inventory;
}

describe('an inventory', () => {
	it('gathers for each value the rows that have it, whole, in the order of the values', () => {
		const inventory = inventoryOf(
			['PC-2', 'PC-9', 'PC-1'],
			[
				['u-1', 'PC-1', 'Lyon'],
				['u-2', 'PC-2', ''],
				['u-3', 'PC-3', 'Oslo'],
			],
		);
		expect(inventory.deviceCount).toBe(3);
		expect(inventory.gathered()).toEqual([
			{ count: 1, rows: [{ 'device.uid': 'u-2', 'device.name': 'PC-2', site: '' }] },
			{ count: 0, rows: [] },
			{ count: 1, rows: [{ 'device.uid': 'u-1', 'device.name': 'PC-1', site: 'Lyon' }] },
		]);
	});

	it('gathers whatever Nexthink might take for equal', () => {
		const namesakes = ['STRASSE', 'straße', 'Straſſe ', 'ＳＴＲＡＳＳＥ', '\u00a0STRAẞE'];
		const others = ['strase', 'st rasse', 'STRASSE-1', ''];
		const inventory = inventoryOf(
			['Straße'],
			[...namesakes, ...others].map((name, position) => [`u-${position}`, name, '']),
		);
		const [{ count, rows }] = inventory.gathered() as [ReturnType<Inventory['gathered']>[number]];
		expect(count).toBe(namesakes.length);
		expect(rows.map((row) => row['device.name'])).toEqual(namesakes);
	});

	it('counts the rows that are more than five, and does not hold them', () => {
		const rows = Array.from({ length: 1000 }, (_, position) => [`u-${position}`, 'PC-1', '']);
		const [held] = inventoryOf(['pc-1'], rows).gathered();
		expect(held!.count).toBe(1000);
		expect(held!.rows).toEqual(Array(5).fill({ 'device.name': 'PC-1' }));
	});

	it('holds of namesakes what a person is told of them, and of one row all', () => {
		const rules: Partial<MatchRules> = {
			checkColumns: ['site'],
			lastSeen: { column: 'device.uid', minDays: 1 },
		};
		const one = ['u-1', 'PC-1', 'Lyon'];
		const other = ['u-2', 'pc-1', 'Oslo'];
		expect(inventoryOf(['PC-1'], [one], rules).gathered()[0]!.rows).toEqual([
			{ 'device.uid': 'u-1', 'device.name': 'PC-1', site: 'Lyon' },
		]);
		expect(inventoryOf(['PC-1'], [one, other], rules).gathered()[0]).toEqual({
			count: 2,
			rows: [
				{ 'device.name': 'PC-1', site: 'Lyon' },
				{ 'device.name': 'pc-1', site: 'Oslo' },
			],
		});
	});

	it('looks in the match column, whatever the others have', () => {
		const rows = [
			['PC-1', 'PC-2', 'PC-3'],
			['PC-3', 'PC-1', 'PC-2'],
		];
		const bySite = inventoryOf(['PC-3'], rows, { matchColumn: 'site' }).gathered();
		expect(bySite.map(({ count }) => count)).toEqual([1]);
		expect(bySite[0]!.rows[0]).toMatchObject({ 'device.uid': 'PC-1' });
		const byUid = inventoryOf(['PC-3'], rows, { matchColumn: 'device.uid' }).gathered();
		expect(byUid[0]!.rows[0]).toMatchObject({ site: 'PC-2' });
	});

	it('gathers names with a domain and without one where host names are looked up', () => {
		const rows = ['pc1', 'PC1.corp.example', 'pc1.', 'pc10', 'pc1-corp'].map((name) => [
			'u',
			name,
			'',
		]);
		const count = (rules: Partial<MatchRules>) =>
			inventoryOf(['pc1'], rows, rules).gathered()[0]!.count;
		expect(count({ hostNameOnly: true })).toBe(3);
		expect(count({ hostNameOnly: false })).toBe(1);
	});

	it('keeps what it was given, whatever becomes of the cells', () => {
		const inventory = new Inventory(['PC-1'], RULES);
		inventory.take(TITLES);
		const cells = ['u-1', 'PC-1', 'Lyon'];
		inventory.take(cells);
		cells.fill('changed');
		expect(inventory.gathered()[0]!.rows).toEqual([
			{ 'device.uid': 'u-1', 'device.name': 'PC-1', site: 'Lyon' },
		]);
	});

	it('takes a column of any name for a column', () => {
		const inventory = new Inventory(['PC-1'], RULES);
		inventory.take(['__proto__', 'device.uid', 'constructor', 'device.name']);
		inventory.take(['a', 'u-1', 'b', 'PC-1']);
		const [row] = inventory.gathered()[0]!.rows;
		expect(Object.entries(row!)).toEqual([
			['__proto__', 'a'],
			['device.uid', 'u-1'],
			['constructor', 'b'],
			['device.name', 'PC-1'],
		]);
	});
});

describe('a file', () => {
	const checked: Partial<MatchRules> = {
		checkColumns: ['serial'],
		lastSeen: { column: 'seen', minDays: 1 },
	};

	it.each<[titles: string[], rules: Partial<MatchRules>, missing: string]>([
		[['device.uid'], {}, 'device.name'],
		[['device.name'], {}, 'device.uid'],
		[['Device.Name', 'device.uid'], {}, 'device.name'],
		[['device.name ', 'device.uid'], {}, 'device.name'],
		[[], {}, 'device.name'],
		[['device.uid', 'device.name'], checked, 'serial'],
		[['device.uid', 'device.name', 'serial'], checked, 'seen'],
		[['device.uid', 'device.name'], { matchColumn: 'serial' }, 'serial'],
	])('with the titles %j lacks a column', (titles, rules, missing) => {
		const inventory = new Inventory(['PC-1'], { ...RULES, ...rules });
		expect(inventory.take(titles)).toBe(`It has no column "${missing}".`);
		expect(inventory.missingColumn).toBe(missing);
		expect(inventory.titles).toEqual(titles);
	});

	it.each<[titles: string[], doubled: string]>([
		[['device.uid', 'device.name', 'device.name'], 'device.name'],
		[['device.uid', 'device.name', 'site', 'device.uid'], 'device.uid'],
		[['device.uid', 'device.name', 'serial', 'seen', 'serial'], 'serial'],
		[['seen', 'device.uid', 'device.name', 'serial', 'seen'], 'seen'],
		// Nobody needs it, and Device > Delete may be given its value.
		[['site', 'device.uid', 'device.name', 'site'], 'site'],
		[['', 'device.uid', 'device.name', ''], ''],
	])('with the titles %j has a column twice', (titles, doubled) => {
		const inventory = new Inventory(['PC-1'], { ...RULES, ...checked });
		expect(
			inventory.take([...titles, ...['serial', 'seen'].filter((each) => !titles.includes(each))]),
		).toBe(`It has more than one column ${doubled === '' ? 'without a title' : `"${doubled}"`}.`);
		expect(inventory.missingColumn).toBeUndefined();
	});

	it.each([
		['in the same order', TITLES],
		['in another order', ['device.name', 'site', 'device.uid']],
		['with others between them', ['device.name', 'device.uid', 'serial']],
	])('that repeats its titles %s is perhaps several files', (_, titles) => {
		const inventory = inventoryOf(['PC-1'], [['u-1', 'PC-1', 'Lyon']]);
		expect(inventory.take(titles)).toBe(
			'It repeats its titles, so it might be several files in one.',
		);
	});

	it('that is empty has no titles', () => {
		expect(new Inventory(['PC-1'], RULES).titles).toEqual([]);
	});

	it('may have a device that is called as one of its titles', () => {
		const rows = [['u-1', 'device.uid', 'Lyon']];
		const [held] = inventoryOf(['device.uid'], rows).gathered();
		expect(held).toMatchObject({ count: 1, rows: [{ 'device.uid': 'u-1' }] });
	});

	it('with 1,000,000 rows may lack some, and with one fewer does not', () => {
		const inventory = new Inventory(['PC-1'], RULES);
		inventory.take(TITLES);
		const cells = ['u-1', 'PC-2', ''];
		for (let row = 1; row < 1_000_000; row++) {
			if (inventory.take(cells) !== undefined) throw new Error(`Row ${row} was refused.`);
		}
		expect(inventory.deviceCount).toBe(999_999);
		expect(inventory.take(cells)).toBe(
			'It has 1,000,000 rows, the most that Nexthink exports, so devices might be missing.',
		);
	});
});
