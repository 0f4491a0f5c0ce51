import { looseKey } from '../input/sameText';
import { isVisible } from '../input/usableText';

/** What stands before the first dot of a name. */
export function hostOf(name: string): string {
	return name.split('.', 1)[0]!;
}

/** The same for all names whose host names Nexthink might take for equal, whatever kind of dot follows them. */
export function looseHostKey(name: string): string {
	return looseKey(hostOf(looseKey(name).replaceAll('\u3002', '.')));
}

/** What stands behind it, without case and without a dot at the end; empty where there is no domain. */
export function domainOf(name: string): string {
	return name
		.slice(hostOf(name).length + 1)
		.replace(/\.+$/, '')
		.trim()
		.toLowerCase();
}

/** Why a name has no host name: a sentence. */
export function whyNoHost(name: string): string | undefined {
	if (/^\d[\d.]*\.[\d.]*$/.test(name.trim()) || name.includes(':')) {
		return 'The name is an IP address, which has no host name. Look up the device by its name.';
	}
	return isVisible(hostOf(name)) ? undefined : 'The name is empty before its first dot.';
}
