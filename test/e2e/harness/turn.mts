let holder: string | undefined;

/**
 * One n8n at a time in each file of tests: what happens on its machine can then be put down to it. Files run side by side. Out: gives the
 * turn back. Throws if another n8n of this process is still running, because waiting for it would wait for ever.
 */
export function takeTurn(who: string): () => void {
	if (holder !== undefined) throw new Error(`One n8n at a time: ${holder} must end before ${who}.`);
	holder = who;
	return () => {
		holder = undefined;
	};
}
