import { describe, expect, it } from 'vitest';

import {
	holdsCode,
	mayDifferByItem,
} from '../../../../nodes/Nexthink/operations/settings/expression';
import { cpuMillisecondsOf } from '../../cpu-time.mts';

const SAME = [
	'',
	'a fixed text',
	'$json.uid, which is no expression',
	'=a text without code',
	'=price: $5',
	"={{ 'a text' }}",
	'={{ 1 }}',
	'={{ 2.5 * 4 - 3 }}',
	'={{ -1 }}',
	'={{ !true }}',
	'={{ (1 + 2) * 3 }}',
	'={{ $vars.batchSize }}',
	"={{ $vars['batch size'] }}",
	'={{ $vars.size ?? 100 }}',
	'={{ $vars.size?.toNumber() }}',
	'={{ $env.NEXTHINK_DRY_RUN === "true" }}',
	"={{ $execution.mode === 'test' }}",
	'={{ $execution.mode !== "test" && !$vars.live }}',
	'={{ $workflow.name }}',
	'={{ $workflow.name.startsWith("Test") ? true : false }}',
	'={{ $runIndex }}',
	'={{ $prevNode.name }}',
	'={{ $secrets.vault.uuid }}',
	"={{ $('Settings').first().json.x }}",
	'={{ $("Settings").first().json.x }}',
	"={{ $('Settings').last().json['a b'] }}",
	"={{ $('Settings').all().length }}",
	"={{ $('Äpfel & Birnen (2/3) $json').first().json.ä }}",
	'={{ $input.first().json.kind }}',
	'={{ $input.last().json.kind }}',
	'={{ $input.all().length > 10 }}',
	'={{ $input.all()[0].json.kind }}',
	"={{ $if($vars.live, 'strict', 'warn') }}",
	"={{ $ifEmpty($vars.field, 'uid') }}",
	'={{ $max(1, $min($vars.size, 100)) }}',
	'={{ Number($vars.size) }}',
	"={{ String($vars.size).trim().toLowerCase().split(',')[0] }}",
	'={{ JSON.parse($vars.devices) }}',
	'={{ "$json.uid" }}',
	'={{ "Math.random()" }}',
	'={{ $vars.a }} and {{ $vars.b }}',
	'=a {{ $vars.a }} b',
	'={{\n\t$vars.a\n}}',
	{ a: ['={{ $vars.a }}', { b: 7, c: null, d: undefined }] },
	7,
	true,
	null,
	undefined,
];

