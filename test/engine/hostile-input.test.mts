import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../simulator/client.mts';
import { startTenant, type Fault, type Tenant } from '../simulator/tenant.mts';
import {
	Deletion,
	type DeleteRun,
	deleteWorkflow,
	ON_ERROR_MODES,
	useTestBench,
} from './delete-workflow.mts';
import { textsOf } from './said-texts.mts';

const bench = useTestBench();

/** `FUZZ_SEED=… npm test` plays other inputs. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const RUNS = 100;
const fuzz = { seed: SEED, numRuns: RUNS };

/** Listens on this machine as well, and is named in every attempt to be reached; no credential names it. */
let elsewhere: Tenant;

beforeAll(async () => {
	console.log(`Hostile input: ${RUNS} cases each, seed ${SEED}.`);
	elsewhere = await startTenant({ devices: 0 });
});
afterEach(() => {
	const reached = [...elsewhere.requests];
	elsewhere.reset();
	expect(reached).toEqual([]);
});
afterAll(() => elsewhere.close());

/** Runs the node and checks what must hold whatever it is given. */
async function run(asked: DeleteRun): Promise<Deletion> {
	const before = bench.tenant.requests.length;
	const credential = asked.credential ?? bench.credential();
	const execution = await bench.engine.run(
		deleteWorkflow({ onError: 'continueRegularOutput', ...asked }),
		{ credentials: [credential] },
	);
	const deletion = new Deletion(execution, bench.tenant.requests.slice(before));
	for (const { uid, status } of deletion.statuses) {
		expect(STATUSES).toContain(status);
		if (status === 'SCHEDULED') expect(bench.tenant.ledger.has((uid ?? '').trim())).toBe(true);
	}
	expect(deletion.requests.filter(({ devices = [] }) => devices.length > 100)).toEqual([]);
	expectNoSecrets(deletion);
	return deletion;
}

const STATUSES = ['SCHEDULED', 'FAILED', 'INVALID', 'NOT_SENT', 'REJECTED', 'UNKNOWN', 'DRY_RUN'];

/** Neither secret nor bearer in anything that n8n keeps or shows. */
function expectNoSecrets(deletion: Deletion, more: readonly string[] = []): void {
	const { clientId, clientSecret, issuedTokens } = bench.tenant;
	const kept = [
		deletion.execution.saved,
		JSON.stringify(deletion.error ?? {}),
		...textsOf(deletion),
	].join('\n');
	const secrets = [clientSecret, basic(clientId, clientSecret).slice(6), ...issuedTokens, ...more];
	expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
}

/** Every device that a value could mean, wherever it stands in there. */
function devicesIn(value: unknown): string[] {
	if (typeof value !== 'object' || value === null) return [];
	const inner = Object.values(value).flatMap(devicesIn);
	const { uid, name } = value as Record<string, unknown>;
	if (typeof uid !== 'string' || typeof name !== 'string') return inner;
	return [...inner, deviceText({ uid: uid.trim(), name })];
}

function deviceText({ uid, name }: { uid: string; name: string }): string {
	return JSON.stringify([uid, name]);
}

function expectSentOnly({ requests }: Deletion, devices: readonly string[]): void {
	const sent = requests.flatMap(({ body }) =>
		(JSON.parse(body) as { devices: Array<{ uid: string; name: string }> }).devices.map(deviceText),
	);
	expect(sent.filter((device) => !devices.includes(device))).toEqual([]);
}

const text = fc.oneof(
	fc.string({ unit: 'grapheme' }),
	fc.string({ unit: 'binary' }),
	fc.uuid(),
	fc.constantFrom('', ' ', '__proto__', 'constructor', 'a\r\nHost: elsewhere', '"', '\\', '\u0000'),
);
const value = fc.oneof({ weight: 3, arbitrary: text }, fc.jsonValue());
const device = fc.record({ uid: value, name: value, more: fc.jsonValue() }, { requiredKeys: [] });
const list = fc.array(fc.oneof({ weight: 4, arbitrary: device }, fc.jsonValue()), { maxLength: 8 });

