import { isEmpty, isPlainObject, toPath } from 'lodash';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { plainText } from '../api/plainText';
import { ownValue } from '../input/ownValue';
import { visibleText } from '../input/visibleText';
import { isExpression } from './settings/expression';
import { Refusal } from './settings/refusal';

/**
 * Reads a field by its name: an own key of that very name first, because exports of Nexthink have keys such as "device.uid", else as a
 * path with dots and brackets, as the editor writes it. Inherited properties are no fields. Titles of CSV files often begin with a byte
 * order mark or end with a space: the one key that differs in nothing else is taken, too.
 */
export function fieldReader(field: string): (json: IDataObject) => unknown {
	const path = toPath(field);
	return (json) => {
		if (Object.hasOwn(json, field)) return json[field];
		const value = path.length === 0 ? undefined : path.reduce<unknown>(ownValue, json);
		if (value !== undefined) return value;
		// JavaScript counts the byte order mark among the spaces.
		const alike = Object.keys(json).filter((key) => key.trim() === field.trim());
		return alike.length === 1 ? json[alike[0]!] : undefined;
	};
}

/** The objects that the path to a field leads through, the json of the item first. */
export function holdersOf(field: string): (json: IDataObject) => unknown[] {
	const steps = toPath(field).slice(0, -1);
	return (json) => {
		const holders: unknown[] = [json];
		for (const step of steps) holders.push(ownValue(holders.at(-1), step));
		return holders;
	};
}

/** n8n makes a sole empty item where a node before has none (its setting Always Output Data): an empty list. */
export function isSoleEmptyItem([first, second]: readonly INodeExecutionData[]): boolean {
	const isSole = first !== undefined && second === undefined;
	return isSole && isEmpty(first.json) && first.binary === undefined;
}

/** A parameter that names a field of the input, and what the items have there. */
export interface NamedField {
	label: string;
	/** The parameter as the workflow has it. */
	raw: unknown;
	field: string;
	values: readonly unknown[];
	/** The json of the first item, or none. */
	firstItem?: IDataObject;
	adviceOnExpression?: string;
	/** Whether a value, of whatever type, can be of use. */
	isUsable: (value: unknown) => boolean;
}

export function isText(value: unknown): value is string {
	return typeof value === 'string';
}

/**
 * Why a whole run is refused for one of its fields: what the items have there is of no use, so it is most likely the wrong field, and
 * not hundreds of incomplete items.
 */
export function refusedField(named: NamedField): Refusal | undefined {
	const { label, field, values, firstItem, isUsable } = named;
	const isOfUse = (value: unknown) => value !== undefined && isUsable(value);
	if (values.length === 0 || values.some(isOfUse)) return undefined;
	const shown = `"${plainText(visibleText(field), 100)}"`;
	if (values.every((value) => value === undefined)) {
		return new Refusal(
			`No input item has a field ${shown}, which ${label} names. ${keysOf(firstItem)}`,
			isExpression(named.raw)
				? named.adviceOnExpression
				: `Set ${label} to one of these fields. If you dragged the field from an earlier node, drag it from the node right before this one.`,
		);
	}
	const object = values.find((value) => isPlainObject(value));
	const paths = object === undefined ? [] : textPathsOf(object as IDataObject, field);
	return new Refusal(
		`No input item has text in the field ${shown}, which ${label} names: its values are ${kindsOf(values)}`,
		paths.length === 0
			? `Set ${label} to a field with text. ${keysOf(firstItem)}`
			: `Set ${label} to a path that leads to text: ${paths.join(' or ')}.`,
	);
}

function kindsOf(values: readonly unknown[]): string {
	const kinds = values.map((value) => {
		if (value === null || value === undefined) return 'empty';
		return Array.isArray(value) ? 'lists' : `${typeof value}s`;
	});
	return [...new Set(kinds)].slice(0, 3).join(' or ');
}

/** Paths to texts right inside an object, as the parameter takes them. */
function textPathsOf(object: IDataObject, field: string): string[] {
	return Object.keys(object)
		.filter((key) => typeof object[key] === 'string')
		.slice(0, MOST_PATHS)
		.map((key) => plainText(/^\w+$/.test(key) ? `${field}.${key}` : `${field}['${key}']`, 100))
		.map((path) => `"${path}"`);
}

const MOST_PATHS = 5;

/** The fields of an item or a row, for a message about one that it does not have. */
export function keysOf(fields: object | undefined, whose = 'The first item'): string {
	const keys = Object.keys(fields ?? {});
	if (keys.length === 0) return `${whose} has no fields at all.`;
	const shown = keys
		.slice(0, MOST_KEYS)
		.map((key) => `"${plainText(visibleText(key.slice(0, 100)), 60)}"`);
	const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : '';
	return `${whose} has these fields: ${shown.join(', ')}${more}.`;
}

const MOST_KEYS = 20;
