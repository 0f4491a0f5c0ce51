import type { Cost, ProfileSums } from './profile.mts';

/** A part of the work and what was done about it, for the page. */
interface Part {
	readonly what: string;
	readonly about: string;
	owns(owner: string): boolean;
}

const PARTS: readonly Part[] = [
	{
		what: "n8n's request: axios, streams, a new agent and a new connection each time",
		about:
			'As few requests as can be: 100 devices in each, and no request for what is known without one. Connections cannot be kept: n8n makes an agent for each call, whatever a node asks for.',
		owns: (owner) =>
			['Node.js', 'Node.js, compiled', 'axios', 'follow-redirects', 'form-data'].includes(owner),
	},
	{
		what: "n8n's credential: reading it from the database, decrypting it and resolving its expressions, anew for each request",
		about:
			'Not to be had for less by a node that leaves the bearer to n8n, as a verified node does. The credential has as few expressions as its fields allow, and the node itself reads it once.',
		owns: (owner) =>
			/^(?:n8n-(?:core|workflow)|n8n|@n8n\/.*|luxon|typeorm|sqlite3|lodash|zod|reflect-metadata|esprima-next|recast|ast-types|isolated-vm)$/.test(
				owner,
			),
	},
	{
		what: 'V8: collection of garbage',
		about:
			'The node makes no copy of the list, cuts a batch only when its turn comes, and shares one record of a request among its devices.',
		owns: (owner) => owner === '(garbage collector)',
	},
	{
		what: 'V8 and the system, outside of JavaScript',
		about: 'Mostly sockets being opened and closed; it goes with the requests.',
		owns: (owner) => owner === '(program)',
	},
	{
		what: 'This node: plan, batches, answers, items',
		about:
			'Fields are read by their names without an expression, each parameter once. The devices of an answer are read without a schema for each of them, which had been the largest cost of the node: reading answers takes a fraction of the time since.',
		owns: (owner) => owner === 'n8n-nodes-nexthink',
	},
];

export interface CostOfPart {
	readonly what: string;
	readonly about: string;
	readonly milliseconds: number;
	readonly share: number;
}

/** The parts of the work, the largest first. */
export function costsOfParts({ byOwner }: ProfileSums): CostOfPart[] {
	return PARTS.map(({ what, about, owns }) => {
		const owned = byOwner.filter(({ where }) => owns(where));
		return { what, about, milliseconds: sum(owned, 'milliseconds'), share: sum(owned, 'share') };
	}).sort((one, other) => other.share - one.share);
}

function sum(costs: readonly Cost[], field: 'milliseconds' | 'share'): number {
	return costs.reduce((total, cost) => total + cost[field], 0);
}