describe('a list of devices as JSON', () => {
	const given = fc.oneof(
		list,
		list.map((devices) => ({ devices })),
		list.map((devices) => JSON.stringify(devices)),
		list.map((devices) => JSON.stringify(devices).slice(0, -3)),
		fc.jsonValue(),
		text,
	);

	it('of any content makes no request for anything that is not in it', async () => {
		let requests = 0;
		await fc.assert(
			fc.asyncProperty(given, async (devices) => {
				const parameters = { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}' };
				const deletion = await run({ items: [{ list: devices }], parameters });

				expect(deletion.error).toBeUndefined();
				requests += deletion.requests.length;
				expectSentOnly(
					deletion,
					devicesIn(typeof devices === 'string' ? parsed(devices) : devices),
				);
			}),
			fuzz,
		);
		expect(requests).toBeGreaterThan(10);
	});

	it('typed into the node makes no request for anything that is not in it', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(
					list.map((devices) => JSON.stringify(devices)),
					text,
				),
				async (typed) => {
					fc.pre(!typed.startsWith('='));
					const parameters = { deviceSource: 'jsonList', devicesJson: typed };
					const deletion = await run({ items: [{}], parameters });

					expect(deletion.error).toBeUndefined();
					expectSentOnly(deletion, devicesIn(parsed(typed)));
				},
			),
			fuzz,
		);
	});

	function parsed(json: string): unknown {
		try {
			return JSON.parse(json) as unknown;
		} catch {
			return undefined;
		}
	}
});

describe('field paths', () => {
	const path = fc.oneof(
		{ weight: 4, arbitrary: fc.constantFrom('uid', 'name', 'a.uid', 'a.name') },
		text,
		fc.constantFrom(
			'uid',
			'name',
			'a.b',
			'a[b]',
			"['a']",
			'a[0]',
			'__proto__.uid',
			'toString.name',
		),
		fc.array(text, { maxLength: 4 }).map((keys) => keys.join('.')),
	);
	const json = fc.oneof(device, fc.dictionary(text, value, { maxKeys: 4 }), {
		weight: 3,
		arbitrary: fc.record({ a: fc.oneof(device, fc.array(value)), uid: text, name: text }),
	});

	it('of any form send only texts that stand in the items', async () => {
		let requests = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(json, { minLength: 1, maxLength: 5 }),
				path,
				path,
				async (items, uidField, nameField) => {
					fc.pre(!uidField.startsWith('=') && !nameField.startsWith('='));
					const deletion = await run({ items, parameters: { uidField, nameField } });

					// n8n itself refuses an empty field.
					if (uidField !== '' && nameField !== '') expect(deletion.error).toBeUndefined();
					requests += deletion.requests.length;
					const texts = new Set(items.flatMap(textsIn));
					const sent = deletion.requests.flatMap(({ devices = [] }) =>
						devices.flatMap(({ uid, name }) => [uid, name]),
					);
					expect(sent.filter((each) => !texts.has(each))).toEqual([]);
				},
			),
			fuzz,
		);
		expect(requests).toBeGreaterThan(10);
	});

	function textsIn(inner: unknown): string[] {
		if (typeof inner === 'string') return [inner, inner.trim()];
		if (typeof inner !== 'object' || inner === null) return [];
		return Object.values(inner).flatMap(textsIn);
	}
});

describe('options', () => {
	const whole = (least: number, most: number) => (given: unknown) =>
		typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most;
	const boolean = (given: unknown) => typeof given === 'boolean';
	const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

	/** What each may be; anything else must keep the node from sending. */
	const USABLE: Record<string, (given: unknown) => boolean> = {
		batchSize: whole(1, 100),
		concurrency: whole(1, 10),
		failOnUnscheduled: boolean,
		includeInputFields: boolean,
		maxRetries: whole(0, 10),
		maxRetryWait: whole(0, 1_000_000),
		// n8n hands out null as an empty text.
		requestId: (given) =>
			given === null || given === '' || (typeof given === 'string' && UUID.test(given)),
		timeout: whole(1, 1_000_000),
		uidValidation: (given) => ['strict', 'skip', 'warn', 'permissive'].includes(given as string),
	};

	const setting = fc.oneof(
		fc.integer({ min: -2, max: 120 }),
		fc.double({ noDefaultInfinity: true, noNaN: true }),
		fc.boolean(),
		text,
		fc.jsonValue(),
		fc.constantFrom('1', 'true', 'WARN', '1e2', 2 ** 53, -0),
	);

	it.each(Object.keys(USABLE))(
		'%s of any value sends nothing unless it is usable',
		async (name) => {
			await fc.assert(
				fc.asyncProperty(setting, async (given) => {
					fc.pre(given !== undefined && !(typeof given === 'string' && given.startsWith('=')));
					const options = { [name]: given } as INodeParameters;
					const deletion = await run({ items: bench.devices(2), options });

					expect(deletion.error).toBeUndefined();
					const isUsable = USABLE[name]!(given);
					expect(deletion.statusWords).toEqual(Array(2).fill(isUsable ? 'SCHEDULED' : 'NOT_SENT'));
					if (!isUsable) expect(deletion.allRequests).toEqual([]);
				}),
				{ ...fuzz, numRuns: 30 },
			);
		},
	);

	it.each([
		'a\r\nHost: elsewhere',
		'0f8fad5b-d9cb-469f-a165-70867728950e\r\nAuthorization: Basic eA==',
		'0f8fad5b-d9cb-469f-a165-70867728950e\n',
		'0f8fad5b-d9cb-469f-a165-70867728950e\u0000',
		'0f8fad5b-d9cb-469f-a165-70867728950e, x',
		'０f8fad5b-d9cb-469f-a165-70867728950e',
	])('a Request ID that brings a header with it sends nothing (%j)', async (requestId) => {
		const items = bench.devices(1).map((each) => ({ ...each, requestId }));

		for (const given of [requestId, '={{ $json.requestId }}']) {
			const deletion = await run({ items, options: { requestId: given } });

			expect(deletion.statusWords).toEqual(['NOT_SENT']);
			expect(deletion.allRequests).toEqual([]);
		}
	});
});

