/** What this many draws haven't shown doesn't occur. */
const MOST_DRAWS = 10;

/**
 * Draws random cases until all of what must occur has occurred: facts that hold in every case mean little of what no case has met, and what
 * is rare is missing in one draw out of many.
 *
 * @param draw plays the cases of a seed; each draw has the next one
 */
export async function drawUntil(
	hasOccurred: () => boolean,
	seed: number,
	draw: (seed: number) => void | Promise<void>,
): Promise<void> {
	for (let nth = 0; nth < MOST_DRAWS; nth++) {
		await draw(seed + nth);
		if (hasOccurred()) return;
	}
}
