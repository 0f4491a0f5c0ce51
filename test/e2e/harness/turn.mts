let holder: string | undefined;

/**
 * One n8n at a time: with two of them on two cores some ended with a segmentation fault. Out: gives the turn back. Throws if another
 * n8n of this process is still running, because waiting for it would wait for ever.
 */
export function takeTurn(who: string): () => void {
	if (holder !== undefined) throw new Error(`One n8n at a time: ${holder} must end before ${who}.`);
	holder = who;
	return () => {
		holder = undefined;
	};
}