describe('a credential', () => {
	const separators = [
		'@',
		'#',
		'?',
		'/',
		'\\',
		'%2f',
		'%40',
		' ',
		'\t',
		'\r\n',
		'\u0000',
		':',
		'..',
		'。',
		'／',
		'',
	];
	const separator = fc.constantFrom(...separators);
	const host = () => new URL(elsewhere.origin).host;

	it('whose instance names a host sends nothing anywhere', async () => {
		const field = fc.tuple(fc.oneof(fc.constant(''), fc.constant('acme'), text), separator);
		await fc.assert(
			fc.asyncProperty(
				field,
				fc.constantFrom('eu', 'meta', 'pac', 'us', 'EU', '__proto__'),
				separator,
				async ([before, between], region, after) => {
					const instance = `${before}${between}${host()}${after}`;
					const credential = bench.credential({ region, instance });
					const deletion = await run({ items: bench.devices(1), credential });

					expect(deletion.statusWords).toEqual(['NOT_SENT']);
					expect(deletion.allRequests).toEqual([]);
				},
			),
			fuzz,
		);
	});

	it.each(['apiBaseUrl', 'tokenUrl'] as const)(
		'whose %s hides another host behind the first sends nothing there',
		async (field) => {
			await fc.assert(
				fc.asyncProperty(separator, fc.oneof(separator, text), async (between, after) => {
					const url = `${bench.tenant[field]}${between}${host()}${after}`;
					const credential = bench.credential({ [field]: url });
					const deletion = await run({ items: bench.devices(1), credential });

					expect(deletion.statusWords).not.toContain('SCHEDULED');
				}),
				{ ...fuzz, numRuns: 60 },
			);
		},
	);

	it('with any Client ID and Client Secret shows no secret', async () => {
		const printable = fc
			.string({ unit: 'grapheme', minLength: 12 })
			.filter((each) => !each.startsWith('='));
		await fc.assert(
			fc.asyncProperty(printable, printable, async (clientId, clientSecret) => {
				const credential = bench.credential({ clientId, clientSecret });
				const deletion = await run({
					items: bench.devices(1),
					credential,
					onError: 'stopWorkflow',
				});

				expect(deletion.requests).toEqual([]);
				expectNoSecrets(deletion, [clientSecret, basic(clientId, clientSecret).slice(6)]);
			}),
			{ ...fuzz, numRuns: 30 },
		);
	});
});

describe('a redirect to another host', () => {
	const STATUSES_OF_REDIRECTS = [301, 302, 303, 307, 308];

	it.each(STATUSES_OF_REDIRECTS)('(%i) of the API is not followed', async (status) => {
		const location = `${elsewhere.origin}/`;
		bench.tenant.faults.add({ route: 'deletions', play: { kind: 'redirect', status, location } });

		const deletion = await run({ items: bench.devices(1) });

		expect(deletion.statusWords).toEqual(['UNKNOWN']);
	});

	// n8n's own OAuth2 client follows it, and no setting keeps it from that.
	it.each(STATUSES_OF_REDIRECTS)(
		'(%i) of the login takes no secret and no device there',
		async (status) => {
			const location = `${elsewhere.origin}/`;
			const play: Fault = { kind: 'redirect', status, location };
			bench.tenant.faults.add({ route: 'token', times: Infinity, play });

			const deletion = await run({ items: bench.devices(1), options: { maxRetries: 0 } });

			expect(deletion.requests).toEqual([]);
			expect(deletion.statusWords).toEqual(['NOT_SENT']);
			for (const { headers, body } of elsewhere.requests) {
				expect(headers).not.toHaveProperty('authorization');
				expect(headers).not.toHaveProperty('cookie');
				expect(['', 'grant_type=client_credentials&scope=service%3Aintegration']).toContain(body);
			}
			elsewhere.reset();
		},
	);
});

