// One process runs many test files: what one of them leaves behind would reach all that follow.
import { afterAll, expect } from 'vitest';

const SIGNALS_AND_ERRORS = [
	'SIGINT',
	'SIGTERM',
	'SIGHUP',
	'uncaughtException',
	'unhandledRejection',
];

const before = surroundings();
afterAll(() => {
	expect(surroundings(), 'what a test file has changed for others').toEqual(before);
});

function surroundings(): object {
	return {
		environment: { ...process.env },
		folder: process.cwd(),
		clock: [Date, Date.now, Math.random, performance.now, setTimeout, setInterval],
		network: [fetch],
		// With what they hold, since a method can be replaced, too.
		prototypes: [Object, Array, Function, String, Promise].map(({ prototype }) =>
			Reflect.ownKeys(prototype).map((key) => [
				key,
				...Object.values(Reflect.getOwnPropertyDescriptor(prototype, key)!),
			]),
		),
		listeners: SIGNALS_AND_ERRORS.map((event) => [event, process.listenerCount(event)]),
	};
}
