import { expect, it } from 'vitest';

import { search } from '../properties/search.mts';

/** Always the same ones, and few: they are played once for every mutant. */
it('150 random runs break no fact', async () => {
	expect(await search({ cases: 150, seed: 20_260_101, stopsAtFirst: true })).toEqual([]);
});
