import { existsSync } from 'node:fs';
import { chromium, selectors, type Browser } from 'playwright-core';

// n8n's attribute for tests, which Playwright's `getByTestId` then looks for.
selectors.setTestIdAttribute('data-test-id');

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine; `CHROMIUM` names another one. Throws, and says what to install, where there is none. */
export function chromiumBinary(): string {
	const named = process.env.CHROMIUM;
	const found = [...(named === undefined ? [] : [named]), ...PLACES].find(existsSync);
	if (found !== undefined) return found;
	throw new Error(
		"The tests of n8n's editor need Chromium. On Debian: apt-get install chromium fonts-liberation fonts-noto-color-emoji. Elsewhere install it and set CHROMIUM to its path.",
	);
}

/** Starts Chromium without a window, with a profile of its own that goes when it is closed. */
export async function launchChromium(): Promise<Browser> {
	return await chromium.launch({
		executablePath: chromiumBinary(),
		chromiumSandbox: false,
		args: [
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
}