describe('a server that repeats what it was sent', () => {
	const JWT = `eyJhbGciOiJSUzI1NiJ9.${'e30'.repeat(200)}.c2lnbmF0dXJl`;

	const echoes = (secret: string): Array<[where: string, fault: Fault]> => {
		const bodies = [
			['as it is', secret],
			['as a header', `Bearer ${secret}`],
			['in JSON', JSON.stringify({ authorization: `Bearer ${secret}` })],
			['after many words', `${'word '.repeat(90)}${secret}`],
		] as const;
		return bodies.flatMap(
			([how, said]): Array<[string, Fault]> => [
				...[400, 401, 403, 404, 413, 429, 500, 503].map((status): [string, Fault] => [
					`the message of a ${status}, ${how}`,
					{ kind: 'status', status, body: { code: 'LATER', message: said } },
				]),
				[
					`a code, ${how}`,
					{ kind: 'status', status: 400, body: { code: said, message: 'Words.' } },
				],
				[`a text, ${how}`, { kind: 'status', status: 400, body: said }],
				[
					`the status of a device, ${how}`,
					{
						kind: 'answer',
						change: ({ devices }) => ({
							devices: devices.map((each) => ({ ...each, status: said })),
						}),
					},
				],
				[
					`the headers of a 500, ${how}`,
					{ kind: 'status', status: 500, headers: headersWith(said) },
				],
				[
					`the headers of a 202, ${how}`,
					{ kind: 'answer', change: (body) => body, headers: headersWith(said) },
				],
			],
		);
	};

	const headersWith = (said: string) =>
		Object.fromEntries(
			['x-request-id', 'x-trace-id', 'retry-after', 'date', 'x-more'].map((name) => [name, said]),
		);

	it.each(ON_ERROR_MODES)(
		'in its answers to deletions gives away no bearer (%s)',
		async (onError) => {
			const credential = bench.credential();
			await run({ items: bench.devices(1), credential });
			const token = bench.tenant.issuedTokens.at(-1)!;

			for (const [where, play] of echoes(token)) {
				bench.tenant.faults.clear();
				bench.tenant.faults.add({ route: 'deletions', times: Infinity, play });
				const before = bench.tenant.issuedTokens.length;
				const options = { maxRetries: 0 };
				const deletion = await run({ items: bench.devices(2), credential, options, onError });

				expect(deletion.requests[0]!.bearer, where).toBeDefined();
				if (before === bench.tenant.issuedTokens.length) {
					expect(deletion.requests[0]!.bearer, where).toBe(bench.tenant.issuedTokens.at(-1));
				}
			}
		},
	);

	it.each(ON_ERROR_MODES)(
		'in its answers to deletions gives away no JSON Web Token (%s)',
		async (onError) => {
			let removed = 0;
			for (const [where, play] of echoes(JWT)) {
				bench.tenant.faults.clear();
				const token: Fault = {
					kind: 'status',
					status: 200,
					body: { access_token: JWT, token_type: 'Bearer' },
				};
				bench.tenant.faults.add({ route: 'token', times: Infinity, play: token });
				bench.tenant.faults.add({ route: 'deletions', times: Infinity, play });
				const deletion = await run({
					items: bench.devices(2),
					options: { maxRetries: 0 },
					onError,
				});

				expect(deletion.requests[0]!.bearer, where).toBe(JWT);
				expectNoSecrets(deletion, [JWT]);
				if (textsOf(deletion).some((each) => each.includes('[removed]'))) removed++;
			}
			expect(removed).toBeGreaterThan(10);
		},
	);

	it.each(ON_ERROR_MODES)('at its login gives away no secret (%s)', async (onError) => {
		const { clientId, clientSecret } = bench.tenant;
		for (const secret of [clientSecret, basic(clientId, clientSecret)]) {
			for (const status of [200, 400, 401, 403, 429, 500, 503]) {
				for (const body of [
					secret,
					{ error: secret, error_description: secret },
					{ error: 'invalid_client', error_description: secret },
					{ message: secret, code: secret },
				]) {
					bench.tenant.faults.clear();
					const play: Fault = { kind: 'status', status, body, headers: { 'x-request-id': secret } };
					bench.tenant.faults.add({ route: 'token', times: Infinity, play });
					const deletion = await run({
						items: bench.devices(1),
						options: { maxRetries: 0 },
						onError,
					});

					expect(deletion.requests).toEqual([]);
				}
			}
		}
	});
});