const MAY_DIFFER = [
	'={{ $json.kind }}',
	'={{$json.kind}}',
	'={{ $json["kind"] }}',
	"={{ $json['kind'] }}",
	'={{ $binary.data.fileName }}',
	'={{ $data.kind }}',
	'={{ $item(0).$json.kind }}',
	'={{ $input.item.json.kind }}',
	"={{ $input['item'].json.kind }}",
	'={{ $input?.item.json.kind }}',
	'={{ $input.first }}',
	"={{ $('Source').item.json.kind }}",
	"={{ $('Source')['item'].json.kind }}",
	"={{ $('Source').itemMatching(0).json.kind }}",
	"={{ $('Source').pairedItem().json.kind }}",
	"={{ $('Source').first($itemIndex).json.kind }}",
	"={{ $('Source').all()[$itemIndex].json.kind }}",
	"={{ $('So' + $json.rest).first().json.kind }}",
	'={{ $(`Source`).first().json.kind }}',
	'={{ $node["Source"].json.kind }}',
	'={{ $items()[$itemIndex].json.kind }}',
	'={{ $itemIndex }}',
	'={{ $position }}',
	'={{ $thisItem.json.kind }}',
	'={{ $thisItemIndex }}',
	'={{ $parameter.uidField }}',
	'={{ $fromAI("kind") }}',
	'={{ $tool.parameters }}',
	'={{ $evaluateExpression("$json.kind") }}',
	'={{ $jmespath($json, "kind") }}',
	'={{ $now }}',
	'={{ $now.toISO() }}',
	'={{ $today }}',
	'={{ DateTime.now() }}',
	'={{ new Date() }}',
	'={{ Date.now() }}',
	'={{ Math.random() }}',
	'={{ Math["random"]() }}',
	'={{ [1, 2].random() }}',
	'={{ [1, 2].randomItem() }}',
	'={{ [1, 2].randomItem?.() }}',
	'={{ [1, 2].shuffle() }}',
	'={{ $vars.list.randomItem() }}',
	'={{ $vars.list.randomItem () }}',
	'={{ $vars.list["randomItem"]() }}',
	'={{ $vars.list?.["randomItem"]?.() }}',
	'={{ ($vars.list.randomItem)() }}',
	'={{ $vars.list.randomItem/* */() }}',
	'={{ "2024-01-01".toDateTime().diffNow("days").days }}',
	'={{ "2024-01-01".toDateTime().diffNow?.("days").days }}',
	'={{ "2024-01-01".toDateTime()["diffNow"]("days") }}',
	'={{ ("2024-01-01".toDateTime()["diffNow"])("days") }}',
	'={{ "2024-01-01".toDateTime().diffNow.call("2024-01-01".toDateTime()) }}',
	'={{ "2024-01-01".toDateTime().isInLast(1, "days") }}',
	'={{ "2024-01-01".toDateTime().toRelative() }}',
	'={{ "x".toDateTime("HH:mm") }}',
	'={{ $vars.count++ }}',
	'={{ ++$vars.count }}',
	'={{ $vars.count-- }}',
	'={{ $vars.count = $vars.count + 1 }}',
	'={{ $vars.count += 1 }}',
	'={{ $vars.count ??= 1 }}',
	'={{ $input.all().shift().json.kind }}',
	'={{ $input.all().pop().json.kind }}',
	'={{ $input.all().map((item) => item.json.kind)[$itemIndex] }}',
	'={{ (() => $json.kind)() }}',
	'={{ (function () { return this })().$json.kind }}',
	'={{ `${$json.kind}` }}',
	'={{ `a` }}',
	'={{ /a/.test("a") }}',
	'={{ 1 / $itemIndex }}',
	"={{ '\\'' + $json.kind + '\\'' }}",
	'={{ "\'" + $json.kind + "\'" }}',
	"={{ '\"' + $json.kind + '\"' }}",
	'={{ "it\'s" + $json.kind + "it\'s" }}',
	"={{ '$(' - $json.kind - ').first()' }}",
	'={{ /"/.source + $json.kind + /"/.source }}',
	'={{ /* " */ $json.kind /* " */ }}',
	'={{ 1 // "\n+ $json.kind // " }}',
	'={{ "}}" + $json.kind }}',
	'={{ "a }} b" + $json.kind + "{{ c" }}',
	'={{ 1 \\}} + $json.kind }}',
	'={{ { a: $json.kind }.a }}',
	'={{ {"a": 1} }}',
	'={{ $json',
	'={{ \\u0024json.kind }}',
	'={{ this.$json.kind }}',
	"={{ this['$' + 'json'].kind }}",
	'={{ globalThis }}',
	'={{ unknown }}',
	'={{ $unknown }}',
	'={{ $varsOfItem.a }}',
	'={{ $vars$json }}',
	'={{ $vars.a }} {{ $json.kind }}',
	'={{ $json.kind }} {{ $vars.a }}',
	'={{ "a" }}{{ $json.kind }}',
	['={{ $vars.a }}', '={{ $json.kind }}'],
	{ a: { b: [{ c: '={{ $json.kind }}' }] } },
];

describe('whether a parameter may differ from item to item', () => {
	it.each(SAME)('%j cannot', (parameter) => {
		expect(mayDifferByItem(parameter)).toBe(false);
	});

	it.each(MAY_DIFFER)('%j may', (parameter) => {
		expect(mayDifferByItem(parameter)).toBe(true);
	});

	it('is known at once of a long expression', async () => {
		const took = await cpuMillisecondsOf(() => {
			for (const part of [' ', '(', '$vars.a ', '"a', '{{', '}}', '{{ ', ']   ', '1', 'a.', '?.']) {
				mayDifferByItem(`={{ ${part.repeat(20_000)} }}`);
			}
		});
		expect(took).toBeLessThan(2000);
	});
});

describe('whether a parameter holds code', () => {
	it.each([
		'={{ 1 }}',
		'=a text',
		'{{ $vars.a }}',
		"{{ $fromai('a') }}",
		[{ a: ['={{ 1 }}'] }],
		{ a: '{{ 1 }}' },
	])('%j does', (parameter) => {
		expect(holdsCode(parameter)).toBe(true);
	});

	it.each(['', 'device.uid', 'a = b', '{ }', 7, true, null, undefined, [], { a: ['b'] }])(
		'%j does not',
		(parameter) => {
			expect(holdsCode(parameter)).toBe(false);
		},
	);
});
