import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../api/failure';
import { hostsOf, type Hosts } from '../api/hosts';
import { CREDENTIAL_TYPE } from '../api/attempt';
import { failureOfRefusal, Refusal } from './settings/refusal';

/** What the credential says of the way to Nexthink. */
export interface Access {
	hosts: Hosts;
}

/** The way to Nexthink, or why the run is refused. */
export type AccessOrRefusal =
	| { access: Access; refusal?: undefined }
	| { access?: undefined; refusal: Failure };

/**
 * Reads the credential, unless the run is refused already. Never throws.
 *
 * @param refused why it is
 */
export async function readAccess(
	context: IExecuteFunctions,
	refused: Refusal | undefined,
): Promise<AccessOrRefusal> {
	try {
		if (refused !== undefined) throw refused;
		const hosts = hostsOf(await context.getCredentials(CREDENTIAL_TYPE));
		if ('refused' in hosts) throw new Refusal(`The credential can't be used: ${hosts.refused}`);
		return { access: { hosts } };
	} catch (error) {
		return { refusal: failureOfRefusal(error) };
	}
}
