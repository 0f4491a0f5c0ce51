/** What two draws out of a hundred miss, three in a row miss once in a hundred thousand. */
const MOST_DRAWS = 3;

/**
 * Draws random cases until all of what must occur has occurred: facts that hold in every case mean little of what no case has met, and what
 * is rare is missing in one draw out of many.
 *
 * @param draw plays the cases of a seed; each draw has the next one. Out: whether a fact was broken, which is told at once
 */
export async function drawUntil(
	hasOccurred: () => boolean,
	seed: number,
	draw: (seed: number) => boolean | Promise<boolean>,
): Promise<void> {
	for (let nth = 0; nth < MOST_DRAWS; nth++) {
		if ((await draw(seed + nth)) || hasOccurred()) return;
	}
}
