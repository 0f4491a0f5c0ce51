const { execFileSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { dest, parallel, series, src } = require('gulp');

async function clean() {
	rmSync('dist', { recursive: true, force: true });
}

async function compile() {
	execFileSync(process.execPath, [require.resolve('typescript/bin/tsc')], { stdio: 'inherit' });
}

// Without `encoding: false` gulp 5 would decode binary icons as text.
function copyIconsAndCodex() {
	return src('nodes/**/*.{svg,png,node.json}', { encoding: false }).pipe(dest('dist/nodes'));
}

function copyCredentialIcons() {
	return src('nodes/Nexthink/*.svg', { encoding: false }).pipe(dest('dist/credentials'));
}

exports.build = series(clean, parallel(compile, copyIconsAndCodex, copyCredentialIcons));
