// Runs in a process of its own, without TypeScript and without the modules of this repository: what it can load, n8n can load.
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, join } = require('node:path');

const [packageFolder, ...modulesToTry] = process.argv.slice(2);
const { n8n } = require(join(packageFolder, 'package.json'));

/** As n8n does it: the name of the class is that of the file. */
function load(file) {
	const path = join(packageFolder, file);
	const className = basename(path).split('.')[0];
	const exported = require(path);
	return { path, exportedNames: Object.keys(exported), instance: new exported[className]() };
}

function iconsOf(path, icon) {
	return Object.entries(icon).map(([theme, address]) => {
		const file = join(dirname(path), address.replace(/^file:/, ''));
		return { theme, address, exists: existsSync(file) };
	});
}

const nodes = n8n.nodes.map((file) => {
	const { path, exportedNames, instance } = load(file);
	const { name, displayName, icon, properties, credentials } = instance.description;
	return {
		file,
		exportedNames,
		name,
		displayName,
		credentials,
		icons: iconsOf(path, icon),
		parameters: properties.length,
		executes: typeof instance.execute === 'function',
		codex: require(path.replace(/\.js$/, '.json')),
	};
});

const credentials = n8n.credentials.map((file) => {
	const { path, exportedNames, instance } = load(file);
	const { name, displayName, icon, properties, test } = instance;
	return {
		file,
		exportedNames,
		name,
		displayName,
		parents: instance.extends,
		icons: iconsOf(path, icon),
		fields: properties.length,
		testUrl: test.request.url,
	};
});

const requireFromNode = createRequire(join(packageFolder, n8n.nodes[0]));
const withinReach = modulesToTry.filter((module) => {
	try {
		requireFromNode.resolve(module);
		return true;
	} catch (error) {
		if (error.code !== 'MODULE_NOT_FOUND') throw error;
		return false;
	}
});

console.log(JSON.stringify({ nodes, credentials, withinReach }));
