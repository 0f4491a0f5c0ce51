import { compact, isEqual, mapKeys } from 'lodash';
import type { INodeProperties } from 'n8n-workflow';

import type { Group, Parameter, Parameters } from './parameter';

/** n8n's name for "the node is used as a tool of an AI Agent". */
export const AS_TOOL = { '@tool': [true] };

/** For which resource and operation parameters are shown. */
export interface Place {
	resource: string;
	operation: string;
	/** Whether the operation is offered to an AI Agent. */
	isTool: boolean;
}

type User = 'node' | 'tool';

/**
 * What the editor shows for the parameters of an operation. What differs for a tool is there twice: n8n offers to leave every parameter
 * that takes an expression to the model.
 */
export function parameterProperties(
	{ top, options }: Parameters,
	{ resource, operation, isTool }: Place,
): INodeProperties[] {
	const users: User[] = isTool ? ['node', 'tool'] : ['node'];
	const forUser = (property: INodeProperties, user?: User): INodeProperties => ({
		...property,
		displayOptions: {
			show: {
				...{ resource: [resource], operation: [operation] },
				// First, because n8n asks no further once a parameter that it asks for has an expression, and then takes all of it for shown.
				...(user === 'tool' && AS_TOOL),
				...property.displayOptions?.show,
			},
			...(user === 'node' && { hide: AS_TOOL }),
		},
	});
	const shown = Object.entries(top).flatMap(([name, parameter]) => {
		const notices = noticesOf(parameter).map((notice) => forUser(notice));
		const [ofNode, ofTool] = users.map((user) => propertyOf(name, parameter, user));
		return ofNode && isEqual(ofNode, ofTool)
			? [...notices, forUser(ofNode)]
			: compact([...notices, ofNode && forUser(ofNode, 'node'), ofTool && forUser(ofTool, 'tool')]);
	});
	return [...shown, ...users.map((user) => forUser(collectionOf(options, user), user))];
}

function noticesOf(parameter: Parameter | Group): INodeProperties[] {
	const notices = parameter.kind === 'value' ? (parameter.notices ?? []) : [];
	return notices.map(({ name, html, shownFor }) => ({
		...{ displayName: html, name, type: 'notice', default: '' },
		...(shownFor && { displayOptions: { show: shownFor } }),
	}));
}

function collectionOf(options: Parameters['options'], user: User): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: Object.entries(options).flatMap(
			([name, parameter]) => propertyOf(name, parameter, user, '/') ?? [],
		),
	};
}

/**
 * @param toTop what leads from its place to the parameters at the top
 * @returns undefined where this user has no such parameter
 */
function propertyOf(
	name: string,
	parameter: Parameter | Group,
	user: User,
	toTop = '',
): INodeProperties | undefined {
	const { offered, shown: ofTool, leftToModel } = parameter.forTool ?? {};
	if (offered === (user === 'tool' ? 'never' : 'only')) return undefined;
	const shownFor = parameter.kind === 'value' && parameter.shownFor;
	const property: INodeProperties = {
		...parameter.shown,
		name,
		...(user === 'tool' && ofTool),
		...(shownFor && { displayOptions: { show: mapKeys(shownFor, (_, path) => toTop + path) } }),
	};
	if (parameter.kind === 'group') {
		const values = Object.entries(parameter.fields).flatMap(
			([field, declared]) => propertyOf(field, declared, user) ?? [],
		);
		const row = { displayName: parameter.rowLabel, name: parameter.rowName, values };
		return { ...property, options: [row] };
	}
	const takesNoExpression =
		parameter.scope === 'fixed' || (user === 'tool' && leftToModel === undefined);
	return takesNoExpression ? { ...property, noDataExpression: true } : property;
}
